"""Drawing with mouse, finger and pen, and what the page says of it."""

import pytest

from tests.browser.hand import stroke, write
from tests.browser.stage import Page, Site


@pytest.mark.parametrize("pointer", ["mouse", "touch", "pen"])
@pytest.mark.parametrize("digit", ["7", "1"])
def test_a_digit_is_read_as_it_is_drawn(page: Page, pointer: str, digit: str) -> None:
    write(page.driver, digit, pointer=pointer)
    page.reads(digit)
    assert page.text(".bars .best .name") == digit


@pytest.mark.parametrize("digit", ["0", "2", "3", "4", "5"])
def test_other_digits_are_read_too(page: Page, digit: str) -> None:
    write(page.driver, digit)
    page.reads(digit)


def test_several_digits_are_read_in_order_and_can_be_looked_at(page: Page) -> None:
    write(page.driver, "2024", x=0.05, y=0.32, size=0.32)
    page.reads("2024")
    page.click(".number button:nth-child(4)")
    assert page.text("[data-part=line]").startswith("4 of 4: 4")
    assert page.text(".bars .best .name") == "4"
    assert page.script("return document.querySelectorAll('#paper-frames rect').length") == 4


def test_the_answer_comes_while_the_pen_is_still_down(page: Page) -> None:
    points = [(0.4, 0.2), (0.6, 0.2), (0.9, 0.2), (0.8, 0.5), (0.7, 0.85)]
    stroke(page.driver, points, release=False)
    stroke(page.driver, [(0.7, 0.85), (0.69, 0.86)], release=False)
    page.until(lambda: page.phase == "answer")
    assert page.text("[data-part=announcement]") == ""  # only what lasts is spoken


def test_the_network_s_view_is_shown(page: Page) -> None:
    write(page.driver, "7")
    page.reads("7")
    shades = page.script(
        "const c = document.querySelector('[data-part=input]');"
        "const { data } = c.getContext('2d').getImageData(0, 0, 28, 28);"
        "const reds = data.filter((_, i) => i % 4 === 0);"
        "return [Math.min(...reds), Math.max(...reds)]"
    )
    assert shades == [0, 255]


def test_undo_redo_and_clear(page: Page) -> None:
    write(page.driver, "4")  # two strokes
    whole = page.ink()
    page.click("#undo")
    page.until(lambda: 0 < page.ink() < whole)
    page.click("#redo")
    page.until(lambda: page.ink() == whole)
    page.click("#clear")
    page.until(lambda: page.ink() == 0 and page.phase == "empty")
    assert page.shown("#hint")
    page.click("#undo")
    page.until(lambda: page.ink() == whole)
    page.reads("4")


def test_the_drawing_survives_a_reload_and_a_resize(page: Page) -> None:
    write(page.driver, "7")
    page.reads("7")
    before = page.ink()
    page.driver.refresh()
    page.reads("7")
    assert page.ink() == before
    page.wear(size=(700, 600))
    page.until(lambda: 0 < page.ink() < before)
    page.reads("7")
    page.wear()
    page.until(lambda: page.ink() == before)
    page.click("#undo")
    page.until(lambda: page.ink() == 0)


def test_a_second_finger_does_not_disturb_the_first(page: Page) -> None:
    page.script(
        "const c = document.getElementById('paper'), r = c.getBoundingClientRect();"
        "const tell = (type, id, x, y) => c.dispatchEvent(new PointerEvent(type, { pointerId: id,"
        " pointerType: 'touch', clientX: r.left + x, clientY: r.top + y, bubbles: true,"
        " button: type === 'pointermove' ? -1 : 0, buttons: type === 'pointerup' ? 0 : 1 }));"
        "tell('pointerdown', 7, r.width / 2, 100); tell('pointerdown', 8, 20, 20);"
        "tell('pointermove', 8, 20, 400); tell('pointermove', 7, r.width / 2, 250);"
        "tell('pointerup', 8, 20, 400); tell('pointermove', 7, r.width / 2, 400);"
        "tell('pointercancel', 7, r.width / 2, 400);"
    )
    page.reads("1")
    (only,) = strokes(page)
    assert [round(x) for x, *_ in only["points"]] == [320, 320, 320]


def test_the_pen_comes_before_the_hand_that_holds_it(page: Page) -> None:
    page.script(
        "const c = document.getElementById('paper'), r = c.getBoundingClientRect();"
        "const tell = (type, kind, id, x, y) => c.dispatchEvent(new PointerEvent(type, {"
        " pointerId: id, pointerType: kind, clientX: r.left + x, clientY: r.top + y,"
        " pressure: .6, button: type === 'pointermove' ? -1 : 0,"
        " buttons: type === 'pointerup' ? 0 : 1 }));"
        "tell('pointerdown', 'touch', 7, 500, 500); tell('pointermove', 'touch', 7, 520, 510);"
        "tell('pointerdown', 'pen', 9, 300, 100); tell('pointermove', 'touch', 7, 540, 500);"
        "tell('pointermove', 'pen', 9, 300, 250); tell('pointermove', 'pen', 9, 300, 400);"
        "tell('pointerup', 'pen', 9, 300, 400); tell('pointerup', 'touch', 7, 540, 500);"
        "tell('pointerdown', 'touch', 10, 50, 50); tell('pointerup', 'touch', 10, 50, 50);"
    )
    page.reads("1")
    assert len(strokes(page)) == 1


def test_an_empty_sheet_is_not_sent(page: Page) -> None:
    page.script(
        "window.asked = 0; const own = window.fetch;"
        "window.fetch = (...request) => { window.asked += 1; return own(...request); };"
    )
    page.click("[data-action=recognize]")
    assert page.text("#notice") == "There is nothing to read yet."
    assert page.phase == "empty"
    assert page.script("return window.asked") == 0
    write(page.driver, "1")
    page.reads("1")
    asked = page.script("return window.asked")
    assert isinstance(asked, int) and asked > 0


def test_the_right_button_draws_nothing(page: Page) -> None:
    page.script(
        "document.getElementById('paper').dispatchEvent(new PointerEvent('pointerdown', {"
        " pointerId: 1, pointerType: 'mouse', button: 2, buttons: 2, clientX: 300, clientY: 300 }))"
    )
    assert page.ink() == 0


def test_a_thicker_pen_draws_more(page: Page) -> None:
    stroke(page.driver, [(0.6, 0.2), (0.6, 0.8)])
    page.until(lambda: page.ink() > 0)
    medium = page.ink()
    page.click("#clear")
    page.script("document.querySelector('input[value=\"28\"]').click()")
    stroke(page.driver, [(0.6, 0.2), (0.6, 0.8)])
    page.until(lambda: page.ink() > 1.4 * medium)


def test_one_digit_takes_all_ink_together(page: Page) -> None:
    write(page.driver, "11", x=0.2)
    page.reads("11")
    page.click("#one-digit")
    page.until(lambda: page.phase == "answer" and len(page.number) == 1)
    page.driver.refresh()
    page.until(lambda: page.phase == "answer" and len(page.number) == 1)


def test_every_screen_sends_the_same_picture(page: Page) -> None:
    page.wear(density=3, size=(400, 700))
    body = (
        "const points = [0, 9, 20].map((x) => ({ x, y: x, t: x, pressure: .5 }));"
        "const bitmap = await createImageBitmap(await m.toPicture([{ width: 10, points }]));"
        "return [bitmap.width, bitmap.height];"
    )
    assert page.module("drawing/paint.js", body) == [640, 480]


def test_the_picture_is_grey_and_has_what_was_drawn(page: Page) -> None:
    body = (
        "const points = [100, 200, 300].map((x) => ({ x, y: 240, t: x, pressure: .5 }));"
        "const picture = await m.toPicture([{ width: 10, points }]);"
        "const canvas = new OffscreenCanvas(640, 480);"
        "const context = canvas.getContext('2d');"
        "context.drawImage(await createImageBitmap(picture), 0, 0);"
        "const { data } = context.getImageData(200, 240, 1, 21);"  # down from the stroke
        "const [depth, colour] = new Uint8Array(await picture.arrayBuffer()).slice(24);"
        "return [depth, colour, data.at(0), data.at(-4)];"
    )
    assert page.module("drawing/paint.js", body) == [8, 0, 0, 255]


def test_it_draws_where_the_browser_keeps_storage_and_samples_back(blank: Page, site: Site) -> None:
    blank.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {
            "source": "Object.defineProperty(window, 'sessionStorage', { get() { throw 1; } });"
            "delete PointerEvent.prototype.getCoalescedEvents;"
            "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
        },
    )
    blank.open(site.address)
    write(blank.driver, "7")
    blank.reads("7")
    blank.click("[data-part=copy]")
    blank.until(lambda: blank.text("#notice") == "Copied.")


def strokes(page: Page) -> list[dict[str, list[list[float]]]]:
    found = page.script("return JSON.parse(sessionStorage['digitapp.drawing'])")
    assert isinstance(found, list)
    return found
