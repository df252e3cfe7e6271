"""What the desktop window tells its page: files to read, and commands of its menu.

The page asks for it (`GET /api/desktop/next`). It learns a file's name and a random id, never a
path, and files are read only when it asks for them.
"""

import secrets
import threading
from collections import deque
from pathlib import Path

from digitapp.config import MAX_BODY
from digitapp.errors import Busy, NotFound, TooLarge

LIMIT = 1000
"""Most messages that wait, and most files that can still be asked for."""

Message = dict[str, str]


class Inbox:
    """A bounded queue from the window to its page. Safe to use from several threads."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._files: dict[str, Path] = {}
        self._changed = threading.Condition()

    def put_file(self, path: Path) -> None:
        """Offer a file to the page.

        Raises:
            Busy: LIMIT messages wait already.
        """
        id = secrets.token_urlsafe(16)
        self._put({"kind": "file", "id": id, "name": path.name})
        self._files[id] = path

    def put_command(self, name: str) -> None:
        """Tell the page a command of the menu.

        Raises:
            Busy: LIMIT messages wait already.
        """
        self._put({"kind": "command", "name": name})

    def next(self, timeout_s: float) -> Message | None:
        """The oldest message: `{"kind": "file", "id", "name"}` or `{"kind": "command", "name"}`.

        None when none came within `timeout_s` seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._messages, timeout_s)
            return self._messages.popleft() if self._messages else None

    def file(self, id: str) -> tuple[str, bytes]:
        """A file's name and bytes."""
        raise NotImplementedError

    def _put(self, message: Message) -> None:
        with self._changed:
            if len(self._messages) >= LIMIT:
                raise Busy(f"{LIMIT} files wait to be read. Open more when they are done.")
            self._messages.append(message)
            self._changed.notify()
