"""Fuzzing over HTTP by the API's own document: `python -m tests.fuzz.schema --cases 1000`.

Schemathesis makes requests that keep to the document and requests that do not. Whatever is sent to
a route, its answer keeps to the document: a status, a media type, headers and a form that it names,
within a second; and no fault of the server's but one that says when to try again.
"""

import argparse
import copy
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from digitapp.engine import Engine, load
from digitapp.jobs.reader import Here
from digitapp.web import api
from digitapp.web.app import create_app
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from digitapp.web.serve import counting
from digitapp.web.share import SwitchableShare
from tests.drawings import encode, png, write
from tests.web import pictures
from tests.web.client import BEARER, TOKEN
from tests.web.described import Object, operation, told

MOST_S = 1.0
"""Longest that an answer may take, in seconds."""

AnyCase = Case[Any]
Operation = APIOperation[Any, Any, Any, Any]

RAW = "application/octet-stream"

GUEST = [False] * 19 + [True]
"""One request in so many comes without the token."""

ANY: Object = {"type": "string"}

HEADERS: dict[str, Object] = {
    "Accept": ANY,
    "Authorization": ANY,
    "Cookie": ANY,
    "Range": ANY,
    "Sec-Fetch-Site": {"enum": ["same-origin", "none"]},
}
"""What the document says nothing of, and is sent all the same."""

GOOD = [png(7, 60), encode(write("12", "3", side=40)), pictures.BLANK]
BAD = [
    *(b"", b"seven", pictures.SVG, pictures.HEIC, pictures.tiff()),
    *map(pictures.picture, pictures.FORMATS),
    *map(pictures.truncated, pictures.FORMATS),
    *map(pictures.corrupt, pictures.FORMATS),
    *(pictures.png_header(*size) for size in ((0, 1), (280, 280), (9_000, 1), (4_250, 4_000))),
]


@dataclass
class Site:
    """A running server with every route that there is; `file` is an id that its inbox knows."""

    url: str
    document: Object
    inbox: Inbox
    file: str

    def give(self, case: AnyCase) -> None:
        """Have the window give what the request asks for, where it asks for such a thing."""
        if "id" in case.path_parameters:
            case.path_parameters["id"] = self.file
        if case.operation.path.endswith("/next"):
            self.inbox.put_command("clear")


@dataclass
class Tally:
    """What came of the requests to one route."""

    label: str
    cases: int = 0
    slowest_s: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    fault: str = ""

    def add(self, response: Response) -> None:
        """Count a response."""
        self.cases += 1
        self.slowest_s = max(self.slowest_s, response.elapsed)
        self.statuses[response.status_code] += 1

    def __str__(self) -> str:
        counts = ", ".join(
            f"{status}: {count:,}" for status, count in sorted(self.statuses.items())
        )
        return f"{self.label:<32}{self.cases:>8,}{self.slowest_s * 1000:>9.0f} ms  {counts}"


class FakeShare(SwitchableShare):
    """Sharing that answers like the real one and starts no server."""

    def open(self) -> None:
        self.address = "http://192.168.1.5:8000/#token=fake"

    def close(self) -> None:
        self.address = None


@contextmanager
def site(engine: Engine) -> Iterator[Site]:
    """Serve every route, the window's too, whose poll waits next to nothing here."""
    inbox = Inbox()
    share = FakeShare(lambda: (_ for _ in ()).throw(NotImplementedError))
    reader = Here(engine)
    app = create_app(
        reader,
        token=TOKEN,
        inbox=inbox,
        slots=Slots(2, 30),
        share=share,
        metrics=counting(reader, 2),
    )
    server = Server(app, bind("127.0.0.1", 0), threads=4)
    quick = patch.multiple(api, POLL_S=0.01, LOOK_S=0.01)
    with tempfile.NamedTemporaryFile(suffix=".png") as file, quick:
        inbox.put_file(Path(file.name))
        message = inbox.next(0) or {}
        server.start()
        try:
            yield Site(server.url, told(server.url), inbox, message["id"])
        finally:
            server.stop()


def widened(document: Object) -> Object:
    """The document with more that may be sent: headers, a body and a query, on every route."""
    wide = copy.deepcopy(document)
    body: Object = {"content": {kind: {} for kind in media_types(document)}}
    for methods in wide["paths"].values():
        for described in methods.values():
            own = described["parameters"]
            if not [parameter for parameter in own if parameter["in"] == "query"]:
                own.append({"in": "query", "name": "x", "schema": ANY})
            own += [{"in": "header", "name": name, "schema": HEADERS[name]} for name in HEADERS]
            described["requestBody"] = body
    return wide


def media_types(document: Object) -> list[str]:
    """What a body may be: every kind of picture in the document, and plain bytes."""
    return [*operation(document, "POST", "/api/recognize")["requestBody"]["content"], RAW]


def bodies() -> st.SearchStrategy[bytes]:
    """Pictures, what once was one, and bytes that mean nothing."""
    whole = st.sampled_from(GOOD) | st.sampled_from(BAD)
    return whole | st.builds(_changed, whole, st.integers(0, 1 << 16), st.binary(max_size=8))


def _changed(data: bytes, start: int, new: bytes) -> bytes:
    start %= len(data) + 1
    return data[:start] + new + data[start + len(new) :]


def is_no_fault(_context: CheckContext, response: Response, _case: AnyCase) -> None:
    """No answer blames the server, but for a while."""
    waits = response.status_code == 503 and "retry-after" in response.headers
    assert response.status_code < 500 or waits, f"answered {response.status_code}"


def is_quick(_context: CheckContext, response: Response, _case: AnyCase) -> None:
    """No answer takes long."""
    assert response.elapsed <= MOST_S, f"took {response.elapsed:.2f} s"


CHECKS = [
    is_no_fault,
    is_quick,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def operations(site: Site) -> list[Operation]:
    """Every route, by its widened document."""
    for kind in media_types(site.document):
        schemathesis.openapi.media_type(kind, bodies())
    schema = schemathesis.openapi.from_dict(widened(site.document))
    return [cast(Ok[Operation], found).ok() for found in schema.get_all_operations()]


def fuzz(site: Site, operation: Operation, cases: int, start: int = 0) -> Tally:
    """Send so many requests to a route, the same for the same `start`; stop at a fault."""
    tally = Tally(operation.label)
    kept = operation.as_strategy(GenerationMode.POSITIVE)
    broken = operation.as_strategy(GenerationMode.NEGATIVE)

    @seed(start)
    @settings(
        max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=kept | broken, guest=st.sampled_from(GUEST), news=st.booleans())
    def send(case: AnyCase, guest: bool, news: bool) -> None:
        if news:
            site.give(case)
        response = case.call(site.url.rstrip("/"), headers={} if guest else BEARER)
        tally.add(response)
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except (Exception, FailureGroup) as error:  # noqa: BLE001  # whatever it is, it was sought
        tally.fault = "\n".join([str(error), *getattr(error, "__notes__", ())])
    return tally


def main() -> int:
    """Fuzz every route and print what came of it; 0 where no fault was found, else 1."""
    parser = argparse.ArgumentParser(description="Send odd requests to every route.")
    parser.add_argument("--cases", type=int, default=1000, help="requests to each route")
    parser.add_argument("--seed", type=int, default=0, help="another number, other requests")
    arguments = parser.parse_args()
    start, faults = time.monotonic(), 0
    with site(load("litert")) as running:
        for operation in operations(running):
            tally = fuzz(running, operation, arguments.cases, arguments.seed)
            print(tally, tally.fault, sep="\n" if tally.fault else "")
            faults += bool(tally.fault)
    print(f"{faults} faults in {time.monotonic() - start:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
