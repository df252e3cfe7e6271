"""The page of documentation: whole, harmless, and made from the document."""

import html
import re

import pytest
from flask import Flask

from digitapp.errors import DigitappError
from digitapp.web import docs
from digitapp.web.http.replies import SECURITY
from tests.web.client import TOKEN, Response, ask
from tests.web.described import DOCUMENT, operation, routes

SCHEMAS = DOCUMENT["components"]["schemas"]


@pytest.fixture
def page(url: str) -> str:
    return read(ask(url, "GET", "/docs", headers={}))


def read(response: Response) -> str:
    assert response.status == 200
    return response.body.decode()


def words(page: str) -> str:
    """What a person reads of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_it_needs_no_token_and_tells_none(url: str) -> None:
    response = ask(url, "GET", "/docs", headers={})
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert TOKEN not in read(response)


def test_it_needs_no_network(page: str) -> None:
    links = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert links
    assert not [link for link in links if "//" in link]


def test_all_that_it_links_is_there(url: str, page: str) -> None:
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    for link in set(re.findall(r'(?:src|href)="([^"]+)"', page)):
        if link.startswith("#"):
            assert link[1:] in ids
        else:
            assert ask(url, "GET", "/" + link.removeprefix("./"), headers={}).status == 200


def test_it_keeps_the_content_policy(url: str, page: str) -> None:
    assert not re.search(
        r"<script(?! type=\"module\" src=\"static/)|<style|\sstyle=|\son\w+=|javascript:", page
    )
    response = ask(url, "GET", "/docs", headers={})
    for name, value in SECURITY:
        assert response.headers[name] == value
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_its_colours_are_the_pages_in_light_and_dark(url: str) -> None:
    style = ask(url, "GET", "/static/docs.css", headers={}).body.decode()
    assert "var(--text)" in style
    assert not re.search(r"#[0-9a-f]{3}|rgb|url\(|@import", style)


def test_the_help_links_it(url: str) -> None:
    assert 'href="docs"' in ask(url, "GET", "/", headers={}).body.decode()


def test_it_tells_all_there_is(page: str) -> None:
    said = words(page)
    for method, path in routes(DOCUMENT):
        if method != "PUT":  # this server can't switch its sharing
            assert f"{method} {path}" in said
            assert operation(DOCUMENT, method, path)["summary"] in said
    for option in operation(DOCUMENT, "POST", "/api/recognize")["parameters"]:
        assert f"{option['name']}=1 {option['description']}" in said
    for kind in DigitappError.__subclasses__():
        assert f"{kind.code} {kind.status}" in said
    for field in docs.fields(SCHEMAS["Answer"], DOCUMENT):
        assert f"{field.name} {field.kind}" in said


def test_its_examples_name_this_server(url: str, page: str) -> None:
    said = html.unescape(page)
    assert f'"{url}api/recognize"' in said
    assert not re.search(rf"http://(?!{re.escape(url[7:-1])})", said)


def test_a_server_without_a_window_tells_nothing_of_one(tiny: Flask) -> None:
    page = tiny.test_client().get("/docs", headers={"Host": "127.0.0.1"}).text
    assert "/api/recognize" in page
    assert "/api/desktop" not in page


def test_an_answers_fields_are_told_with_what_they_are_in() -> None:
    fields = {field.name: field for field in docs.fields(SCHEMAS["Answer"], DOCUMENT)}
    assert fields["text"].kind == "string"
    assert fields["symbols"].kind == "objects"
    assert fields["symbols[].probabilities"].kind == "10 numbers"
    assert fields["symbols[].input"] == docs.Field(
        "symbols[].input", "base64", SCHEMAS["Symbol"]["properties"]["input"]["description"], True
    )
    assert fields["stages.grey"].kind == "base64"
    assert fields["stages"].is_optional
    assert not fields["width"].is_optional


def test_each_of_several_forms_is_told() -> None:
    names = [field.name for field in docs.fields(SCHEMAS["Message"], DOCUMENT)]
    assert names == ["kind", "id", "name", "kind", "name"]


def test_code_is_marked_and_nothing_else_is_trusted() -> None:
    marked = docs.code("a `b` < <b>`c`</b>")
    assert marked == "a <code>b</code> &lt; &lt;b&gt;<code>c</code>&lt;/b&gt;"


def test_json_for_people_has_its_numbers_in_one_line() -> None:
    text = docs.pretty({"box": [1, 2.5, 3], "empty": [], "names": ["ü"]})
    assert '"box": [1, 2.5, 3]' in text
    assert '"names": [\n    "ü"' in text
