"""Whole numbers: written, framed digit by digit, looked at one by one, copied."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.browser.hand import stroke, write
from tests.browser.stage import Page, Site, picture

SHEET, PHOTO = "#paper-frames", ".photo .frames"
DOUBT = [0.0, 0.38, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.01, 0.01, 0.0]
NO_DIGIT = [0.02] * 10 + [0.8]

APART, TOUCHING = 1.05, 0.8
"""Steps from digit to digit, in heights: a 2 is 0.75 wide, and the pen's ends are round."""


def write_2026(page: Page, step: float) -> None:
    write(page.driver, "2026", x=0.05, y=0.32, size=0.32, step=step)
    page.reads("2026")
    page.until(lambda: len(frames(page)) == 4)


def frames(page: Page, overlay: str = SHEET) -> list[dict[str, float]]:
    """Each frame on the screen, and what stands over it."""
    found = page.script(FRAMES, overlay)
    assert isinstance(found, list)
    return found


def labels(page: Page, overlay: str) -> list[str]:
    found = page.script(
        "return [...document.querySelectorAll(`${arguments[0]} text`)].map((e) => e.textContent)",
        overlay,
    )
    assert isinstance(found, list)
    return found


def pieces(page: Page) -> int:
    """In how many parts the ink on the sheet hangs together, by columns without any."""
    return int(str(page.script(PIECES)))


@pytest.mark.parametrize("step", [APART, TOUCHING])
def test_2026_is_read_apart_and_touching(page: Page, step: float) -> None:
    write_2026(page, step)
    assert pieces(page) == (4 if step == APART else 1)
    assert labels(page, SHEET) == list("2026")
    lefts = [frame["left"] for frame in frames(page)]
    assert lefts == sorted(lefts)
    page.until(lambda: page.text("[data-part=announcement]") == "Read: 2, 0, 2, 6.")


@pytest.mark.parametrize("step", [APART, TOUCHING])
def test_a_click_on_a_framed_digit_opens_it_and_draws_nothing(page: Page, step: float) -> None:
    write_2026(page, step)
    ink = page.ink()
    seen = set()
    for number in (2, 4, 1, 3):
        frame = frames(page)[number - 1]
        click_at(page, frame["left"] + frame["width"] / 2, frame["top"] + frame["height"] / 2)
        check_chosen(page, number, "2026", SHEET)
        seen.add(page.script(INPUT))
    assert len(seen) >= 3  # each its own 28x28
    assert page.ink() == ink
    page.click("#undo")  # what is taken back is a stroke of the 6
    page.until(lambda: page.ink() < ink)


def test_a_click_on_a_digit_of_the_number_opens_it(page: Page) -> None:
    write_2026(page, TOUCHING)
    for number in (3, 4):
        page.click(f".number button:nth-child({number})")
        check_chosen(page, number, "2026", SHEET)


def test_a_tap_beside_the_frames_is_a_dot_and_a_stroke_through_them_is_ink(page: Page) -> None:
    write_2026(page, APART)
    ink = page.ink()
    frame = frames(page)[3]
    click_at(page, frame["left"], frame["top"] + frame["height"] + 80)
    page.until(lambda: page.ink() > ink)
    page.until(lambda: page.phase == "answer" and len(frames(page)) >= 4)
    ink = page.ink()
    stroke(page.driver, [(0.1, 0.48), (0.5, 0.48), (1.2, 0.48)])
    page.until(lambda: page.ink() > ink)


def test_a_single_digit_takes_a_dot(page: Page) -> None:
    write(page.driver, "0")
    page.reads("0")
    ink = page.ink()
    stroke(page.driver, [(0.7, 0.5)])
    page.until(lambda: page.ink() > ink)


def test_a_picture_s_frames_have_their_digits_and_can_be_chosen(page: Page) -> None:
    page.drop({"2731.png": picture("2731")})
    page.reads("2731")
    page.until(lambda: page.shown("[data-part=photo]"))
    assert labels(page, PHOTO) == list("2731")
    for kind, number in (("rect", 3), ("text", 4), ("rect", 1), ("text", 2)):
        shapes = page.driver.find_elements(By.CSS_SELECTOR, f"{PHOTO} {kind}")
        ActionChains(page.driver).click(shapes[number - 1]).perform()
        check_chosen(page, number, "2731", PHOTO)


def check_chosen(page: Page, number: int, text: str, overlay: str) -> None:
    """The line, the bars, the number and the frame are all of the same digit."""
    assert page.text("[data-part=line]").startswith(f"{number} of {len(text)}: {text[number - 1]}")
    assert page.text(".bars .best .name") == text[number - 1]
    pressed = page.script(
        "return [...document.querySelectorAll('.number button')]"
        ".map((e) => e.getAttribute('aria-pressed') === 'true')"
    )
    selected = page.script(
        "return [...document.querySelectorAll(`${arguments[0]} rect`)]"
        ".map((e) => e.classList.contains('selected'))",
        overlay,
    )
    assert pressed == selected == [place + 1 == number for place in range(len(text))]


def test_a_doubtful_digit_is_marked_in_the_number_and_not_by_colour_alone(
    page: Page, site: Site
) -> None:
    site.engine.says = DOUBT
    write(page.driver, "17", x=0.2, size=0.4)
    page.reads("77")
    page.until(lambda: labels(page, SHEET) == ["7", "7"])
    assert page.script(DECORATION) == ["wavy", "wavy"]
    assert page.shown(f"{SHEET} rect.doubtful") and page.shown(f"{SHEET} text.doubtful")
    names = page.script(
        "return [...document.querySelectorAll('.number button')].map((e) => e.ariaLabel)"
    )
    assert names == ["Symbol 1: 7, perhaps 1", "Symbol 2: 7, perhaps 1"]
    assert page.text("[data-part=doubts]") == "Look at it: 2 symbols are doubtful."
    site.engine.says = None
    page.click("#draw [data-action=recognize]")
    page.reads("17")
    page.until(lambda: page.script(DECORATION) == ["none", "none"])


def test_a_mark_that_is_no_digit_is_a_question_mark_over_its_frame_too(
    page: Page, site: Site
) -> None:
    site.engine.says = NO_DIGIT
    write(page.driver, "17", x=0.2, size=0.4)
    page.reads("??")
    page.until(lambda: labels(page, SHEET) == ["?", "?"])


def test_the_number_is_copied(page: Page) -> None:
    page.script(
        "window.copied = []; Object.defineProperty(navigator, 'clipboard', { value:"
        " { writeText: async (text) => { window.copied.push(text); } } });"
    )
    write_2026(page, TOUCHING)
    page.click("[data-part=copy]")
    page.until(lambda: page.text("#notice") == "Copied.")
    assert page.script("return window.copied") == ["2026"]


def test_the_chosen_digit_of_a_long_number_is_in_sight(page: Page) -> None:
    page.drop({"many.png": picture("2731" * 25, size=40)})
    page.reads("2731" * 25)
    page.until(lambda: page.shown("[data-part=photo]"))
    for number in (100, 1):
        page.script(CLICK, number)
        assert page.text("[data-part=line]").startswith(f"{number} of 100")
        assert page.script(IN_SIGHT) is True


def click_at(page: Page, x: float, y: float) -> None:
    """With the mouse, at a place of the window."""
    sheet = page.driver.find_element(By.ID, "paper").rect
    stroke(page.driver, [((x - sheet["x"]) / sheet["height"], (y - sheet["y"]) / sheet["height"])])


CLICK = """
const frame = document.querySelectorAll('.photo rect')[arguments[0] - 1];
frame.dispatchEvent(new MouseEvent('click'));
"""

FRAMES = """
return [...document.querySelectorAll(`${arguments[0]} rect`)].map((frame) => {
  const { left, top, width, height } = frame.getBoundingClientRect();
  return { left, top, width, height };
});
"""

PIECES = """
const sheet = document.getElementById('paper');
const copy = new OffscreenCanvas(sheet.width, sheet.height);
const context = copy.getContext('2d', { willReadFrequently: true });
context.drawImage(sheet, 0, 0);
const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
const inked = new Uint8Array(sheet.width);
data.forEach((value, index) => {
  if (index % 4 === 3 && value > 0) inked[((index - 3) / 4) % sheet.width] = 1;
});
return inked.filter((ink, column) => ink && !inked[column - 1]).length;
"""

INPUT = """
const context = new OffscreenCanvas(28, 28).getContext('2d', { willReadFrequently: true });
context.drawImage(document.querySelector('[data-part=input]'), 0, 0);
return context.getImageData(0, 0, 28, 28).data.join();
"""

DECORATION = """
return [...document.querySelectorAll('.number button')]
  .map((e) => getComputedStyle(e))
  .map((style) => (style.textDecorationLine === 'none' ? 'none' : style.textDecorationStyle));
"""

IN_SIGHT = """
const room = document.querySelector('.number').getBoundingClientRect();
const chosen = document.querySelector('.number [aria-pressed=true]').getBoundingClientRect();
return chosen.top >= room.top - 1 && chosen.bottom <= room.bottom + 1;
"""
