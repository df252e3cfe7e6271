"""What the desktop window tells its page: files to read, and commands of its menu.

The page polls for it (`GET /api/desktop/next`). It learns a file's name and a random id, never the
path. A file is read when the page asks for it.
"""

import secrets
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from digitapp.errors import Busy, NotFound
from digitapp.files import read_bounded

LIMIT = 1000
"""Most messages that wait, and most files that can still be asked for."""

Message = dict[str, str]


class Inbox:
    """A bounded queue from the window to its page. Safe to use from several threads."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._files: dict[str, Path] = {}
        self._changed = threading.Condition()

    def offer(self, files: Iterable[Path]) -> str:
        """Offer files to the page; returns a sentence for people if they are too many, else ""."""
        try:
            for file in files:
                self.put_file(file)
        except Busy as error:
            return error.message
        return ""

    def put_file(self, path: Path) -> None:
        """Offer a file to the page.

        Raises:
            Busy: LIMIT messages wait already.
        """
        id = secrets.token_urlsafe(16)
        with self._changed:
            self._put({"kind": "file", "id": id, "name": _shown(path)})
            self._files[id] = path
            if len(self._files) > LIMIT:  # forget the oldest: the page heard of it long ago
                del self._files[next(iter(self._files))]

    def put_command(self, name: str) -> None:
        """Tell the page a command of the menu.

        Raises:
            Busy: LIMIT messages wait already.
        """
        self._put({"kind": "command", "name": name})

    def put_back(self, message: Message) -> None:
        """Put a message that reached no page to the front again."""
        with self._changed:
            self._messages.appendleft(message)
            self._changed.notify()

    def next(self, timeout_s: float) -> Message | None:
        """The oldest message: `{"kind": "file", "id", "name"}` or `{"kind": "command", "name"}`.

        None when none came within `timeout_s` seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._messages, timeout_s)
            return self._messages.popleft() if self._messages else None

    def file(self, id: str) -> bytes:
        """A file's bytes; it may be asked for again.

        Raises:
            NotFound: there is no such id, or the file cannot be opened any more.
            TooLarge: it has more than MAX_BODY bytes.
        """
        path = self._files.get(id)
        if path is None:
            raise NotFound("This file is no longer offered. Open it again.")
        name = _shown(path)
        if not path.is_file():  # a pipe or a device might never end
            raise NotFound(f"{name} is not there any more. Open it again from where it is now.")
        try:
            with path.open("rb") as file:
                return read_bounded(file)
        except OSError as error:
            raise NotFound(f"{name} cannot be opened: {error.strerror}.") from None

    def _put(self, message: Message) -> None:
        with self._changed:
            if len(self._messages) >= LIMIT:
                raise Busy(f"{LIMIT} files wait to be read. Open more when they are done.")
            self._messages.append(message)
            self._changed.notify()


def _shown(path: Path) -> str:
    """A file's name as JSON can hold it; bytes that are not text become `?`."""
    return path.name.encode("utf-8", "replace").decode()
