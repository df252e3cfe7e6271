"""What must not work, over real HTTP: its status, code and sentence, and the server goes on."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from digitapp.config import MAX_BODY
from tests.drawings import png
from tests.family import most_held
from tests.web import pictures
from tests.web.client import BEARER, Response, ask
from tests.web.processes import Process, serve

PATH = "/api/recognize"


class Case(NamedTuple):
    """One row: what is sent, and what must come back; `words` are part of the sentence."""

    name: str
    body: bytes
    status: int
    code: str
    words: str
    kind: str = "application/octet-stream"


BAD = [
    Case("empty", b"", 400, "bad-request", "no picture in the request"),
    Case("text", b"seven", 415, "unsupported-format", "Use PNG, JPEG, GIF, BMP or WebP"),
    Case("a zero byte", b"\0", 415, "unsupported-format", "Use PNG"),
    Case("html", b"<!doctype html><p>7", 415, "unsupported-format", "Use PNG"),
    Case("svg", pictures.SVG, 415, "unsupported-format", "Use PNG"),
    Case("tiff", pictures.tiff(), 415, "unsupported-format", "Use PNG"),
    Case("heic", pictures.HEIC, 415, "unsupported-format", "Save it as JPEG"),
    Case("a zip", b"PK\x03\x04" + bytes(60), 415, "unsupported-format", "Use PNG"),
    *(
        Case(f"truncated {format}", pictures.truncated(format), 422, "unreadable-image", "damaged")
        for format in pictures.FORMATS
    ),
    *(
        Case(f"corrupt {format}", pictures.corrupt(format), 422, "unreadable-image", "damaged")
        for format in pictures.FORMATS
    ),
    Case("a signature alone", b"\x89PNG\r\n\x1a\n", 422, "unreadable-image", "damaged"),
    Case("no width", pictures.png_header(0, 10), 422, "unreadable-image", "damaged"),
    Case("no pixels", pictures.png_header(280, 280), 422, "unreadable-image", "damaged"),
    Case("20,000 x 1", pictures.png_header(20_000, 1), 413, "too-large", "8,192"),
    Case("1 x 20,000", pictures.png_header(1, 20_000), 413, "too-large", "8,192"),
    Case("51 MP JPEG", pictures.jpeg_of(8_000, 6_400), 413, "too-large", "51.2 megapixels"),
    Case("17 MP PNG", pictures.png_header(4_250, 4_000), 413, "too-large", "17.0 megapixels"),
    Case("4,000 MP", pictures.png_header(65_000, 65_000), 413, "too-large", "8,192"),
    Case("over 20 MiB", bytes(MAX_BODY + 1), 413, "too-large", "20 MiB"),
    Case("well over 20 MiB", bytes(MAX_BODY * 2), 413, "too-large", "20 MiB"),
    Case("exactly 20 MiB of nothing", bytes(MAX_BODY), 415, "unsupported-format", "Use PNG"),
    Case("a form with a file", b"--x\r\n\r\n", 415, "unsupported-format", "own bytes",
         "multipart/form-data; boundary=x"),
    Case("a form", b"digit=7", 415, "unsupported-format", "own bytes",
         "application/x-www-form-urlencoded"),
]  # fmt: skip


class Good(NamedTuple):
    """A picture that looks wrong and is not; the text that must be read."""

    name: str
    body: bytes
    text: str
    kind: str = "application/octet-stream"


GOOD = [
    Good("an animated GIF's first frame", pictures.animated(), "7"),
    Good("nothing drawn", pictures.BLANK, ""),
    Good("called text", png(7), "7", "text/plain"),
    Good("called another format", png(7), "7", "image/jpeg"),
    Good("called nothing known", png(7), "7", "no/such; type=x; ="),
    Good("curl --data-binary", png(7), "7", "application/x-www-form-urlencoded"),
    Good("exactly 20 MiB", png(7) + bytes(MAX_BODY - len(png(7))), "7"),
    Good("15 MP of colour and alpha", pictures.large("PNG", "RGBA", 4_000, 3_900), "7"),
    Good("50 MP of grey JPEG", pictures.large("JPEG", "L", 8_000, 6_250), "7"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with serve("--slots", "2", "--wait-s", "60") as process:
        yield process


def post(server: Process, case: Case | Good) -> Response:
    return ask(server.url, "POST", PATH, case.body, {**BEARER, "Content-Type": case.kind})


def reads_on(server: Process) -> bool:
    return bool(ask(server.url, "POST", PATH, png(2)).json["text"] == "2")


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_bad_picture_is_refused_with_a_sentence(server: Process, case: Case) -> None:
    response = post(server, case)
    assert (response.status, response.code) == (case.status, case.code)
    assert case.words in response.sentence
    assert response.sentence[0].isupper()
    assert response.sentence.endswith(".")
    assert reads_on(server)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_an_odd_picture_is_read(server: Process, case: Good) -> None:
    response = post(server, case)
    assert response.status == 200, response.body
    assert response.json["text"] == case.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allow"),
    [
        ("GET", PATH, 405, "method-not-allowed", "OPTIONS, POST"),
        ("PUT", PATH, 405, "method-not-allowed", "OPTIONS, POST"),
        ("DELETE", PATH, 405, "method-not-allowed", "OPTIONS, POST"),
        ("BREW", PATH, 405, "method-not-allowed", "OPTIONS, POST"),
        ("POST", "/", 405, "method-not-allowed", "GET, HEAD, OPTIONS"),
        ("POST", "/healthz", 405, "method-not-allowed", "GET, HEAD, OPTIONS"),
        ("GET", "/nothing", 404, "not-found", None),
        ("POST", "/nothing", 404, "not-found", None),
        ("GET", "/api/nothing", 404, "not-found", None),
        ("POST", "/api/recognize/", 404, "not-found", None),
        ("POST", "/api//recognize", 404, "not-found", None),
        ("GET", "/static/nothing.js", 404, "not-found", None),
        ("GET", "/static/../guard.py", 404, "not-found", None),
        ("GET", "/static/%2e%2e/guard.py", 404, "not-found", None),
        ("GET", "/static/..%2fguard.py", 404, "not-found", None),
        ("GET", "/static//etc/passwd", 404, "not-found", None),
        ("GET", "/api/desktop/next", 404, "not-found", None),
        ("GET", "/api/desktop/files/x", 404, "not-found", None),
    ],
)
def test_a_wrong_address_or_method_is_refused(
    server: Process, method: str, path: str, status: int, code: str, allow: str | None
) -> None:
    response = ask(server.url, method, path)
    assert (response.status, response.code) == (status, code)
    listed = response.headers["Allow"]
    assert (listed and ", ".join(sorted(listed.split(", ")))) == allow


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("two_digits=1", "no option 'two_digits'"),
        ("url=http://evil.example/7.png", "no option 'url'"),
        ("file=/etc/passwd", "no option 'file'"),
        ("one_digit=yes", "takes the value 1, not 'yes'"),
        ("one_digit", "takes the value 1, not ''"),
        ("stages=2", "takes the value 1, not '2'"),
        ("input=0", "takes the value 1, not '0'"),
        ("input=1&input=2", "takes the value 1, not '2'"),
        ("ONE_DIGIT=1", "no option 'ONE_DIGIT'"),
        ("%ff=1", "no option"),
        ("x" * 5000 + "=1", "no option 'xxx"),
    ],
)
def test_an_unknown_option_is_named(server: Process, query: str, words: str) -> None:
    response = ask(server.url, "POST", f"{PATH}?{query}", png(7))
    assert (response.status, response.code) == (400, "bad-request")
    assert words in response.sentence
    assert len(response.sentence) < 200


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc: run it on Linux")
def test_memory_is_bounded() -> None:
    """All rows, four at a time: 200 MB for each of two slots and the bodies are the most held."""
    with serve("--slots", "2", "--wait-s", "60") as process, ThreadPoolExecutor(4) as pool:
        assert reads_on(process)
        before = most_held(process.pid)
        cases = [*BAD, *GOOD] * 2
        statuses = list(pool.map(lambda case: post(process, case).status, cases))
        assert set(statuses) == {200, 400, 413, 415, 422}
        assert reads_on(process)
        assert most_held(process.pid) - before < 2 * 200 + 4 * MAX_BODY / 1e6
