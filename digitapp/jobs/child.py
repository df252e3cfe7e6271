"""What runs in a process that reads pictures (see `process.Process`).

It names its model, then answers one picture after the other. It ends when its input does, and so
with the program that has started it, however that ends.
"""

import gc
import json
import math
import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

from digitapp.engine import Engine, load
from digitapp.errors import DigitappError
from digitapp.jobs import rights
from digitapp.jobs.reader import answer, warm
from digitapp.jobs.wire import ANSWER, ERROR, FAULT, How, Picture, receive_bunch, send

ORPHAN_S = 600
"""It reads one picture for so many seconds beyond its processor time at the longest. The program
kills it sooner, if that still runs. A person may have stopped both for a while (Ctrl-Z).
"""

BUFFER = 1024 * 1024
"""Answers wait in a buffer of so many bytes until all of a bunch are there."""


def run(at_once: bool = True) -> NoReturn:
    """Answer pictures from the standard input on the standard output until it ends.

    With `at_once` False, it loads only the networks that the pictures need: 8 ms of 130 for one.
    This process ends with that, and leaves out Python's own end, which takes 10 ms.
    """
    for name in ("SIGINT", "SIGTERM"):  # the program gets them too, and ends this process
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    # By number: a program without a console has no sys.stdin.
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", BUFFER)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library's print must not be taken for one
    model = _load(at_once)
    rights.give_up()
    with suppress(EOFError, OSError), source, target:
        send(target, ANSWER, model.model.encode())
        while True:  # until the program ends
            target.flush()
            how, pictures = receive_bunch(source)
            for picture in pictures:
                send(target, *_within_budget(picture, model, how))
    os._exit(0)


def _load(at_once: bool) -> Engine:
    """Load what reads pictures, in the time that takes least."""
    # Pictures are read side by side, not parts of one. OpenBLAS would start a thread for each
    # processor with NumPy, which took 55 ms of processor time to begin with.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()  # it would look for rubbish in what is loaded, again and again: 8 ms of 120
    warm()
    model = load("litert", at_once)
    gc.freeze()  # all of this stays
    gc.enable()
    return model


def _within_budget(picture: Picture, model: Engine, how: How) -> tuple[bytes, bytes]:
    _end_in(math.ceil(how.budget_s) + ORPHAN_S)
    rights.end_after(how.budget_s)
    answer = _answer(picture, model, how)
    rights.end_after(0)
    _end_in(0)
    return answer


def _end_in(seconds: int) -> None:
    """Have the system kill this process after that time; 0 cancels it."""
    if sys.platform != "win32":  # which has no such timer
        signal.alarm(seconds)


def _answer(picture: Picture, model: Engine, how: How) -> tuple[bytes, bytes]:
    try:
        return ANSWER, answer(picture, model, how.flags)
    except DigitappError as error:
        return ERROR, json.dumps(
            [error.code, error.message, error.retry_after, error.cause]
        ).encode()
    except Exception:  # noqa: BLE001 (the program logs it and answers 500)
        return FAULT, traceback.format_exc().encode()
