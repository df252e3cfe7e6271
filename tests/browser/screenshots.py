"""Pictures of the page in each of its states: `python -m tests.browser.screenshots FOLDER`."""

import io
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

from digitapp.errors import Busy
from tests import changes
from tests.browser.hand import stroke, write
from tests.browser.stage import Page, Site, browser, picture, running_site
from tests.drawings import draw, encode
from tests.drawings import write as written_row

STATES: list[Callable[[Page, Site], None]] = []


def state(make: Callable[[Page, Site], None]) -> Callable[[Page, Site], None]:
    STATES.append(make)
    return make


@state
def empty(page: Page, site: Site) -> None:
    page.until(lambda: page.phase == "empty")


@state
def drawing(page: Page, site: Site) -> None:
    stroke(page.driver, [(0.4, 0.2), (0.6, 0.2), (0.9, 0.2), (0.8, 0.4)], release=False)
    page.until(lambda: page.phase == "answer")


@state
def answer(page: Page, site: Site) -> None:
    write(page.driver, "7")
    page.reads("7")


@state
def several(page: Page, site: Site) -> None:
    write(page.driver, "2024", x=0.05, y=0.32, size=0.32)
    page.reads("2024")


@state
def many(page: Page, site: Site) -> None:
    page.script("document.querySelector('input[name=pen]').click()")
    for row in range(3):
        write(page.driver, "3172540", x=0.03, y=0.06 + row * 0.32, size=0.14, step=1.3)
    page.reads(3 * "3172540")


@state
def touching(page: Page, site: Site) -> None:
    write(page.driver, "2026", x=0.05, y=0.32, size=0.32, step=0.8)
    page.reads("2026")
    page.until(lambda: page.shown("#paper-frames text"))
    page.click(".number button:nth-child(4)")


@state
def doubts(page: Page, site: Site) -> None:
    site.engine.says = DOUBT
    write(page.driver, "17", x=0.2, size=0.4)
    page.reads("77")


@state
def page_of_digits(page: Page, site: Site) -> None:
    page.drop({"a page.png": lines(10, "2731540")})
    page.reads(10 * "2731540")


@state
def stages(page: Page, site: Site) -> None:
    several(page, site)
    look(page)


@state
def stages_doubt(page: Page, site: Site) -> None:
    doubtful_stroke(page)
    look(page)


@state
def stages_picture(page: Page, site: Site) -> None:
    page.drop({"house number.jpg": in_shadow(picture("2731"))})
    page.reads("2731")
    look(page)


@state
def stages_nothing(page: Page, site: Site) -> None:
    page.drop({"white.png": picture("")})
    page.until(lambda: page.phase == "answer")
    look(page)


@state
def doubt(page: Page, site: Site) -> None:
    doubtful_stroke(page)


@state
def no_digit(page: Page, site: Site) -> None:
    site.engine.says = [0.02] * 10 + [0.8]
    write(page.driver, "~", x=0.2)
    page.reads("?")


@state
def busy(page: Page, site: Site) -> None:
    site.engine.plan.extend([refuse] * 40)
    write(page.driver, "4")
    page.until(lambda: page.phase == "busy")


@state
def error(page: Page, site: Site) -> None:
    page.drop({"holiday.png": picture("7")[:300]})
    page.until(lambda: page.phase == "error")


@state
def unauthorized(page: Page, site: Site) -> None:
    page.open(f"{site.url}#token=wrong")
    page.until(lambda: page.phase == "error")


@state
def pictures_empty(page: Page, site: Site) -> None:
    page.click("#tab-pictures")


@state
def one_picture(page: Page, site: Site) -> None:
    page.drop({"house number.jpg": picture("2731", "JPEG")})
    page.reads("2731")


@state
def table(page: Page, site: Site) -> None:
    page.drop({"scores.png": encode(scores())})
    page.until(lambda: page.phase == "answer")


@state
def table_turned(page: Page, site: Site) -> None:
    page.drop({"scores.png": encode(scores().rotate(90, expand=True))})
    page.until(lambda: page.phase == "answer")


@state
def a_sum(page: Page, site: Site) -> None:
    page.drop({"sum.png": encode(with_signs())})
    page.until(lambda: page.phase == "answer")


@state
def a_doubtful_sign(page: Page, site: Site) -> None:
    page.drop({"price.png": encode(with_signs(point=(14, 26)))})
    page.until(lambda: page.phase == "answer")


@state
def batch(page: Page, site: Site) -> None:
    files = {f"page {text}.png": picture(text) for text in ("7", "1", "352", "40", "~")}
    damaged = picture("7", "JPEG")[:400]
    files["a rather long name of a file that was damaged on its way.jpg"] = damaged
    page.drop(files)
    page.until(lambda: "of 6 read, 1" in page.text("[data-part=count]"))


@state
def drop_overlay(page: Page, site: Site) -> None:
    page.drop({"7.png": picture("7")}, finish=False)


@state
def help_dialog(page: Page, site: Site) -> None:
    page.until(lambda: page.text("#model"))
    page.click("[data-action=help]")


@state
def share_dialog(page: Page, site: Site) -> None:
    page.open(f"{site.address}&desktop=1")
    page.until(lambda: page.shown("#share-button"))
    page.click("#share-button")
    page.click("[data-share=switch]")
    page.until(lambda: page.shown("[data-share=access]"))
    site.share.close()


DOUBT = [0.0, 0.38, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.01, 0.01, 0.0]
"""Between a 7 and a 1."""


def lines(count: int, text: str) -> bytes:
    """A picture of the same number in so many rows."""
    row = Image.open(io.BytesIO(picture(text, size=80)))
    sheet = Image.new("L", (row.width, row.height * count), 255)
    for number in range(count):
        sheet.paste(row, (0, number * row.height))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def scores() -> Image.Image:
    """A table of numbers: ruled, two columns by three rows."""
    sheet = Image.new("L", (520, 420), 255)
    pen = ImageDraw.Draw(sheet)
    for row, numbers in enumerate([("12", "7"), ("30", "45"), ("8", "91")]):
        for column, number in enumerate(numbers):
            written = written_row(number, side=90)
            sheet.paste(written, (45 + column * 240, 35 + row * 125))
    for y in (20, 145, 270, 395):
        pen.line((20, y, 500, y), fill=110, width=3)
    for x in (20, 260, 500):
        pen.line((x, 20, x, 395), fill=110, width=3)
    return sheet


def with_signs(point: tuple[int, int] | None = None) -> Image.Image:
    """`7+5=12` on a ruled line, or `7 5` with a sign of this size between them."""
    sheet = Image.new("L", (760 if point is None else 420, 220), 255)
    pen = ImageDraw.Draw(sheet)
    pen.line((0, 185, sheet.width, 185), fill=150, width=3)
    for place, digit in zip(
        (30, 250, 500, 610) if point is None else (40, 230), (7, 5, 1, 2), strict=False
    ):
        sheet.paste(draw(digit, 130), (place, 30))
    if point is None:
        for ends in (
            (180, 100, 230, 98),
            (205, 75, 204, 125),
            (400, 85, 455, 84),
            (400, 115, 455, 115),
        ):
            pen.line(ends, fill=0, width=11)
    else:
        pen.ellipse((195, 150 - point[1] // 2, 195 + point[0], 150 + point[1] // 2), fill=0)
    return sheet


def look(page: Page) -> None:
    """Open how it was read."""
    page.click("#stages summary")
    page.until(lambda: page.shown("#stages ol:not(.old)"))


def in_shadow(data: bytes) -> bytes:
    """A photo on squared paper of what the picture shows, under an uneven light."""
    lined = changes.ruled(Image.open(io.BytesIO(data)).convert("RGB"), down=True, across=True)
    return changes.lit(Image.open(io.BytesIO(lined)), changes.vignette)


def doubtful_stroke(page: Page) -> None:
    """Between a 4 and a 9: the wider open its top, the less it is a 9."""
    for gap in (0.08, 0.09, 0.1, 0.105, 0.11, 0.115, 0.12, 0.13, 0.14):
        page.script("document.getElementById('clear').click()")
        stroke(page.driver, [(0.55, 0.2 + gap / 5), (0.5, 0.45), (0.55, 0.5), (0.75, 0.48)])
        stroke(page.driver, [(0.55 + gap, 0.2), (0.75, 0.2), (0.75, 0.5), (0.74, 0.8)])
        threading.Event().wait(0.6)
        page.until(lambda: page.phase == "answer")
        if page.shown(".line.doubtful"):
            return


def refuse() -> None:
    raise Busy


SCROLL = "(document.querySelector('details[open]') ?? document.body).scrollIntoView()"
"""To what was opened, else to the top."""

LOOKS: dict[str, tuple[str, float, tuple[int, int]]] = {
    "": ("light", 1, (1200, 800)),
    "-dark": ("dark", 1, (1200, 800)),
    "-narrow": ("light", 2, (360, 740)),
    "-narrow-dark": ("dark", 2, (360, 740)),
    "-window": ("light", 1, (1000, 760)),
    "-tiny": ("light", 1, (320, 568)),
    "-tablet": ("dark", 1, (768, 1024)),
}


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [make for make in STATES if not names or make.__name__ in names]
    with running_site() as site:
        driver = browser()
        try:
            for make in chosen:
                shoot(Page(driver), site, make, folder)
        finally:
            driver.quit()


def shoot(page: Page, site: Site, make: Callable[[Page, Site], None], folder: Path) -> None:
    first = page.driver.current_window_handle
    for suffix, look in LOOKS.items():
        page.driver.switch_to.new_window("tab")
        page.wear(*look)
        site.engine.reset()
        page.open(site.address)
        make(page, site)
        page.driver.execute_script(SCROLL)
        threading.Event().wait(0.5)  # until the bars have come to rest
        page.driver.save_screenshot(str(folder / f"{make.__name__}{suffix}.png"))
        page.driver.close()
        page.driver.switch_to.window(first)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
