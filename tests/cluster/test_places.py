"""Folders and buckets: the same promises of both."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digitapp.cluster import places
from digitapp.cluster.places import Found, Place, Unreachable, place
from digitapp.config import MAX_BODY
from digitapp.errors import NotFound, TooLarge, Unavailable, UnreadableImage
from tests.cluster import store

ODD = ["a b+c#%41?.png", "ü.PNG", "1/2/3.jpeg", "-.gif"]


@pytest.fixture(params=["folder", "bucket"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place of each kind."""
    if request.param == "folder":
        (tmp_path / "place").mkdir()
        yield str(tmp_path / "place")
    else:
        yield request.getfixturevalue("bucket")


@pytest.fixture
def here(address: str) -> Place:
    return place(address)


def test_what_is_written_is_read(here: Place) -> None:
    here.write("results/1.jsonl", b"one")
    here.write("results/1.jsonl", b"two")
    assert here.read("results/1.jsonl") == b"two"
    with pytest.raises(NotFound, match=r"results/2\.jsonl is not there"):
        here.read("results/2.jsonl")


def test_a_name_is_created_once(here: Place) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: here.create("items/1.json", bytes([n])), range(8)))
    assert made.count(True) == 1
    assert here.read("items/1.json") == bytes([made.index(True)])


def test_names_of_a_folder(here: Place) -> None:
    assert list(here.names("done")) == []
    for name in ("2.json", "10.json", "1.json"):
        here.write(f"done/{name}", b"{}")
    here.write("done-too/9.json", b"{}")
    assert sorted(here.names("done")) == ["1.json", "10.json", "2.json"]


def test_pictures_by_their_names(here: Place) -> None:
    for name in [*ODD, "notes.txt", ".hidden/4.png", "1/.5.png"]:
        here.write(name, name.encode())
    found = list(here.pictures())
    assert sorted(found) == sorted(Found(name, len(name.encode())) for name in ODD)
    for name in ODD:
        assert here.picture(name) == name.encode()


def test_a_picture_that_cannot_be_had_is_told(here: Place) -> None:
    here.write("other.png", b"one")
    with pytest.raises(NotFound):
        here.picture("gone.png")
    here.write("large.png", bytes(MAX_BODY + 1))
    with pytest.raises(TooLarge):
        here.picture("large.png")


@pytest.mark.parametrize("is_mounted_on", [True, False])
def test_pictures_of_a_disk_that_is_away_are_not_gone(tmp_path: Path, is_mounted_on: bool) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "1.png").touch()
    there = place(str(folder))
    with pytest.raises(NotFound):
        there.picture("2.png")
    (folder / "1.png").unlink()  # an empty folder is what an unmounted disk leaves
    if not is_mounted_on:
        folder.rmdir()
    with pytest.raises(Unreachable, match="disk cannot be used: "):
        there.picture("1.png")


def test_a_full_or_locked_folder_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "results").write_bytes(b"a file where the folder should be")
    with pytest.raises(Unreachable, match="cannot be used"):
        place(str(tmp_path)).write("results/1.jsonl", b"")
    with pytest.raises(Unreachable, match="cannot be used"):
        place(str(tmp_path)).read("results/1.jsonl")


def test_no_half_file_is_seen_and_none_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    here = place(str(tmp_path))
    here.write("results/1.jsonl", b"old")
    monkeypatch.setattr("digitapp.cluster.places.os.fsync", full)
    with pytest.raises(Unreachable, match="No space left"):
        here.write("results/1.jsonl", b"new")
    assert here.read("results/1.jsonl") == b"old"
    assert [each.name for each in (tmp_path / "results").iterdir()] == ["1.jsonl"]


def test_half_files_of_the_dead_have_no_name(tmp_path: Path) -> None:
    here = place(str(tmp_path))
    here.write("done/1.json", b"{}")
    (tmp_path / "done" / f".2.json-ab{places.PART}").write_bytes(b"")
    assert list(here.names("done")) == ["1.json"]


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unknown)
    here = place(str(tmp_path))
    assert here.create("items/1.json", b"one")
    assert not here.create("items/1.json", b"two")
    assert here.read("items/1.json") == b"one"


def test_a_source_that_is_not_there(tmp_path: Path, bucket: str) -> None:
    with pytest.raises(Unavailable, match="There is no folder"):
        list(place(str(tmp_path / "gone")).pictures())
    assert list(place(bucket).pictures()) == []
    elsewhere = place("s3://no-such-bucket/scans")
    with pytest.raises(Unreachable, match="The specified bucket does not exist"):
        list(elsewhere.pictures())
    with pytest.raises(Unreachable, match="The specified bucket does not exist"):
        elsewhere.write("a", b"")


@pytest.mark.parametrize("address", ["https://example.org/a", "file:///etc", "ftp://a/b"])
def test_no_other_addresses(address: str) -> None:
    with pytest.raises(Unavailable, match="begins with s3://, gs://, az://"):
        place(address)


def test_a_store_that_does_not_encrypt_must_be_named_by_the_owner(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(bucket).write("a", b"1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
    monkeypatch.setattr(places, "RETRIED", 0)
    with pytest.raises(Unreachable):
        place(bucket).read("a")


def test_a_name_that_no_library_can_read_is_told(bucket: str, store_address: str) -> None:
    port = int(store_address.rpartition(":")[2])
    store.ask(port, "PUT", f"/{bucket.removeprefix('s3://')}/a//b.png", b"1")
    with pytest.raises(Unreachable, match=r"a//b\.png"):
        list(place(bucket).pictures())


def test_without_keys_it_says_which_variables_to_set(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in store.KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://169.254.169.254")
    monkeypatch.setattr(places, "RETRIED", 0)
    with pytest.raises(Unreachable, match=r"has no keys for it\. Set AWS_ACCESS_KEY_ID"):
        place(bucket).read("a")


def test_requests_that_fail_are_sent_again(
    bucket: str, monkeypatch: pytest.MonkeyPatch, store_address: str
) -> None:
    with store.trouble(store_address, failing=0.3, slow_s=0.01) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL", way.address)
        here = place(bucket)
        for number in range(20):
            here.write(f"{number}.png", bytes([number]))
        assert [here.picture(f"{number}.png")[0] for number in range(20)] == list(range(20))
        assert len(list(here.pictures())) == 20
        assert way.failed > 5


def test_pictures_are_listed_while_they_are_asked_for(tmp_path: Path) -> None:
    for folder in range(3):
        place(str(tmp_path)).write(f"{folder}/1.png", b"x")
    found = place(str(tmp_path)).pictures()
    assert next(found) == Found("0/1.png", 1)
    (tmp_path / "2" / "1.png").unlink()
    assert [each.name for each in found] == ["1/1.png"]


def test_a_picture_that_may_not_be_read_is_that_pictures_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked.png").write_bytes(b"x")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("digitapp.files.os.open", refuse)
    with pytest.raises(UnreadableImage, match="Permission denied"):
        place(str(tmp_path)).picture("locked.png")


def test_many_threads_share_a_place(here: Place) -> None:
    def write_and_read(number: int) -> bool:
        here.write(f"{number}.png", str(number).encode())
        return here.picture(f"{number}.png") == str(number).encode()

    before = threading.active_count()
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(write_and_read, range(100)))
    assert threading.active_count() == before


def test_a_disk_that_does_not_answer_costs_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seven.png").write_bytes(b"x")

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("digitapp.files.os.open", fail)
    with pytest.raises(Unreachable, match="Input/output error"):
        place(str(tmp_path)).picture("seven.png")
