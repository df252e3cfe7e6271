from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse, run_wsgi_app

from digitapp.web.guard import Guard
from digitapp.web.http.replies import SECURITY
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
        ("[::ffff:0.0.0.0]:8000", 403),
        ("[::ffff:0:0]", 403),
        ("[::ffff:127.0.0.1]", 200),
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
        ("POST", "/api/x", {"Origin": "file://"}, 403),
        ("POST", "/api/x", {"Origin": "http://[::1]:8000"}, 403),
        ("POST", "/api/x", {"Origin": f"{OWN}@evil.example"}, 403),
        ("POST", "/api/x", {"Origin": f"{OWN} http://evil.example"}, 403),
        ("POST", "/api/x", {"Origin": f"{OWN}, http://evil.example"}, 403),
        ("POST", "/api/x", {"Origin": "http://127.0.0.1:08000"}, 403),
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


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("digits.school.example", 200),
        ("DIGITS.school.example:443", 200),
        ("my-laptop", 200),
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("school.example", 403),
        ("evil.digits.school.example", 403),
        ("digits.school.example.", 403),
        ("digits.school.example:8000:1", 403),
        ("digits.school.example, 127.0.0.1", 403),
        ("0.0.0.0", 403),
    ],
)
def test_names_that_are_allowed(host: str, status: int) -> None:
    guard = Guard(hello, None, ["Digits.School.example", "my-laptop"])
    response = Client(guard).get("/", base_url=OWN, headers={"Host": host})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("digits.example", "https://digits.example", 200),
        ("digits.example", "http://digits.example", 200),
        ("digits.example:8443", "https://digits.example:8443", 200),
        ("digits.example", "https://digits.example:8443", 403),
        ("digits.example", "https://evil.example", 403),
        ("digits.example", "null", 403),
        ("127.0.0.1:8000", "https://127.0.0.1:8000", 403),
    ],
)
def test_a_name_may_be_asked_over_tls(host: str, origin: str, status: int) -> None:
    guard = Guard(hello, TOKEN, ["digits.example"])
    headers = BEARER | {"Host": host, "Origin": origin}
    response = Client(guard).post("/api/recognize", base_url=OWN, headers=headers)
    assert response.status_code == status


def knock(client: Client, token: str | None, address: str = "10.0.0.7") -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    environ = {"REMOTE_ADDR": address}
    return client.get("/api/model", OWN, headers=headers, environ_overrides=environ).status_code


def test_guesses_are_counted_and_the_right_token_is_always_heard() -> None:
    client = Client(Guard(hello, TOKEN))
    assert [knock(client, f"guess {number}") for number in range(12)] == [401] * 10 + [429] * 2
    assert knock(client, TOKEN) == 200
    assert knock(client, "another guess") == 429
    assert knock(client, None) == 401  # who sends none does not guess
    assert knock(client, "a guess", "10.0.0.8") == 401


def test_a_guess_too_many_tells_when_to_come_back() -> None:
    client = Client(Guard(hello, TOKEN))
    for _ in range(10):
        knock(client, "guess")
    refused = client.get(
        "/api/model",
        OWN,
        headers={"Authorization": "Bearer guess"},
        environ_overrides={"REMOTE_ADDR": "10.0.0.7"},
    )
    assert refused.json is not None
    assert refused.json["error"]["code"] == "too-many-requests"
    assert 50 <= int(refused.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(("address", "most"), [("10.0.0.7", 3), ("127.0.0.1", 20), ("::1", 20)])
def test_the_rate_is_of_other_devices(address: str, most: int) -> None:
    client = Client(Guard(hello, TOKEN, rate=3))
    statuses = [knock(client, TOKEN, address) for _ in range(20)]
    assert statuses[:most] == [200] * most
    assert statuses.count(429) >= 20 - most - 1


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/", True),
        ("/docs", True),
        ("/nowhere", True),
        ("/static/app.js", False),
        ("/healthz", False),
        ("/readyz", False),
    ],
)
def test_what_the_rate_counts(path: str, counted: bool) -> None:
    client = Client(Guard(hello, TOKEN, rate=1))
    environ = {"REMOTE_ADDR": "10.0.0.7"}
    answers = [client.get(path, OWN, environ_overrides=environ).status_code for _ in range(9)]
    assert (429 in answers) == counted
