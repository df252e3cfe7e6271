import os
import threading
import time
from pathlib import Path

import pytest

from digitapp.config import MAX_BODY
from digitapp.errors import Busy, NotFound, TooLarge
from digitapp.web.inbox import LIMIT, Inbox


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def offered(inbox: Inbox, path: Path) -> str:
    """Offer a file and return its id."""
    inbox.put_file(path)
    message = inbox.next(0)
    assert message is not None
    return message["id"]


def test_messages_come_in_order_and_once(inbox: Inbox, tmp_path: Path) -> None:
    inbox.put_command("clear")
    inbox.put_file(tmp_path / "a.png")
    inbox.put_command("undo")
    assert inbox.next(0) == {"kind": "command", "name": "clear"}
    message = inbox.next(0)
    assert message is not None
    assert (message["kind"], message["name"]) == ("file", "a.png")
    assert inbox.next(0) == {"kind": "command", "name": "undo"}
    assert inbox.next(0) is None


def test_a_file_is_read_when_it_is_asked_for_and_again(inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "photo of a 7.png"
    path.write_bytes(b"old")
    id = offered(inbox, path)
    path.write_bytes(b"new")
    assert inbox.file(id) == ("photo of a 7.png", b"new")
    assert inbox.file(id) == ("photo of a 7.png", b"new")


def test_an_id_is_random_and_tells_no_path(inbox: Inbox, tmp_path: Path) -> None:
    ids = {offered(inbox, tmp_path / "a.png") for _ in range(20)}
    assert len(ids) == 20
    assert not any("a.png" in id or "/" in id for id in ids)


def test_a_path_is_no_id(inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"data")
    inbox.put_file(path)
    with pytest.raises(NotFound):
        inbox.file(str(path))


def test_a_missing_file_is_told_and_nothing_else_is_lost(inbox: Inbox, tmp_path: Path) -> None:
    here = tmp_path / "here.png"
    here.write_bytes(b"data")
    lost, found = offered(inbox, tmp_path / "gone.png"), offered(inbox, here)
    with pytest.raises(NotFound, match=r"gone\.png is not there any more"):
        inbox.file(lost)
    assert inbox.file(found) == ("here.png", b"data")


def test_a_folder_or_a_pipe_is_no_file(inbox: Inbox, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        inbox.file(offered(inbox, tmp_path))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(NotFound):
            inbox.file(offered(inbox, tmp_path / "pipe.png"))


def test_a_file_that_may_not_be_read_says_so(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(b"data")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(NotFound, match=r"secret\.png cannot be opened: Permission denied"):
        inbox.file(offered(inbox, path))


@pytest.mark.parametrize(("size", "fits"), [(MAX_BODY, True), (MAX_BODY + 1, False)])
def test_a_file_is_bounded(inbox: Inbox, tmp_path: Path, size: int, fits: bool) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(size)
    id = offered(inbox, path)
    if fits:
        assert len(inbox.file(id)[1]) == size
    else:
        with pytest.raises(TooLarge, match=r"huge\.png is larger than 20 MiB"):
            inbox.file(id)


def test_the_queue_is_bounded_and_keeps_what_waits(inbox: Inbox) -> None:
    for number in range(LIMIT):
        inbox.put_command(str(number))
    with pytest.raises(Busy, match="wait to be read"):
        inbox.put_file(Path("one-more.png"))
    assert inbox.next(0) == {"kind": "command", "name": "0"}


def test_more_files_than_it_holds_are_left_out_with_a_word(inbox: Inbox) -> None:
    message = inbox.offer(Path(f"{number}.png") for number in range(5000))
    assert message == "1000 files wait to be read. Open more when they are done."
    assert [(inbox.next(0) or {})["name"] for _ in range(2)] == ["0.png", "1.png"]
    assert inbox.offer([Path("1.png")]) == ""


def test_the_oldest_files_are_forgotten_first(inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"data")
    ids = [offered(inbox, path) for _ in range(LIMIT + 1)]
    with pytest.raises(NotFound, match="no longer offered"):
        inbox.file(ids[0])
    assert inbox.file(ids[1])[1] == b"data"


def test_a_message_that_is_put_back_is_the_next(inbox: Inbox) -> None:
    inbox.put_command("first")
    inbox.put_command("second")
    message = inbox.next(0)
    assert message is not None
    inbox.put_back(message)
    assert inbox.next(0) == {"kind": "command", "name": "first"}


def test_waiting_ends_with_the_message(inbox: Inbox) -> None:
    got: list[dict[str, str] | None] = []
    waiter = threading.Thread(target=lambda: got.append(inbox.next(30)))
    waiter.start()
    time.sleep(0.05)
    inbox.put_command("clear")
    waiter.join(10)
    assert got == [{"kind": "command", "name": "clear"}]


def test_a_name_that_is_no_text_can_be_told(inbox: Inbox, tmp_path: Path) -> None:
    inbox.put_file(tmp_path / "7\udcff.png")
    message = inbox.next(0)
    assert message is not None
    assert message["name"] == "7?.png"
    with pytest.raises(NotFound, match=r"7\?\.png"):
        inbox.file(message["id"])
