"""How it was read: asked for only when it is looked at, and always of what is shown."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from digitapp.errors import Unavailable
from tests.browser.hand import stroke, write
from tests.browser.stage import Page, Site, picture

DOUBT = [0.0, 0.38, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.01, 0.01, 0.0]


def look(page: Page) -> None:
    """Open it and wait until it shows what the result is of."""
    page.click("#stages summary")
    page.until(lambda: page.shown("#stages ol"))
    settled(page)


def settled(page: Page) -> None:
    page.until(lambda: page.shown("#stages ol[aria-busy=false]"))


def inputs(page: Page) -> list[str]:
    """What stands under each picture that the network got."""
    found = page.script(
        "return [...document.querySelectorAll('.inputs li')].map((item) => item.textContent)"
    )
    assert isinstance(found, list)
    return found


def labels(page: Page) -> list[str]:
    found = page.script(
        "return [...document.querySelectorAll('.plate text')].map((label) => label.textContent)"
    )
    assert isinstance(found, list)
    return found


def watch_asks(page: Page) -> None:
    """From now on, count the requests that ask for stages."""
    page.script(
        "window.asked = 0; const real = fetch; window.fetch = (path, ...more) => {"
        " window.asked += path.includes('stages=1'); return real(path, ...more); };"
    )


def asked(page: Page) -> int:
    return int(str(page.script("return window.asked")))


def test_there_is_nothing_to_open_before_there_is_a_reading(page: Page) -> None:
    assert not page.shown("#stages")
    write(page.driver, "7")
    page.reads("7")
    assert page.shown("#stages summary") and not page.shown("#stages ol")
    page.click("#clear")
    page.until(lambda: not page.shown("#stages"))


def test_closed_it_costs_nothing(page: Page) -> None:
    watch_asks(page)
    write(page.driver, "7")
    page.reads("7")
    assert asked(page) == 0
    look(page)
    assert asked(page) == 1
    page.click("#stages summary")
    page.click("#draw [data-action=recognize]")
    page.reads("7")
    assert asked(page) == 1


def test_all_stages_of_a_drawing_are_shown(page: Page) -> None:
    write(page.driver, "20", x=0.2, size=0.4)
    page.reads("20")
    look(page)
    page.until(lambda: page.script(LOADED) == [True, True, True])
    assert tones(page, "grey")[0] > 200  # the corner of a white sheet
    assert tones(page, "ink") == [0, 255]
    assert labels(page) == inputs(page) == ["2", "0"]
    assert page.script("return document.querySelectorAll('.plate rect').length") == 2
    assert page.script(SAME_INPUT) is True


def test_a_new_drawing_is_followed_while_it_is_open(page: Page) -> None:
    write(page.driver, "7", x=0.1)
    page.reads("7")
    look(page)
    watch_asks(page)
    write(page.driver, "1", x=0.5)
    page.reads("71")
    page.until(lambda: inputs(page) == ["7", "1"])
    settled(page)
    assert asked(page) == 1  # not with each passing look at the moving pen


def test_under_a_moving_pen_nothing_is_asked_and_the_old_turns_pale(page: Page) -> None:
    write(page.driver, "7", x=0.1)
    page.reads("7")
    look(page)
    watch_asks(page)
    stroke(page.driver, [(0.8, 0.2), (0.8, 0.4), (0.8, 0.6), (0.8, 0.7)], release=False)
    page.until(lambda: page.shown("#stages ol.old"))
    page.until(lambda: page.phase == "answer")
    assert asked(page) == 0


def test_the_chosen_picture_s_stages_are_shown(page: Page) -> None:
    page.drop({"a.png": picture("27"), "b.jpg": picture("5", "JPEG")})
    page.reads("27")
    look(page)
    assert inputs(page) == ["2", "7"]
    page.click(".list li:nth-child(2) button")
    page.reads("5")
    page.until(lambda: inputs(page) == ["5"])
    settled(page)
    page.click("#pictures [data-action=draw]")
    page.until(lambda: not page.shown("#stages"))
    page.click("#tab-pictures")
    page.until(lambda: inputs(page) == ["5"])
    settled(page)


def test_one_digit_is_one_mark_here_too(page: Page) -> None:
    page.drop({"11.png": picture("11")})
    page.reads("11")
    look(page)
    page.click("#one-digit")
    page.until(lambda: len(inputs(page)) == 1)


def test_a_mark_is_chosen_here_as_well(page: Page) -> None:
    write(page.driver, "20", x=0.2, size=0.4)
    page.reads("20")
    look(page)
    for number in (1, 2):
        page.script(CLICK, number - 1)
        assert page.text("[data-part=line]").startswith(f"{number} of 2")
        assert page.shown(f".inputs li:nth-child({number}).selected")
        assert page.script("return document.querySelectorAll('.inputs .selected').length") == 1


def test_doubt_shows_here_too(page: Page, site: Site) -> None:
    site.engine.says = DOUBT
    write(page.driver, "7")
    page.reads("7")
    look(page)
    assert inputs(page) == ["7 or 1?"]
    assert page.shown(".plate rect.doubtful")


def test_where_there_is_no_mark_it_says_so(page: Page) -> None:
    page.drop({"white.png": picture("")})
    page.until(lambda: page.phase == "answer")
    look(page)
    assert page.shown("[data-stage=none]") and inputs(page) == []


def test_a_failure_is_told_and_opening_it_again_tries_again(page: Page, site: Site) -> None:
    write(page.driver, "7")
    page.reads("7")
    site.engine.plan.append(fail)
    page.click("#stages summary")
    page.until(lambda: page.text("[data-stage=note]") == Unavailable.default)
    assert not page.shown("#stages ol") and page.number == "7"
    page.click("#stages summary")
    look(page)
    assert inputs(page) == ["7"] and page.text("[data-stage=note]") == ""


def test_it_goes_with_a_reading_that_failed(page: Page) -> None:
    page.drop({"a.png": picture("7"), "b.png": b"nothing"})
    page.reads("7")
    look(page)
    page.click(".list li:nth-child(2) button")
    page.until(lambda: page.phase == "error")
    assert not page.shown("#stages")


def test_the_keyboard_opens_and_closes_it(page: Page, site: Site) -> None:
    write(page.driver, "7")
    page.reads("7")
    page.script("document.querySelector('#stages summary').focus()")
    read = len(site.engine.batches)
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.shown("#stages ol"))
    settled(page)
    assert len(site.engine.batches) == read + 1  # and the sheet was not read again
    ActionChains(page.driver).send_keys(Keys.SPACE).perform()
    page.until(lambda: not page.shown("#stages ol"))


@pytest.mark.parametrize("size", [(320, 568), (360, 740), (768, 1024), (1000, 760)])
def test_it_fits_into_any_window(page: Page, size: tuple[int, int]) -> None:
    page.wear(size=size)
    page.drop({"many.png": picture("2731" * 4)})
    page.reads("2731" * 4)
    look(page)
    page.until(lambda: page.script(LOADED) == [True, True, True])
    assert int(str(page.script("return document.documentElement.scrollWidth - innerWidth"))) <= 0
    assert page.script(OUTSIDE) == []


def tones(page: Page, stage: str) -> list[int]:
    """The tone of the picture's first pixel, and its lightest."""
    found = page.script(TONES, stage)
    assert isinstance(found, list)
    return [int(tone) for tone in found]


def fail() -> None:
    raise Unavailable


LOADED = """
return [...document.querySelectorAll('.plate img')].map((image) => image.naturalWidth > 0);
"""

CLICK = """
const frame = document.querySelectorAll('.plate rect')[arguments[0]];
frame.dispatchEvent(new MouseEvent('click', { bubbles: true }));
"""

PIXELS = """
const pixels = (image, width, height) => {
  const copy = new OffscreenCanvas(width, height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, width, height).data].filter((_, index) => index % 4 === 0);
};
"""

TONES = f"""{PIXELS}
const image = document.querySelector(`[data-stage=${{arguments[0]}}]`);
const reds = pixels(image, image.naturalWidth, image.naturalHeight);
return [reds[0], reds.reduce((most, red) => Math.max(most, red), 0)];
"""

SAME_INPUT = f"""{PIXELS}
const [saw, chosen] = ['[data-part=input]', '.inputs .selected canvas']
  .map((name) => pixels(document.querySelector(name), 28, 28));
return chosen.some((red) => red > 0) && saw.join() === chosen.join();
"""

OUTSIDE = """
const room = document.getElementById('stages').getBoundingClientRect();
return [...document.querySelectorAll('.plate img, .inputs canvas, #stages p')]
  .filter((e) => e.getClientRects().length > 0)
  .filter((e) => e.getBoundingClientRect().right > room.right + 1)
  .map((e) => e.outerHTML.slice(0, 60));
"""
