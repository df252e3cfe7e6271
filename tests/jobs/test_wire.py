"""The pipes: what goes in comes out, and half a message is none."""

import io

import numpy as np
import pytest

from digitapp.errors import UnreadableImage
from digitapp.jobs.wire import (
    ANSWER,
    ERROR,
    FAULT,
    How,
    outcomes,
    receive,
    receive_bunch,
    send,
    send_bunch,
)
from digitapp.vision.types import Scan


@pytest.mark.parametrize("message", [b"", b"7", bytes(100_000)])
def test_messages_come_as_they_went(message: bytes) -> None:
    pipe = io.BytesIO()
    send(pipe, message, b"next")
    pipe.seek(0)
    assert [receive(pipe), receive(pipe)] == [message, b"next"]
    with pytest.raises(EOFError):
        receive(pipe)


@pytest.mark.parametrize("cut", [1, 3, 4, 8, 12, 14])
def test_half_a_message_is_none(cut: int) -> None:
    pipe = io.BytesIO()
    send(pipe, ANSWER, b"seven")
    with pytest.raises(EOFError):
        list(outcomes(io.BytesIO(pipe.getvalue()[:cut]), 1))


def test_a_bunch_comes_as_it_went() -> None:
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    pipe = io.BytesIO()
    send_bunch(pipe, How({"input", "one_digit"}, 2.5), [b"file", Scan(grey, 30, 20), b""])
    pipe.seek(0)
    how, (first, scan, last) = receive_bunch(pipe)
    assert (set(how.flags), how.budget_s) == ({"input", "one_digit"}, 2.5)
    assert (first, last) == (b"file", b"")
    assert isinstance(scan, Scan)
    assert (scan.grey.tolist(), scan.width, scan.height) == (grey.tolist(), 30, 20)


def test_outcomes_are_answers_errors_and_faults() -> None:
    pipe = io.BytesIO()
    send(pipe, ANSWER, b"{}")
    send(pipe, ERROR, b'["unreadable-image", "It is damaged.", null, "OSError()"]')
    send(pipe, FAULT, b"Traceback: no such thing")
    pipe.seek(0)
    answer, error, fault = outcomes(pipe, 3)
    assert answer == b"{}"
    assert isinstance(error, UnreadableImage)
    assert error.message == "It is damaged."
    assert isinstance(fault, RuntimeError)
    assert "no such thing" in str(fault)
