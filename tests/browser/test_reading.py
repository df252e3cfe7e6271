"""What the result says: doubts, errors, late answers, a busy server."""

import threading
from pathlib import Path

from digitapp.errors import Busy, Unauthorized
from digitapp.jobs.reader import Here
from digitapp.web.app import create_app
from digitapp.web.http import sockets
from digitapp.web.http.server import Server
from digitapp.web.tickets import SPENT
from tests.browser.hand import write
from tests.browser.stage import TOKEN, Page, Site

DOUBT = [0.0, 0.38, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.01, 0.01, 0.0]
STRANGE = [0.0, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.59, 0.0, 0.0, 0.4]
NO_DIGIT = [0.02] * 10 + [0.8]


def test_a_doubtful_digit_comes_with_its_runner_up(page: Page, site: Site) -> None:
    site.engine.says = DOUBT
    write(page.driver, "7")
    page.reads("7")
    assert page.text("[data-part=line]") == "7, perhaps 1"
    assert page.shown(".number .doubtful")
    assert page.text(".bars .second .name") == "1"
    assert page.text(".bars .best .value") == "60.0 %"
    page.until(
        lambda: (
            page.text("[data-part=announcement]")
            == "Read: 7, perhaps 1. Look at it: 1 symbol is doubtful."
        )
    )


def test_without_a_rival_the_doubt_is_whether_it_is_a_digit(page: Page, site: Site) -> None:
    site.engine.says = STRANGE
    write(page.driver, "7")
    page.reads("7")
    assert page.text("[data-part=line]") == "7, if it is one at all"
    assert not page.shown(".bars .second")


def test_a_mark_that_is_not_read_is_called_so(page: Page, site: Site) -> None:
    site.engine.says = NO_DIGIT
    write(page.driver, "~")
    page.reads("?")
    assert "not read" in page.text("[data-part=line]")
    page.until(lambda: "not read" in page.text("[data-part=announcement]"))


def test_an_answer_is_announced_digit_by_digit(page: Page) -> None:
    write(page.driver, "20", x=0.2, size=0.4)
    page.until(lambda: page.text("[data-part=announcement]") == "Read: 2, 0.")


def test_a_late_answer_does_not_overwrite_a_newer_one(page: Page, site: Site) -> None:
    gate, held = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        gate.wait(10)

    write(page.driver, "1")
    page.reads("1")
    site.engine.plan.append(hold)
    page.click("[data-action=recognize]")
    page.until(held.is_set)
    page.click("#clear")
    write(page.driver, "7")
    page.reads("7")
    gate.set()
    page.until(lambda: len(site.engine.batches) >= 3)
    page.reads("7")


def test_a_busy_server_is_asked_again(page: Page, site: Site) -> None:
    site.engine.plan.append(refuse)
    write(page.driver, "1", size=0.5)
    page.until(lambda: page.phase == "busy" or not site.engine.plan)
    page.reads("1")


def test_a_lost_server_is_told_of_and_nothing_drawn_is_lost(blank: Page, site: Site) -> None:
    app = create_app(Here(site.engine), token=TOKEN, slots=site.slots)
    first = Server(app, sockets.bind("127.0.0.1", 0), threads=4)
    first.start()
    port = int(first.url.rstrip("/").rsplit(":", 1)[1])
    blank.open(first.address(TOKEN))
    write(blank.driver, "7")
    blank.reads("7")
    ink = blank.ink()
    first.stop()
    blank.click("#draw [data-action=recognize]")
    blank.until(lambda: blank.phase == "error")
    assert "cannot be reached" in blank.text("[data-part=message]")
    assert blank.ink() == ink
    second = Server(app, sockets.bind("127.0.0.1", port), threads=4)
    second.start()
    try:
        blank.click("[data-part=retry]")
        blank.reads("7")
    finally:
        second.stop()


def test_without_the_token_the_page_says_how_to_get_in(blank: Page, site: Site) -> None:
    blank.open(site.url)
    blank.until(lambda: blank.phase == "error")
    assert blank.text("[data-part=message]") == Unauthorized.default
    assert blank.text("[data-part=help]") == f"It looks like {site.url}#token=…"
    assert not blank.shown("[data-part=retry]")


def test_a_ticket_opens_the_page_once(blank: Page, site: Site) -> None:
    address = f"{site.url}#ticket={site.tickets.issue()}"
    blank.open(address)
    blank.until(lambda: blank.driver.current_url == site.url)
    write(blank.driver, "7")
    blank.reads("7")
    blank.driver.refresh()  # the tab has the token now
    write(blank.driver, "4")
    blank.until(lambda: "4" in blank.text("[data-part=number]"))
    blank.driver.execute_script("sessionStorage.clear()")  # another tab has not
    blank.open(address)
    blank.until(lambda: blank.phase == "error")
    assert blank.text("[data-part=message]") == SPENT
    assert blank.text("[data-part=help]") == ""


def test_the_token_leaves_the_address_bar_and_survives_a_reload(page: Page, site: Site) -> None:
    assert page.driver.current_url == site.url
    page.driver.refresh()
    write(page.driver, "7")
    page.reads("7")


def test_the_address_opened_again_in_the_same_tab_lets_one_in(blank: Page, site: Site) -> None:
    blank.open(site.url)
    blank.until(lambda: blank.phase == "error")
    blank.driver.get(site.address)
    blank.until(lambda: blank.phase == "empty")


def test_recognize_reads_at_once(page: Page, site: Site) -> None:
    write(page.driver, "7")
    page.reads("7")
    before = len(site.engine.batches)
    page.click("[data-action=recognize]")
    page.until(lambda: len(site.engine.batches) > before)
    page.reads("7")


def test_no_file_of_the_page_names_another_host() -> None:
    web = Path(create_app.__globals__["__file__"]).parent
    folders = (web / "static", web / "templates")
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 10
    text = "".join(file.read_text("utf-8") for file in files)
    assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")


def refuse() -> None:
    raise Busy
