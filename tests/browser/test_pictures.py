"""Pictures dropped, chosen and pasted; several at once; those that cannot be read."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from digitapp.config import MAX_BODY
from digitapp.errors import TooLarge, UnreadableImage, UnsupportedFormat
from tests.browser.hand import write
from tests.browser.stage import Page, Site, picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_dropped_picture_is_read_and_shown(page: Page, kind: str) -> None:
    page.drop({"number": picture("27", kind)})
    page.reads("27")
    assert page.text("[data-part=name]") == "number"
    page.until(lambda: page.shown("[data-part=photo]"))
    assert page.script("return document.querySelectorAll('.photo rect').length") == 2
    assert not page.shown("#list")


def test_the_overlay_tells_where_to_drop_and_goes_when_the_drag_has_left(page: Page) -> None:
    page.drop({"7.png": picture("7")}, finish=False)
    assert page.shown("#drop")
    page.until(lambda: not page.shown("#drop"))


def test_what_is_no_file_is_left_alone_and_the_page_stays(page: Page) -> None:
    page.script(
        "const dataTransfer = new DataTransfer(); dataTransfer.setData('text/uri-list', 'http://x/');"
        "window.kept = ['dragover', 'drop'].map((type) => document.body.dispatchEvent("
        "new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })))"
    )
    assert page.script("return window.kept") == [False, False]  # prevented: no navigation
    assert not page.shown("#drop") and page.phase == "empty"


def test_several_are_listed_and_one_failure_stops_nothing(page: Page) -> None:
    files = {
        "seven.png": picture("7"),
        "broken.png": picture("7")[:200],
        "notes.txt": b"no picture at all",
        "forty.jpg": picture("40", "JPEG"),
    }
    page.drop(files)
    page.until(lambda: page.text("[data-part=count]") == "2 of 4 read, 2 could not be read")
    assert rows(page) == [
        ("seven.png", "7"),
        ("broken.png", UnreadableImage.default),
        ("notes.txt", UnsupportedFormat.default),
        ("forty.jpg", "40"),
    ]
    assert page.number == "7"
    page.click(".list li:nth-child(3) button")
    page.until(lambda: page.text("[data-part=message]") == UnsupportedFormat.default)
    page.until(lambda: page.shown("[data-part=unseen]"))
    assert page.shown("[role=alert]") and not page.shown("[data-part=retry]")
    page.click(".list li:nth-child(4) button")
    page.reads("40")
    page.until(lambda: page.shown("[data-part=photo]"))


def test_a_real_drag_of_files_and_folders_is_read(page: Page, tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    for name, text in (("1.png", "7"), ("folder/2.png", "1"), ("folder/inner/3.png", "5")):
        (tmp_path / name).write_bytes(picture(text))
    (tmp_path / "folder" / "letter.txt").write_text("a folder's other files are left out")
    drag(page, [tmp_path / "1.png", tmp_path / "folder"])
    page.until(lambda: page.text("[data-part=count]") == "3 of 3 read")
    assert rows(page) == [("1.png", "7"), ("2.png", "1"), ("3.png", "5")]


def test_more_files_join_the_list(page: Page) -> None:
    page.drop({"a.png": picture("7")})
    page.reads("7")
    page.drop({"b.png": picture("1")})
    page.reads("1")
    page.until(lambda: rows(page) == [("a.png", "7"), ("b.png", "1")])
    assert page.text("#badge") == "2"
    page.click("[data-action=forget]")
    assert page.shown("[data-part=empty]") and page.phase == "empty" and rows(page) == []


def test_files_are_chosen_in_a_dialog(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / "first.png", tmp_path / "second.png"]
    for path, text in zip(paths, ("3", "5"), strict=True):
        path.write_bytes(picture(text))
    page.driver.find_element(By.ID, "files").send_keys("\n".join(map(str, paths)))
    page.until(lambda: rows(page) == [("first.png", "3"), ("second.png", "5")])


def test_a_picture_is_pasted(page: Page) -> None:
    paste(page, picture("7"))
    page.reads("7")
    assert page.text("[data-part=name]") == "Pasted picture"


def test_pasted_text_is_declined_kindly(page: Page) -> None:
    page.script(
        "const clipboardData = new DataTransfer(); clipboardData.setData('text/plain', '7');"
        "document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))"
    )
    assert page.text("#notice") == "There is no picture in the clipboard."
    assert page.phase == "empty"


def test_what_is_too_large_is_refused_before_it_is_sent(page: Page, site: Site) -> None:
    page.script(
        "window.asked = 0; const real = fetch;"
        "window.fetch = (...all) => { window.asked += 1; return real(...all); };"
        "const dataTransfer = new DataTransfer();"
        f"dataTransfer.items.add(new File([new Uint8Array({MAX_BODY + 1})], 'huge.png'));"
        "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))"
    )
    page.until(lambda: page.text("[data-part=message]") == TooLarge.default)
    assert page.script("return window.asked") == 0


def test_a_picture_without_digits_is_told_kindly(page: Page) -> None:
    page.drop({"white.png": picture("")})
    page.until(lambda: page.phase == "answer")
    assert page.text("[data-part=line]").startswith("No digit was found.")
    assert not page.shown("[data-part=copy]")


def test_the_drawing_is_kept_meanwhile(page: Page) -> None:
    write(page.driver, "1")
    page.reads("1")
    page.drop({"7.png": picture("7")})
    page.reads("7")
    page.click("#pictures [data-action=draw]")
    page.reads("1")
    assert page.ink() > 0
    page.click("#tab-pictures")
    page.reads("7")


def test_one_digit_reads_the_pictures_again(page: Page) -> None:
    page.drop({"11.png": picture("11")})
    page.reads("11")
    page.click("#one-digit")
    page.until(lambda: page.phase == "answer" and len(page.number) == 1)


def test_the_desktop_s_files_and_commands_arrive(blank: Page, site: Site, tmp_path: Path) -> None:
    (tmp_path / "seven.png").write_bytes(picture("7"))
    site.inbox.put_file(tmp_path / "seven.png")
    site.inbox.put_file(tmp_path / "gone.png")
    blank.open(f"{site.address}&desktop=1")
    blank.until(lambda: len(rows(blank)) == 2)
    blank.until(lambda: rows(blank)[0] == ("seven.png", "7"))
    assert blank.phase == "error" and blank.text("[data-part=name]") == "gone.png"
    site.inbox.put_command("draw")
    blank.until(lambda: blank.shown("#paper"))
    write(blank.driver, "1")
    blank.reads("1")
    site.inbox.put_command("clear")
    blank.until(lambda: blank.phase == "empty" and blank.ink() == 0)
    site.inbox.put_command("undo")
    blank.reads("1")


def rows(page: Page) -> list[tuple[str, str]]:
    found = page.script(
        "return [...document.querySelectorAll('.list li')].map((row) =>"
        " ['.name', '.answer'].map((part) => row.querySelector(part).textContent))"
    )
    return [(name, answer) for name, answer in found]  # type: ignore[attr-defined]


def drag(page: Page, paths: list[Path]) -> None:
    """Drag files over the window and let go, as the system does: no script makes these events."""
    data = {"items": [], "files": list(map(str, paths)), "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 300, "y": 300, "data": data}
        page.driver.execute_cdp_cmd("Input.dispatchDragEvent", event)
        assert page.shown("#drop") == (kind != "drop")


def paste(page: Page, data: bytes) -> None:
    page.script(
        "const clipboardData = new DataTransfer();"
        "clipboardData.items.add("
        "new File([new Uint8Array(arguments[0])], 'image.png', { type: 'image/png' }));"
        "document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))",
        list(data),
    )
