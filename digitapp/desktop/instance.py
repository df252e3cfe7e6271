"""One window a user: a second start hands its files to the first one and ends.

A lock of the operating system tells who is first; it is free again when its process is gone,
however that ended. The first leaves a note that only its user can read: where it listens, and the
key that both sides prove to have before anything is said. What is said is bounded JSON, never a
pickle.
"""

import json
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Client,
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from pathlib import Path
from typing import NamedTuple

from filelock import BaseFileLock, FileLock, Timeout

from digitapp.errors import TooLarge, Unavailable
from digitapp.paths import private_folder

PATIENCE_S = 10.0
"""How long a second start waits for the first, which may be starting itself, in seconds."""

PAUSE_S = 0.05
"""Time between its attempts, in seconds."""

DEADLINE_S = 2.0
"""How long a peer may take to prove its key and to say what it wants, in seconds."""

PEERS = 8
"""Peers that are heard at the same time; one more is turned away, and tries again."""

MAX_MESSAGE = 8 * 1024 * 1024
"""Longest list of files in bytes: far more than the window's page takes at once."""

MAX_REPLY = 64 * 1024
"""Longest answer in bytes."""

MAX_ADDRESS = 100
"""Longest path of a socket in bytes: macOS takes 103, Linux 107."""

BROKEN = (OSError, EOFError, AuthenticationError, ValueError, TypeError, AssertionError)
"""What a peer can bring about that leaves, is silent, has no key or talks nonsense."""


class Reply(NamedTuple):
    """What the first answers: its page's `address` if it has no window, a word for people, and an
    address of the page that opens it `once`, for a browser's arguments.
    """

    address: str = ""
    word: str = ""
    once: str = ""


class Note(NamedTuple):
    """Where the first listens, the key in hexadecimal, and its process."""

    address: str
    key: str
    pid: int


Take = Callable[[list[Path]], Reply]


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
    message = _message(files)
    lock = FileLock(folder / "lock", thread_local=False)
    end = time.monotonic() + PATIENCE_S
    while not _acquired(lock):
        reply = _ask(folder, message, end - time.monotonic())
        if reply is not None:
            return reply
        if time.monotonic() >= end:
            raise Unavailable(_silence(folder))
        time.sleep(PAUSE_S)
    return First(folder, lock)


class First:
    """The user's only one, to be closed at its end."""

    def __init__(self, folder: Path, lock: BaseFileLock) -> None:
        """Be there for others; they wait until `listen`.

        Raises:
            OSError: the folder cannot be used; the lock is free again.
        """
        self._folder = folder
        self._lock = lock
        self._closing = threading.Event()
        self._peers = threading.BoundedSemaphore(PEERS)
        self._thread: threading.Thread | None = None
        try:
            _sweep(folder)
            self._note = Note(_address(folder), secrets.token_hex(32), os.getpid())
            self._listener = Listener(self._note.address, backlog=PEERS)
            _write(folder, self._note)
        except OSError:
            lock.release()
            raise

    def listen(self, take: Take) -> None:
        """Call `take` with the files of each later start, in a thread of that."""
        self._thread = threading.Thread(
            target=self._accept, args=(take,), name="digitapp-instance", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Hear nobody any more and let the next start be the first; harmless twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self._thread is not None:
            with suppress(OSError):
                Client(self._note.address).close()  # wakes the thread
            self._thread.join(DEADLINE_S)
        with suppress(FileNotFoundError):
            self._listener.close()
        _sweep(self._folder)
        self._lock.release()

    def __enter__(self) -> "First":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self, take: Take) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError:  # too many open files, or a peer that left at once
                time.sleep(PAUSE_S)
                continue
            if self._closing.is_set() or not self._peers.acquire(blocking=False):
                connection.close()
            else:
                threading.Thread(target=self._hear, args=(connection, take), daemon=True).start()

    def _hear(self, connection: Connection, take: Take) -> None:
        """One peer, from its proof to the answer."""
        try:
            with connection, suppress(*BROKEN):
                files = self._listen_to(connection)
                if not self._closing.is_set():
                    self._answer(connection, take, files)
        finally:
            self._peers.release()

    def _answer(self, connection: Connection, take: Take, files: list[Path]) -> None:
        """Always: without an answer the peer would come again."""
        reply = Reply(word="The open digitapp could not take this. Its log says why.")
        try:
            reply = take(files)
        finally:
            connection.send_bytes(json.dumps(reply).encode())

    def _listen_to(self, connection: Connection) -> list[Path]:
        key = bytes.fromhex(self._note.key)
        with _deadline(connection):
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            return _files(connection.recv_bytes(MAX_MESSAGE))


def _acquired(lock: BaseFileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True


def _ask(folder: Path, message: bytes, timeout_s: float) -> Reply | None:
    """The first's answer; None where it is not there (yet), or silent for `timeout_s` seconds."""
    replies: list[Reply] = []

    def ask() -> None:
        with suppress(*BROKEN):
            replies.append(_exchange(_read(folder), message))

    thread = threading.Thread(target=ask, daemon=True)  # it hangs where the first does
    thread.start()
    thread.join(max(timeout_s, 0))
    return replies[0] if replies else None


def _exchange(note: Note, message: bytes) -> Reply:
    with Client(note.address, authkey=bytes.fromhex(note.key)) as connection:
        connection.send_bytes(message)
        return Reply(*json.loads(connection.recv_bytes(MAX_REPLY)))


def _message(files: Sequence[Path]) -> bytes:
    message = json.dumps(list(map(str, files))).encode()
    if len(message) > MAX_MESSAGE:
        raise TooLarge("These are too many files at once. Open a part of them.")
    return message


def _files(message: bytes) -> list[Path]:
    """The files of a message.

    Raises:
        ValueError: it holds anything else.
    """
    names = json.loads(message)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("no list of names")
    files = list(map(Path, names))
    if not all(file.is_absolute() for file in files):
        raise ValueError("a relative path, of an unknown folder")
    return files


def _silence(folder: Path) -> str:
    process = ""
    with suppress(*BROKEN):
        process = f" (process {_read(folder).pid})"
    return f"digitapp is open already{process} but does not answer. End it, then start again."


@contextmanager
def _deadline(connection: Connection) -> Iterator[None]:
    """Cut the connection after DEADLINE_S; whoever still waits for it gets an error."""
    timer = threading.Timer(DEADLINE_S, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _cut(connection: Connection) -> None:
    if sys.platform == "win32":
        connection.close()  # which ends a pipe's waiting
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as peer:
        peer.shutdown(socket.SHUT_RDWR)


def _address(folder: Path) -> str:
    """A fresh address: a pipe of a name that nobody guesses, or a socket in a private folder."""
    if sys.platform == "win32":
        return rf"\\.\pipe\digitapp-{secrets.token_hex(16)}"
    path = folder / "socket"
    if len(os.fsencode(path)) > MAX_ADDRESS:
        path = Path(tempfile.mkdtemp(prefix="digitapp-")) / "socket"
    path.unlink(missing_ok=True)
    return str(path)


def _read(folder: Path) -> Note:
    return Note(*json.loads((folder / "note").read_bytes()))


def _write(folder: Path, note: Note) -> None:
    """Write the note whole or not at all."""
    draft = folder / "note.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(json.dumps(note))
    draft.replace(folder / "note")


def _sweep(folder: Path) -> None:
    """Remove the note and the socket, the own ones or those of a first that was killed."""
    with suppress(*BROKEN):
        path = Path(_read(folder).address)
        (folder / "note").unlink()
        path.unlink(missing_ok=True)
        if path.parent != folder:
            path.parent.rmdir()
