"""A job on a cluster: two nodes on this machine, and whatever can be killed is killed."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from digitapp.cluster.items import Items
from digitapp.cluster.on_ray import OnRay
from digitapp.cluster.places import place
from digitapp.cluster.worker import Task
from digitapp.errors import Unavailable
from tests import drawings
from tests.cluster import nodes, store
from tests.cluster.conftest import fill

MANY = 2_400
"""Pictures of a job in whose middle something is killed."""

TASK = Task("source", "destination")


@pytest.fixture(scope="module")
def cluster(store_address: str) -> Iterator[nodes.Nodes]:
    """Two nodes, which have the keys of the store from their own environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**store.KEYS, "AWS_ENDPOINT_URL": store_address}.items():
            patch.setenv(name, value)
        with nodes.running(2) as cluster:
            yield cluster


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Links to small pictures, and one that is none."""
    folder = tmp_path_factory.mktemp("many")
    for digit in range(10):
        (folder / f"digit-{digit}").write_bytes(drawings.png(digit, 90))
    for number in range(MANY):
        (folder / f"{number:05}-{number % 10}.png").symlink_to(folder / f"digit-{number % 10}")
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def start(source: Path, destination: Path, address: str) -> "subprocess.Popen[str]":
    """The command, as a person starts it."""
    command = [sys.executable, "-m", "digitapp", "batch", "--ray", address]
    return subprocess.Popen(
        [*command, str(source), str(destination)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(destination: Path) -> list[dict[str, Any]]:
    """All rows of all shards."""
    shards = sorted((destination / "results").glob("*.jsonl"))
    return [json.loads(line) for shard in shards for line in shard.read_text().splitlines()]


def check(source: Path, destination: Path) -> None:
    """Every picture has one row, and it is right."""
    found = rows(destination)
    names = sorted(path.name for path in source.glob("*.png"))
    assert Counter(row["file"] for row in found) == Counter(names)
    for row in found:
        if row["file"] == "broken.png":
            assert row["error"]["code"] == "unsupported-format"
        else:
            assert row["text"] == row["file"][-5]
    summary = json.loads((destination / "summary.json").read_text())
    assert (summary["pictures"], summary["failed"], summary["left"]) == (len(names), 1, 0)


def wait_for(condition: Any, seconds: float = 60) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def workers(node: int) -> list[int]:
    """The processes of a node that do items, by the node's own process."""
    lines = ((pid, Path(f"/proc/{pid}/cmdline").read_bytes()) for pid in children(node))
    return [pid for pid, line in lines if b"ray::do" in line]


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


def test_a_job_in_the_middle_of_which_a_worker_and_then_a_node_are_killed(
    cluster: nodes.Nodes, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with start(many, out, cluster.address) as job:
        wait_for(lambda: len(list(out.glob("done/*.json"))) >= 1)
        killed = workers(cluster.pids[1]) or workers(cluster.pids[0])
        os.kill(killed[0], signal.SIGKILL)
        wait_for(lambda: len(list(out.glob("done/*.json"))) >= 3)
        assert job.poll() is None
        os.kill(cluster.pids[1], signal.SIGKILL)
        said, errors = job.communicate(timeout=120)
    assert job.returncode == 1, errors  # one picture is none
    assert f"{MANY + 1:,} pictures are done" in said
    check(many, out)


def test_a_driver_that_is_killed_leaves_a_job_to_go_on_with(
    cluster: nodes.Nodes, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with start(many, out, cluster.address) as job:
        wait_for(lambda: len(list(out.glob("done/*.json"))) >= 1)
        job.kill()
    done = Items(place(str(out))).done()
    before = {n: (out / f"results/{n:06}.jsonl").read_bytes() for n in done}
    with start(many, out, cluster.address) as job:
        said, errors = job.communicate(timeout=120)
    assert job.returncode == 1, errors
    here = int(said.partition(" of them by this run")[0].rpartition(", ")[2].replace(",", ""))
    assert 0 < here < MANY + 1
    check(many, out)
    for number, data in before.items():
        assert (out / f"results/{number:06}.jsonl").read_bytes() == data


def test_from_and_to_a_bucket(cluster: nodes.Nodes, bucket: str) -> None:
    names = fill(f"{bucket}/in", 20, 1)
    command = [sys.executable, "-m", "digitapp", "batch", "--ray", cluster.address]
    run = subprocess.run(
        [*command, "--form", "parquet", f"{bucket}/in", f"{bucket}/out"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1, run.stderr
    out = place(f"{bucket}/out")
    tables = [
        pq.read_table(io.BytesIO(out.read(f"results/{name}"))) for name in out.names("results")
    ]
    assert sorted(name for table in tables for name in table["file"].to_pylist()) == names


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense"])
def test_where_no_cluster_answers(address: str, scans: Path) -> None:
    command = [sys.executable, "-m", "digitapp", "batch", "--ray", address, ".", "out"]
    run = subprocess.run(command, cwd=scans, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stderr.startswith(f"digitapp: No cluster answers at {address}: ")


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Unavailable, match=r"digitapp\[ray\]"):
        OnRay(TASK, "auto")
