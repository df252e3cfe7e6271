"""One window a user: a second start hands its files to the first one and ends.

A lock of the operating system tells who is first. It is free again when its process is gone,
however that ended. The first leaves a note that only its user can read: the address of its server,
and a key. Later starts show that key and send their files there (see `web.handover`).
"""

import http.client
import json
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from filelock import BaseFileLock, FileLock, Timeout

from digitapp.errors import Unavailable
from digitapp.paths import private_folder
from digitapp.web import handover
from digitapp.web.handover import Handover, Reply, Take

PATIENCE_S, PAUSE_S = 10.0, 0.05
"""Seconds that a second start waits for the first, which may be starting, and between tries."""

MAX_REPLY = 64 * 1024
"""Longest answer in bytes."""

NO_ANSWER = (OSError, http.client.HTTPException, ValueError, TypeError, KeyError)
"""A first that is not there (yet), is silent or closing, or a note that cannot be understood."""


class Note(NamedTuple):
    """Where the first listens, the key that it asks for, and its process."""

    url: str
    key: str
    pid: int


def claim(files: Sequence[Path], folder: Path | None = None) -> "First | Reply":
    """Become the user's first, or hand the files, whose paths are absolute, to the one there is.

    Args:
        files: read by the first, if that is another.
        folder: where its lock and its note are; None takes `paths.private_folder`.

    Raises:
        OSError: the folder cannot be used.
        TooLarge: there are too many files for one message.
        Unavailable: the first does not answer.
    """
    folder = private_folder() if folder is None else folder
    body = handover.pack(files)
    lock = FileLock(folder / "lock", thread_local=False)
    end = time.monotonic() + PATIENCE_S
    while True:
        with suppress(Timeout):
            lock.acquire(blocking=False)
            return First(folder, lock)
        with suppress(*NO_ANSWER):
            return _ask(_read(folder), body, max(end - time.monotonic(), PAUSE_S))
        if time.monotonic() >= end:
            raise Unavailable(_silence(folder))
        time.sleep(PAUSE_S)


class First(AbstractContextManager["First"]):
    """The user's only one, to be closed at its end. Later starts wait until it has announced."""

    def __init__(self, folder: Path, lock: BaseFileLock) -> None:
        self._note = folder / "note"
        self._lock = lock
        self._key = secrets.token_hex(32)
        self._is_closed = False
        self._remove_note()  # of a first that was killed

    def handover(self, take: Take) -> Handover:
        """What the server needs so that `take` gets the files of later starts."""

        def take_while_open(files: list[Path]) -> Reply:
            if self._is_closed:  # the later start asks again, and is the first
                raise Unavailable("This digitapp is closing.")
            return take(files)

        return Handover(self._key, take_while_open)

    def announce(self, url: str) -> None:
        """Tell later starts where the server listens. The note is written whole or not at all.

        Raises:
            OSError: the folder cannot be written.
        """
        draft = self._note.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(json.dumps(Note(url, self._key, os.getpid())._asdict()))
        draft.replace(self._note)

    def close(self) -> None:
        """Take no more files and let the next start be the first; harmless twice."""
        if not self._is_closed:
            self._is_closed = True
            self._remove_note()
            self._lock.release()

    def _remove_note(self) -> None:
        with suppress(OSError):  # gone, or on Windows just being read: it is of no use any more
            self._note.unlink()

    def __exit__(self, *_: object) -> None:
        self.close()


def _ask(note: Note, body: bytes, timeout_s: float) -> Reply:
    """What the first answers to the files; one of NO_ANSWER if it does not."""
    address = urlsplit(note.url)
    opened = http.client.HTTPConnection(address.hostname or "", address.port, timeout_s)
    with closing(opened) as connection:
        headers = {"Authorization": f"{handover.SCHEME} {note.key}"}
        connection.request("POST", handover.ROUTE, body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read(MAX_REPLY))
    if response.status == http.HTTPStatus.INTERNAL_SERVER_ERROR:  # to ask again would not help
        return Reply(message=answer["error"]["message"])
    return Reply(**answer)  # another error has other fields


def _read(folder: Path) -> Note:
    note = json.loads((folder / "note").read_bytes())
    return Note(str(note["url"]), str(note["key"]), int(note["pid"]))


def _silence(folder: Path) -> str:
    process = ""
    with suppress(*NO_ANSWER):
        process = f" (process {_read(folder).pid})"
    return f"digitapp is open already{process} but does not answer. End it, then start again."
