"""A short run of `tests.fuzz.schema`, and that it finds what is wrong."""

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from digitapp.engine import Engine
from tests.fuzz import schema
from tests.fuzz.schema import Site, fuzz, operations, site
from tests.web.described import DOCUMENT, Object, routes

CASES = 40
"""Requests to each route."""

ENOUGH = 300
"""Requests among which every kind is, whatever the libraries draw."""


class Faulty:
    """An engine that fails as it is told to."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.model = engine, engine.model
        self.error: Exception | None = None

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.error:
            raise self.error
        return self.engine.probabilities(batch)

    def windows(self, line: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.windows(line)

    def ink(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.ink(picture)

    def signs(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.signs(batch)


@pytest.fixture(scope="module")
def faulty(engine: Engine) -> Faulty:
    return Faulty(engine)


@pytest.fixture(scope="module")
def running(faulty: Faulty) -> Iterator[Site]:
    with site(faulty) as running:
        yield running


def run(
    running: Site, label: str, document: Object | None = None, cases: int = CASES
) -> schema.Tally:
    told = running if document is None else replace(running, document=document)
    [operation] = [operation for operation in operations(told) if operation.label == label]
    return fuzz(told, operation, cases)


@pytest.mark.parametrize("label", [f"{method} {path}" for method, path in routes(DOCUMENT)])
def test_every_answer_keeps_to_the_document(running: Site, label: str) -> None:
    tally = run(running, label)
    assert tally.fault == ""
    assert tally.cases >= CASES
    assert 200 in tally.statuses


def test_requests_that_are_refused_are_among_them(running: Site) -> None:
    tally = run(running, "POST /api/recognize", cases=ENOUGH)
    assert {200, 400, 403, 415, 422} <= set(tally.statuses)


def test_a_fault_of_ours_is_found(
    running: Site, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faulty, "error", RuntimeError("a fault of ours"))
    assert "answered 500" in run(running, "POST /api/recognize").fault


def test_a_status_that_is_not_told_is_found(running: Site) -> None:
    document = copy.deepcopy(running.document)
    del document["paths"]["/api/recognize"]["post"]["responses"]["422"]
    assert "Received: 422" in run(running, "POST /api/recognize", document, ENOUGH).fault


def test_a_form_that_is_not_kept_is_found(running: Site) -> None:
    document = copy.deepcopy(running.document)
    form = document["components"]["schemas"]["Answer"]
    del form["properties"]["model"]
    form["required"].remove("model")
    assert "'model' was unexpected" in run(running, "POST /api/recognize", document, ENOUGH).fault


def test_a_slow_answer_is_found(running: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MOST_S", 0.0)
    assert "took" in run(running, "GET /healthz").fault


def test_the_same_start_sends_the_same(faulty: Faulty) -> None:
    def statuses() -> Counter[int]:
        with site(faulty) as fresh:  # a server that has counted no wrong tokens yet
            return run(fresh, "POST /api/recognize").statuses

    assert statuses() == statuses()
