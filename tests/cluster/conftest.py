"""A bucket, and pictures for jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from digitapp.cluster.places import place
from tests import drawings
from tests.cluster import store


@pytest.fixture(scope="session")
def store_address() -> Iterator[str]:
    """A store on this machine."""
    with store.running() as address:
        yield address


@pytest.fixture
def bucket(
    store_address: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """A part of a bucket for this test alone, with the owner's variables set."""
    for name, value in store.KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", store_address)
    return f"s3://{store.BUCKET}/{abs(hash(request.node.nodeid))}"


def fill(address: str, count: int = 10, broken: int = 0) -> list[str]:
    """Pictures of digits, some folders of them, and broken ones; their names."""
    where = place(address)
    names = [f"{number % 3}/{number:05}-{number % 10}.png" for number in range(count)]
    names += [f"broken/{number}.png" for number in range(broken)]
    for name in names:
        is_broken = name.startswith("broken")
        where.write(name, b"no picture" if is_broken else drawings.png(int(name[-5])))
    return sorted(names)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of ten digits and two files that are no pictures."""
    folder = tmp_path / "scans"
    fill(str(folder), 10, 2)
    return folder
