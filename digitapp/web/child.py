"""What runs in a process that reads pictures for a server (see `readers.Processes`).

It says what model it has, then answers one picture after the other, and ends when its input does:
with the server, however that ends.
"""

import json
import os
import signal
import traceback
from contextlib import suppress

from digitapp import engine
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.web import recognition
from digitapp.web.readers import ANSWER, ERROR, FAULT, receive, send, warm


def run() -> int:
    """Answer pictures from the standard input on the standard output until it ends."""
    for name in ("SIGINT", "SIGTERM"):  # they may reach all processes at once: the server decides
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    # By their numbers: a program without a console has no sys.stdin.
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a library prints is no message
    warm()
    model = engine.load("litert")
    with suppress(EOFError, OSError), source, target:
        send(target, ANSWER, model.model.encode())
        while True:  # until the server ends
            flags, data = receive(source).decode().split(), receive(source)
            send(target, *_answer(data, model, flags))
    return 0


def _answer(data: bytes, model: Engine, flags: list[str]) -> tuple[bytes, bytes]:
    try:
        return ANSWER, recognition.answer(data, model, flags)
    except DigitappError as error:
        return ERROR, json.dumps([error.code, error.message, error.retry_after]).encode()
    except Exception:  # noqa: BLE001 (it is told to the server, which logs it and answers 500)
        return FAULT, traceback.format_exc().encode()
