from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse, run_wsgi_app

from digitapp.web.guard import Guard
from digitapp.web.replies import SECURITY
from tests.web.client import BEARER, TOKEN

OWN = "http://127.0.0.1:8000"


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "max-age=60")])
    return [b"hello"]


def send(method: str, path: str, token: str | None, headers: dict[str, str]) -> TestResponse:
    client = Client(Guard(hello, token))
    return client.open(path, method=method, base_url=OWN, headers=headers)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("127.0.0.1:1", 200),
        ("192.168.1.20:8000", 200),
        ("10.0.0.5", 200),
        ("localhost", 200),
        ("localhost:5000", 200),
        ("LocalHost:5000", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("[fd00::5]:8000", 200),
        ("0.0.0.0", 403),
        ("0.0.0.0:8000", 403),
        ("[::]:8000", 403),
        ("[0:0:0:0:0:0:0:0]", 403),
        ("evil.example", 403),
        ("evil.example:8000", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.", 403),
        ("127.1", 403),
        ("2130706433", 403),
        ("0x7f.0.0.1", 403),
        ("127.0.0.1:8000, evil.example", 403),
        ("user@127.0.0.1", 403),
        ("127.0.0.1:", 403),
        ("127.0.0.1:http", 403),
        ("::1", 403),
        ("[127.0.0.1]", 403),
        ("[fe80::1%25eth0]", 403),
        ("127.0.0.1/", 403),
        (" ", 403),
    ],
)
def test_only_addresses_and_localhost_are_our_host(host: str, status: int) -> None:
    response = send("GET", "/", TOKEN, {"Host": host})
    assert response.status_code == status
    assert status == 200 or response.get_json()["error"]["code"] == "forbidden"


def test_a_request_without_a_host_is_refused() -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": "http"}
    body, status, _ = run_wsgi_app(Guard(hello, None), environ)
    assert status == "400 Bad Request"
    assert b"bad-request" in b"".join(body)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/api/x", {}, 200),
        ("POST", "/api/x", {"Origin": OWN}, 200),
        ("POST", "/api/x", {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", "/api/x", {"Sec-Fetch-Site": "none"}, 200),
        ("GET", "/api/x", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("GET", "/", {"Sec-Fetch-Site": "cross-site"}, 200),
        ("POST", "/api/x", {"Origin": "null"}, 403),
        ("POST", "/api/x", {"Origin": ""}, 403),
        ("POST", "/api/x", {"Origin": "https://127.0.0.1:8000"}, 403),
        ("POST", "/api/x", {"Origin": "http://127.0.0.1:8001"}, 403),
        ("POST", "/api/x", {"Origin": "http://127.0.0.1"}, 403),
        ("POST", "/api/x", {"Origin": "http://localhost:8000"}, 403),
        ("POST", "/api/x", {"Origin": f"{OWN}.evil.example"}, 403),
        ("POST", "/api/x", {"Origin": f"{OWN}/"}, 403),
        ("POST", "/api/x", {"Origin": "http://evil.example"}, 403),
        ("POST", "/api/x", {"Origin": OWN, "Sec-Fetch-Site": "same-site"}, 403),
        ("POST", "/api/x", {"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/api/x", {"Sec-Fetch-Site": "SAME-ORIGIN"}, 403),
        ("PUT", "/", {"Origin": "http://evil.example"}, 403),
        ("DELETE", "/", {"Origin": "null"}, 403),
        ("PATCH", "/", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("PROPFIND", "/", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", "/api/x", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("OPTIONS", "/api/x", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_other_origins_start_nothing(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = send(method, path, TOKEN, {**BEARER, **headers})
    assert response.status_code == status
    assert status == 200 or response.get_json()["error"]["code"] == "forbidden"


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/", None, 200),
        ("/healthz", None, 200),
        ("/static/app.js", None, 200),
        ("/apiary", None, 200),
        ("/api/model", f"Bearer {TOKEN}", 200),
        ("/api/model", f"bearer {TOKEN}", 200),
        ("/api/model", f"Bearer  {TOKEN} ", 200),
        ("/api/model", None, 401),
        ("/api/", None, 401),
        ("/api/unknown", None, 401),
        ("///api/model", None, 401),
        ("/%61pi/model", None, 401),
        ("/api/model", "", 401),
        ("/api/model", "Bearer", 401),
        ("/api/model", "Bearer ", 401),
        ("/api/model", TOKEN, 401),
        ("/api/model", f"Basic {TOKEN}", 401),
        ("/api/model", f"Bearer {TOKEN}x", 401),
        ("/api/model", f"Bearer {TOKEN[:-1]}", 401),
        ("/api/model", f"Bearer {TOKEN.upper()}", 401),
        ("/api/model", f"Bearer {TOKEN}, Bearer {TOKEN}", 401),
        ("/api/model", "Bearer \xe9\xff", 401),
        (f"/api/model?token={TOKEN}", None, 401),
    ],
)
def test_the_api_asks_for_the_token(path: str, authorization: str | None, status: int) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = send("GET", path, TOKEN, headers)
    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert status == 200 or response.get_json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("path", ["/api/x", "//api/x", "///api/x", "api/x", "/api/"])
def test_slashes_hide_nothing(path: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "[::1]"}
    _, status, _ = run_wsgi_app(Guard(hello, TOKEN), {**environ, "wsgi.url_scheme": "http"})
    assert status == "401 Unauthorized"


def test_no_token_asks_for_none_and_still_checks_the_rest() -> None:
    assert send("GET", "/api/model", None, {}).status_code == 200
    assert send("GET", "/api/model", None, {"Host": "evil.example"}).status_code == 403
    assert send("POST", "/api/model", None, {"Origin": "null"}).status_code == 403


def test_an_empty_token_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="guards nothing"):
        Guard(hello, "")


def test_a_token_may_hold_any_letters() -> None:
    client = Client(Guard(hello, "clé"))
    sent = "Bearer " + "clé".encode().decode("latin-1")
    headers = {"Authorization": sent}
    assert client.get("/api/x", base_url=OWN, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/model"])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
@pytest.mark.parametrize("token", [TOKEN, None])
def test_every_response_carries_the_security_headers(
    path: str, host: str, token: str | None
) -> None:
    response = send("GET", path, token, {"Host": host})
    for name, value in SECURITY:
        assert response.headers.getlist(name) == [value]
    if path.startswith("/api/"):
        assert response.headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_head_has_no_body(host: str) -> None:
    assert send("HEAD", "/api/model", TOKEN, {"Host": host}).data == b""


def test_every_app_is_guarded_whatever_serves_it(app: Flask) -> None:
    response = app.test_client().get("/healthz", base_url="http://evil.example")
    assert response.status_code == 403
