import mimetypes
import re
from email.message import Message

import pytest

from digitapp import config, formats
from digitapp.engine import Engine
from digitapp.web.pages import STATIC
from tests.web.client import ask
from tests.web.servers import make_app


def cached(headers: Message) -> str:
    return str(headers["Cache-Control"])


def test_the_page_needs_no_token_and_names_nothing_elsewhere(url: str) -> None:
    response = ask(url, "GET", "/", headers={})
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    links = re.findall(r'(?:src|href)="([^"]+)"', response.body.decode())
    assert links
    assert not [link for link in links if "//" in link]


def test_all_that_the_page_links_is_there(url: str) -> None:
    page = ask(url, "GET", "/", headers={}).body.decode()
    for link in re.findall(r'(?:src|href)="([^"#]+)"', page):
        response = ask(url, "GET", "/" + link.lstrip("/"), headers={})
        assert response.status == 200, link
        assert response.headers["Cache-Control"] == "no-cache"


def test_the_page_is_told_what_the_server_takes(url: str) -> None:
    page = ask(url, "GET", "/", headers={}).body.decode()
    assert f'data-max-bytes="{config.MAX_BODY}"' in page
    assert f'data-endings="{" ".join(sorted(formats.ENDINGS))}"' in page
    assert f"{formats.listed()}, up to 20 MiB each" in page


def test_every_module_is_fetched_at_once_in_folders_too(url: str) -> None:
    page = ask(url, "GET", "/", headers={}).body.decode()
    preloaded = set(re.findall(r'rel="modulepreload" href="static/([^"]+)"', page))
    there = {file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*.js")}
    assert "drawing/strokes.js" in preloaded
    assert preloaded == there - {"docs.js"}


def test_an_unchanged_file_is_not_sent_again(url: str) -> None:
    first = ask(url, "GET", "/static/app.js", headers={})
    again = ask(url, "GET", "/static/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_scripts_have_a_type_that_browsers_run(url: str) -> None:
    response = ask(url, "GET", "/static/app.js", headers={})
    assert response.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(("path", "body"), [("/healthz", b"ok\n"), ("/readyz", b"ready\n")])
def test_the_server_says_how_it_is_and_no_more(url: str, path: str, body: bytes) -> None:
    response = ask(url, "GET", path, headers={})
    assert (response.status, response.body) == (200, body)


@pytest.mark.parametrize(
    ("file", "kind"),
    [("app.js", "text/javascript"), ("app.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
def test_files_have_their_types_whatever_the_system_says(
    engine: Engine, file: str, kind: str
) -> None:
    mimetypes.add_type("text/plain", "." + file.partition(".")[2])
    app = make_app(engine, token=None)
    headers = {"Host": "127.0.0.1"}
    with app.test_client().get(f"/static/{file}", headers=headers) as response:
        assert response.mimetype == kind
