"""What holds for every route, found by walking the app's own map of them."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from digitapp.web.http.replies import SECURITY
from tests.web.client import BEARER

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def paths(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("digitapp.web.api.POLL_S", 0.0)
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert len(rules) >= 8
    filled = [rule.replace("<path:filename>", "app.js").replace("<id>", "x") for rule in rules]
    return [*filled, "/nothing", "/api/nothing"]


def everything(app: Flask, paths: list[str], headers: dict[str, str]) -> list[TestResponse]:
    """Each method on each path."""
    client = app.test_client()
    local = {"Host": "127.0.0.1", **headers}
    return [
        client.open(path, method=method, headers=local, buffered=True)
        for path in paths
        for method in METHODS
    ]


@pytest.mark.parametrize("headers", [{}, BEARER, {"Host": "evil.example"}])
def test_every_response_carries_the_security_headers(
    app: Flask, paths: list[str], headers: dict[str, str]
) -> None:
    for response in everything(app, paths, headers):
        for name, value in SECURITY:
            assert response.headers.getlist(name) == [value], response.request.path
        assert "Server" not in response.headers
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        if response.request.path.startswith("/api/"):
            assert response.headers.getlist("Cache-Control") == ["no-store"]


def test_every_error_has_the_same_form(app: Flask, paths: list[str]) -> None:
    errors = [
        response
        for response in everything(app, paths, {}) + everything(app, paths, BEARER)
        if response.status_code >= 400 and response.request.method != "HEAD"
    ]
    assert {response.status_code for response in errors} >= {400, 401, 404, 405}
    for response in errors:
        assert response.content_type == "application/json"
        assert list(response.get_json()) == ["error"]
        assert list(response.get_json()["error"]) == ["code", "message"]
        assert ("Allow" in response.headers) == (response.status_code == 405)


def test_every_route_of_the_api_asks_for_the_token(app: Flask, paths: list[str]) -> None:
    private = [path for path in paths if path.startswith("/api/")]
    assert len(private) >= 5
    assert {response.status_code for response in everything(app, private, {})} == {401}


def test_no_response_to_head_has_a_body(app: Flask, paths: list[str]) -> None:
    for headers in ({}, BEARER, {"Host": "evil.example"}):
        heads = [r for r in everything(app, paths, headers) if r.request.method == "HEAD"]
        assert len(heads) == len(paths)
        assert {response.data for response in heads} == {b""}
