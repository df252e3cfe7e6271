"""The examples for curl, in the README and in the API's description, do what they say."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digitapp.engine import Engine
from digitapp.jobs.reader import Here
from digitapp.metrics import Metrics
from digitapp.web.api import FORM
from digitapp.web.http.sockets import bind
from digitapp.web.limits import Slots
from digitapp.web.serve import Service
from tests import curl
from tests.web.client import TOKEN
from tests.web.described import Object, operation, routes, told, violations

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "assets" / "samples"
README = (ROOT / "digitapp" / "web" / "README.md").read_text(encoding="utf-8")

ONE_LINERS: list[str] = re.findall(r"^curl .*$", README, re.MULTILINE)

SAID: list[dict[str, Any]] = [
    {"text": "4071"},
    {"text": "7"},
    {"text": "4"},
    {"engine": "litert"},
    FORM.to_json(),
]
"""What each of them is answered, in part, in the README's order."""

pytestmark = pytest.mark.skipif(curl.missing() is not None, reason=str(curl.missing()))


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[str]:
    """A server's address without the slash at its end."""
    metrics = Metrics(engine.model, "litert", 2)
    service = Service(reader=Here(engine), slots=Slots(2, 30), threads=4, metrics=metrics)
    server = service.server(bind("127.0.0.1", 0), TOKEN)
    server.start()
    yield server.url.rstrip("/")
    server.stop()


@pytest.fixture(scope="module")
def document(server: str) -> Object:
    return told(server)


def test_the_readme_has_as_many_as_are_held_here() -> None:
    assert len(ONE_LINERS) == len(SAID)


@pytest.mark.parametrize(("command", "said"), list(zip(ONE_LINERS, SAID, strict=False)))
def test_the_readmes_one_liners_do_what_they_say(
    server: str, command: str, said: dict[str, Any]
) -> None:
    assert "http://127.0.0.1:8000/api/" in command
    assert "Bearer $(cat token.txt)" in command
    here = command.replace("http://127.0.0.1:8000", server).replace("$(cat token.txt)", TOKEN)
    answer = json.loads(curl.typed(here, ROOT))
    assert said.items() <= answer.items()
    if "input=1" in command:
        assert all("input" in digit for digit in answer["symbols"])


def test_the_readmes_requests_are_the_servers(document: Object) -> None:
    told = set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", README, re.MULTILINE))
    described = {f"{method} {path}" for method, path in routes(document)}
    assert told == described | {"GET /", "GET /docs"}


def samples(document: Object) -> Iterator[tuple[str, Object]]:
    for route in routes(document):
        said = operation(document, *route)
        for sample in said["x-codeSamples"]:
            yield sample["source"], said


def test_the_documentations_one_liners_do_what_they_say(document: Object, tmp_path: Path) -> None:
    for name in ("number.png", "7.png"):
        shutil.copy(SAMPLES / name, tmp_path)
    texts = []
    for command, said in samples(document):
        printed = curl.typed(command, tmp_path, DIGITAPP_TOKEN=TOKEN)
        if "openapi.json" in command:
            printed = (tmp_path / "openapi.json").read_text(encoding="utf-8")
        [(kind, content)] = said["responses"]["200"]["content"].items()
        if "no picture" in command:
            assert json.loads(printed) == FORM.to_json()
            continue
        value: Any = json.loads(printed) if kind == "application/json" else printed
        assert violations(document, content["schema"], value) == []
        if said["operationId"] == "recognize":
            texts.append(value["text"])
    assert texts == ["4071", "7", "4071"]
