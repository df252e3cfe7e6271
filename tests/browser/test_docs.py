"""The page of documentation, as a person comes to it, reads it and goes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import urlopen

import pytest

from tests.browser.hand import write
from tests.browser.stage import Page, Site
from tests.browser.test_manners import overflow


def test_the_help_leads_there_and_the_way_back_keeps_all(page: Page) -> None:
    write(page.driver, "7")
    page.reads("7")
    page.click("[data-action=help]")
    page.click("#help a")
    page.until(lambda: page.text("h1") == "digitapp for programs")
    assert page.shown("#recognize")
    page.click(".top a")
    page.until(lambda: page.text("h1") == "digitapp")
    page.reads("7")  # with the token and the drawing


@pytest.mark.parametrize("size", [(320, 568), (768, 1024), (1200, 800)])
def test_nothing_is_wider_than_the_window(blank: Page, site: Site, size: tuple[int, int]) -> None:
    blank.wear(size=size)
    blank.open(f"{site.url}docs")
    assert overflow(blank) <= 0
    cut = blank.script(
        "return [...document.querySelectorAll('pre, dt, dd, a')]"
        ".filter((e) => e.scrollWidth > e.clientWidth && e.clientWidth > 0).length"
    )
    assert cut == 0


def test_what_is_pressed_is_large_enough(blank: Page, site: Site) -> None:
    blank.wear(size=(320, 568))
    blank.open(f"{site.url}docs")
    small = blank.script(
        "return [...document.querySelectorAll('nav a, .top a')]"
        ".filter((e) => Math.min(e.offsetWidth, e.offsetHeight) < 44).length"
    )
    assert small == 0


@contextmanager
def proxy(target: str) -> Iterator[str]:
    """The same pages at another origin, as behind a proxy: the server is not told of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with urlopen(target + self.path[1:], timeout=20) as reply:  # noqa: S310
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.headers["Content-Type"])
                self.end_headers()
                self.wfile.write(reply.read())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_behind_a_proxy_the_examples_name_the_address_that_people_have(
    blank: Page, site: Site
) -> None:
    own = site.url.rstrip("/")
    samples = "return [...document.querySelectorAll('pre')].map((e) => e.textContent).join()"
    blank.open(f"{own}/docs")
    assert f"{own}/api/recognize" in str(blank.script(samples))
    with proxy(site.url) as origin:
        blank.open(f"{origin}/docs")
        blank.until(lambda: f"{origin}/api/recognize" in str(blank.script(samples)))
        assert own not in str(blank.script("return document.body.textContent"))
