"""What runs in a process that reads pictures for a server (see `pool.Processes`).

It names its model, then answers one picture after the other. It ends when its input does, and so
with the server, however that ends.
"""

import json
import os
import signal
import sys
import traceback
from contextlib import suppress

from digitapp.engine import Engine, load
from digitapp.errors import DigitappError
from digitapp.web.workers import rights
from digitapp.web.workers.pool import ANSWER, ERROR, FAULT, receive, send
from digitapp.web.workers.reader import answer, warm

ORPHAN_S = 30
"""Longest that it reads one picture, in seconds. Its server kills it sooner, if it still runs."""


def run() -> int:
    """Answer pictures from the standard input on the standard output until it ends."""
    for name in ("SIGINT", "SIGTERM"):  # the server gets them too, and ends this process
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    # By number: a program without a console has no sys.stdin.
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library's print must not be taken for one
    warm()
    model = load("litert")
    rights.give_up()
    with suppress(EOFError, OSError), source, target:
        send(target, ANSWER, model.model.encode())
        while True:  # until the server ends
            flags, data = receive(source).decode().split(), receive(source)
            _end_in(ORPHAN_S)
            rights.end_after(rights.BUDGET_S)
            answer = _answer(data, model, flags)
            rights.end_after(0)
            _end_in(0)
            send(target, *answer)
    return 0


def _end_in(seconds: int) -> None:
    """Have the system kill this process after that time; 0 cancels it."""
    if sys.platform != "win32":  # which has no such timer
        signal.alarm(seconds)


def _answer(data: bytes, model: Engine, flags: list[str]) -> tuple[bytes, bytes]:
    try:
        return ANSWER, answer(data, model, flags)
    except DigitappError as error:
        return ERROR, json.dumps(
            [error.code, error.message, error.retry_after, error.cause]
        ).encode()
    except Exception:  # noqa: BLE001 (the server logs it and answers 500)
        return FAULT, traceback.format_exc().encode()
