"""A real server with the real model for the page, and a real browser to open it in."""

import io
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageDraw
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from digitapp import engine
from digitapp.engine import Engine
from digitapp.engine.litert import Floats
from digitapp.jobs.reader import Here
from digitapp.web.app import create_app
from digitapp.web.http import sockets
from digitapp.web.http.server import Server
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from digitapp.web.share import SwitchableShare, lan_address
from digitapp.web.tickets import Tickets
from tests.browser.hand import PATHS
from tests.engine.inputs import digits_alone

TOKEN = "browser-test-token"
GUEST = "browser-guest-token"
PATIENCE_S = 15.0
SIZE = (1200, 800)

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests may run as root, where Chromium's sandbox does not start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
)


class StagedEngine:
    """The real engine; before each answer it does what the test has planned for that one.

    Where a test is about how an answer looks, the engine `says` what it is told: the probabilities
    of the ten digits and of "no digit".
    """

    def __init__(self, real: Engine) -> None:
        self._real = real
        self.model = real.model
        self.plan: deque[Callable[[], object]] = deque()
        self.says: Sequence[float] | None = None
        self.batches: list[int] = []

    def reset(self) -> None:
        self.plan.clear()
        self.says = None
        self.batches.clear()

    def probabilities(self, batch: Floats) -> Floats:
        if self.plan:
            self.plan.popleft()()
        self.batches.append(len(batch))
        if self.says is not None:
            return np.tile(np.array(self.says, dtype=np.float32), (len(batch), 1))
        return self._real.probabilities(batch)

    def windows(self, line: Floats) -> Floats:
        return self._real.windows(line)

    def ink(self, picture: Floats) -> Floats:
        return self._real.ink(picture)

    def signs(self, around: Floats) -> Floats:
        return self._real.signs(around) if self.says is None else digits_alone(around)


class Site:
    """A running server: its address, its engine, and the inbox of its desktop window."""

    def __init__(self) -> None:
        self.engine = StagedEngine(engine.load("litert"))
        self.inbox = Inbox()
        self.slots = Slots(4, 2)
        self.share = SwitchableShare(self._open)
        self.tickets = Tickets(TOKEN)
        app = create_app(
            Here(self.engine),
            token=TOKEN,
            inbox=self.inbox,
            slots=self.slots,
            share=self.share,
            tickets=self.tickets,
        )
        self.server = Server(app, sockets.bind("127.0.0.1", 0), threads=8)
        self.server.start()
        self.url = self.server.url
        self.address = self.server.address(TOKEN)

    def _open(self) -> tuple[Callable[[], None], str]:
        """A server for other devices, at this machine's address in its network."""
        app = create_app(Here(self.engine), token=GUEST, slots=self.slots, share=self.share)
        server = Server(app, sockets.bind(lan_address(), 0), threads=8)
        server.start()
        return server.stop, server.address(GUEST)


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.share.close()
        site.server.stop()


def missing() -> str | None:
    """What to install before these tests can run; None when all is there."""
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if shutil.which(program) is None:
            return f"{program} is missing; on Debian: apt-get install {package}"
    return None


def browser(*flags: str) -> webdriver.Chrome:
    """A headless Chromium of 1200 x 800 pixels that keeps its console's log."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, "--window-size=1200,800", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


class Page:
    """The open page, as a test looks at it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get("about:blank")  # else a new fragment alone would load nothing
        self.driver.get(address)
        self.until(lambda: self.driver.execute_script("return document.readyState") == "complete")

    def until(self, ready: Callable[[], object]) -> None:
        WebDriverWait(self.driver, PATIENCE_S, 0.05).until(lambda _: ready())

    def text(self, selector: str) -> str:
        """What is there, shown or not, without white space around it."""
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return (found[0].get_attribute("textContent") or "").strip() if found else ""

    def shown(self, selector: str) -> bool:
        return any(e.is_displayed() for e in self.driver.find_elements(By.CSS_SELECTOR, selector))

    def click(self, selector: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    @property
    def number(self) -> str:
        return self.text("[data-part=number]")

    @property
    def phase(self) -> str:
        return self.driver.find_element(By.ID, "result").get_attribute("data-phase") or ""

    def reads(self, text: str) -> None:
        """Wait until the result says `text` for good: the pen is up and nothing is on its way."""
        self.until(lambda: self.shown(FINAL) and self.number == text)

    def ink(self) -> int:
        """How many pixels of the sheet are drawn on."""
        return int(str(self.script(INK)))

    def complaints(self) -> list[str]:
        """What the console holds against the page: errors, warnings, breaches of its policy.

        A refused request is none: Chromium logs every status over 400. Nor is the header that has
        no meaning over plain HTTP from another device, and is sent all the same.
        """
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        lines = [str(entry["message"]) for entry in log]
        known = ("Failed to load resource", "Cross-Origin-Opener-Policy header has been ignored")
        return [line for line in lines if not any(word in line for word in known)]

    def wear(self, scheme: str = "light", density: float = 1, size: tuple[int, int] = SIZE) -> None:
        """Colour scheme, pixels of the screen a CSS pixel, and the window's size in CSS pixels."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": density}
        metrics["mobile"] = False
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def script(self, body: str, *arguments: object) -> object:
        return self.driver.execute_script(body, *arguments)

    def module(self, name: str, body: str) -> object:
        """Run `body`, which may await, with the page's module of that name as `m`."""
        return self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"import('/static/{name}').then(async (m) => {{ {body} }})"
            ".then(done, (error) => done('failed: ' + error));"
        )

    def drop(self, files: dict[str, bytes], *, finish: bool = True) -> None:
        """Drag files over the page and let go of them, as the system's own drag would tell it."""
        given = [[name, list(data)] for name, data in files.items()]
        self.driver.execute_script(DROP, given, finish)


FINAL = "#result[data-phase=answer][data-provisional=false]"

INK = """
const sheet = document.getElementById('paper');
const copy = new OffscreenCanvas(sheet.width, sheet.height);
const context = copy.getContext('2d', { willReadFrequently: true });
context.drawImage(sheet, 0, 0);
const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
return data.reduce((count, value, index) => count + (index % 4 === 3 && value > 0), 0);
"""

DROP = """
const [files, finish] = arguments;
const dataTransfer = new DataTransfer();
for (const [name, bytes] of files) {
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
}
const tell = (type) => document.body.dispatchEvent(
  new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
tell('dragenter');
const refused = tell('dragover');
if (finish) tell('drop');
return refused;
"""


def picture(text: str, kind: str = "PNG", size: int = 200) -> bytes:
    """A picture of written digits, dark on white, as a file's bytes."""
    image = Image.new("L", (60 + size * len(text), size + 80), 255)
    pen = ImageDraw.Draw(image)
    for index, character in enumerate(text):
        for path in PATHS[character]:
            points = [(40 + size * (x / 10 * 0.8 + index), 40 + size * y / 10) for x, y in path]
            pen.line(points, fill=0, width=size // 10, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
