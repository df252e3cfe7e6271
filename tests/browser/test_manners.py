"""Small and large screens, dark and light, the keyboard alone."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.hand import write
from tests.browser.stage import Page, Site, picture


@pytest.mark.parametrize("size", [(320, 568), (360, 740), (768, 1024), (1000, 760), (1600, 900)])
def test_nothing_is_wider_than_the_window(page: Page, size: tuple[int, int]) -> None:
    page.wear(size=size)
    write(page.driver, "2024", x=0.05, y=0.32, size=0.32)
    page.reads("2024")
    assert overflow(page) <= 0
    page.drop({f"{index} {'long name ' * 9}.png": picture("1") for index in range(12)})
    page.until(lambda: page.text("[data-part=count]") == "12 of 12 read")
    assert overflow(page) <= 0


def test_on_a_phone_the_number_is_in_sight_without_scrolling(page: Page) -> None:
    page.wear(density=2, size=(360, 740))
    write(page.driver, "7", pointer="touch")
    page.reads("7")
    bottom = page.script(
        "return document.querySelector('[data-part=line]').getBoundingClientRect().bottom"
    )
    assert float(str(bottom)) < 740


@pytest.mark.parametrize("size", [(320, 568), (1200, 800)])
def test_what_is_touched_is_large_enough(page: Page, size: tuple[int, int]) -> None:
    page.wear(size=size)
    small = page.script(
        "return [...document.querySelectorAll('button, .pens label, .switch, summary')]"
        ".map((e) => [e.textContent.trim(), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width > 0 && (r.width < 44 || r.height < 44)).map(([name]) => name)"
    )
    assert small == []


@pytest.mark.parametrize("density", [1, 2, 2.5])
def test_the_sheet_has_as_many_pixels_as_the_screen(page: Page, density: float) -> None:
    write(page.driver, "1", x=0.1)
    page.wear(density=density)
    write(page.driver, "7", x=0.5)
    page.reads("17")
    assert page.script("return document.getElementById('paper').width") == pytest.approx(
        density * page.driver.find_element("id", "paper").rect["width"], abs=density
    )


def test_dark_and_light_differ_and_the_ink_turns_with_them(page: Page) -> None:
    write(page.driver, "7")
    page.reads("7")
    background, ink = reds(page)
    assert background > 200 and ink < 80
    page.wear("dark")
    page.until(lambda: reds(page)[1] > 200)
    assert reds(page)[0] < 80
    page.click("[data-action=recognize]")
    page.reads("7")  # what is sent stays dark on white


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(page: Page, scheme: str) -> None:
    page.wear(scheme)
    ratios = page.script(CONTRASTS)
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}  # type: ignore[attr-defined]


def test_the_keyboard_alone_is_enough(page: Page, site: Site) -> None:
    write(page.driver, "4")
    page.reads("4")
    whole = page.ink()
    press(page, Keys.CONTROL, "z")
    page.until(lambda: page.ink() < whole)
    press(page, Keys.CONTROL, Keys.SHIFT, "z")
    page.until(lambda: page.ink() == whole)
    press(page, Keys.CONTROL, "z")
    press(page, Keys.CONTROL, "y")
    page.until(lambda: page.ink() == whole)
    page.reads("4")
    before = len(site.engine.batches)
    press(page, Keys.ENTER)
    page.until(lambda: len(site.engine.batches) > before)
    press(page, Keys.DELETE)
    page.until(lambda: page.ink() == 0)
    press(page, "?")
    assert page.shown("#help")
    press(page, Keys.ESCAPE)
    assert not page.shown("#help")


def test_tabs_and_rows_are_reached_by_key(page: Page) -> None:
    page.drop({"a.png": picture("7"), "b.png": picture("1")})
    page.until(lambda: page.text("[data-part=count]") == "2 of 2 read")
    focus_by_tab(page, ".list li:nth-child(2) button")
    press(page, Keys.ENTER)
    page.reads("1")
    press(page, Keys.ESCAPE)
    assert page.shown("#paper")
    page.script("document.getElementById('tab-draw').focus()")
    press(page, Keys.ARROW_RIGHT)
    page.reads("1")
    assert page.script("return document.activeElement.id") == "tab-pictures"


def test_the_focus_can_be_seen(page: Page) -> None:
    for _ in range(8):
        press(page, Keys.TAB)
        style = page.script(
            "const e = document.activeElement;"
            "return getComputedStyle(e.closest('.pens label') ?? e).outlineStyle"
        )
        assert style == "solid"


def test_copying_with_nothing_selected_copies_the_number(page: Page) -> None:
    write(page.driver, "7")
    page.reads("7")
    page.script("addEventListener('copy', (e) => window.got = e.clipboardData.getData('text'))")
    press(page, Keys.CONTROL, "c")
    page.until(lambda: page.script("return window.got") == "7")
    assert page.text("#notice") == "Copied."


def test_those_who_want_no_motion_get_none(page: Page) -> None:
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    moving = page.script(
        "return [...document.querySelectorAll('*')]"
        ".filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0"
        " && getComputedStyle(e).transitionProperty !== 'none').length"
    )
    assert moving == 0


def test_every_control_has_a_name(page: Page) -> None:
    nameless = page.script(
        "return [...document.querySelectorAll('button, input, a')].filter((e) => !(e.ariaLabel"
        " || e.textContent.trim() || e.closest('label')?.textContent.trim())).length"
    )
    assert nameless == 0


def test_the_help_tells_of_the_model(page: Page) -> None:
    page.until(lambda: "digits" in page.text("#model"))


def press(page: Page, *keys: str) -> None:
    chain = ActionChains(page.driver)
    for key in keys[:-1]:
        chain.key_down(key)
    chain.send_keys(keys[-1])
    for key in reversed(keys[:-1]):
        chain.key_up(key)
    chain.perform()


def focus_by_tab(page: Page, selector: str) -> None:
    for _ in range(40):
        press(page, Keys.TAB)
        if page.script(f"return document.activeElement.matches('{selector}')"):
            return
    raise AssertionError(f"{selector} is not reached by the Tab key")


def overflow(page: Page) -> float:
    """CSS pixels by which the page is wider than the window."""
    return float(str(page.script("return document.documentElement.scrollWidth - innerWidth")))


def reds(page: Page) -> tuple[int, int]:
    """The red parts of the sheet's colour and of the ink's, each from 0 to 255."""
    found = page.script(BACKGROUND_AND_INK)
    assert isinstance(found, list)
    return int(found[0]), int(found[1])


BACKGROUND_AND_INK = """
const c = document.getElementById('paper');
const red = (colour) => Number(colour.match(/\\d+/)[0]);
const copy = new OffscreenCanvas(c.width, c.height);
const context = copy.getContext('2d', { willReadFrequently: true });
context.drawImage(c, 0, 0);
const { data } = context.getImageData(0, 0, c.width, c.height);
let ink = -1;
for (let i = 0; i < data.length && ink < 0; i += 4) if (data[i + 3] === 255) ink = data[i];
return [red(getComputedStyle(c.parentElement).backgroundColor), ink];
"""

CONTRASTS = """
const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const root = getComputedStyle(document.documentElement);
const light = (name) => {
  context.fillStyle = root.getPropertyValue('--' + name);
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (...both) => {
  const [less, more] = both.map(light).sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
};
const pairs = ['text background', 'text card', 'soft background', 'soft card', 'soft paper',
  'accent tint', 'accent card', 'on-accent accent', 'doubt card', 'doubt background',
  'bad bad-tint', 'bad background', 'text bad-tint', 'background text', 'ink paper'];
return Object.fromEntries(pairs.map((pair) => [pair, ratio(...pair.split(' '))]));
"""
