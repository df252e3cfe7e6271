"""waitress' parser of requests, adapted: what breaks it, large bodies of strangers, full disks."""

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress import parser, utilities  # type: ignore[import-untyped]

from digitapp import logs
from digitapp.errors import Busy, DigitappError

MAX_HEAD, MAX_LINE = 16 * 1024, 4 * 1024
"""Longest request line and headers together, and longest size line or trailer of a chunked body, in
bytes. For the latter waitress has no limit."""

LARGE = 64 * 1024
"""A body of more bytes than this is refused by its head if it will be, before it arrives."""

NO_ROOM = "There is no room on the server's disk for this picture. Try again later."


class Parser(parser.HTTPRequestParser):  # type: ignore[misc]
    """One request. Its `error` is what it is refused with."""

    completed: bool
    path = ""  # the log asks for it even if the request could not be parsed

    def __init__(self, adj: Any, admit: "Callable[[Parser], None]") -> None:
        """`admit` raises a DigitappError if a large body is not wanted."""
        super().__init__(adj)
        self._admit = admit

    def received(self, data: bytes) -> int:
        """Take bytes of the request; returns how many belong to it."""
        is_head = not self.headers_finished
        try:
            consumed = int(super().received(data))
        except OSError as error:
            self._refuse(_unkept(error))
            consumed = len(data)
        if is_head and self.headers_finished:
            self._check_large()
        if self.chunked and not self.completed:
            longest = max(len(self.body_rcv.control_line), len(self.body_rcv.trailer))
            if longest > MAX_LINE:
                self._refuse(utilities.BadRequest("chunk line too long"))
        if self.completed:
            # Else waitress would send "100 Continue" and read on, even after an error.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head. A URI or a length that Python refuses is the sender's error."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise parser.ParsingError(str(error)) from None
        codings = _codings(header_plus)
        # HTTP/1.0 has no chunks, and a length beside them may be what a proxy before us goes by:
        # a part of the body could be taken for a second request (RFC 9112, 6.1 and 6.3).
        is_clear = self.version == "1.1" and "CONTENT_LENGTH" not in self.headers
        if codings and not (is_clear and codings == [b"chunked"]):
            raise parser.ParsingError("a body that could end in two places")

    def close(self) -> None:
        """Close the body's buffer. What a full disk did not take is lost."""
        with suppress(OSError):
            super().close()

    def _refuse(self, error: DigitappError | utilities.Error) -> None:
        self.error = error
        self.completed = True

    def _check_large(self) -> None:
        if not self.completed and (self.chunked or self.content_length > LARGE):
            try:
                self._admit(self)
            except DigitappError as error:
                self._refuse(error)


def _codings(head: bytes) -> list[bytes]:
    """What the head's lines about Transfer-Encoding say, empty ones too, which waitress ignores."""
    lines = [line.lower().partition(b":") for line in head.split(b"\r\n")]
    return [value.strip(b" \t") for name, _, value in lines if name == b"transfer-encoding"]


def _unkept(error: OSError) -> Busy:
    """The error for a body that could not be written to its file."""
    logs.log.info("A body cannot be kept: %s", error.strerror or type(error).__name__)
    if error.errno in {errno.EMFILE, errno.ENFILE}:  # too many open files, but room on the disk
        return Busy()
    return Busy(NO_ROOM)
