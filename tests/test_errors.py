"""The tree of errors: statuses and codes are promises to programs, sentences are for people."""

import pytest

from digitapp.errors import DigitappError

CONTRACT = [
    ("BadRequest", 400, "bad-request", None),
    ("Unauthorized", 401, "unauthorized", None),
    ("Forbidden", 403, "forbidden", None),
    ("NotFound", 404, "not-found", None),
    ("MethodNotAllowed", 405, "method-not-allowed", None),
    ("TooLarge", 413, "too-large", None),
    ("UnsupportedFormat", 415, "unsupported-format", None),
    ("UnreadableImage", 422, "unreadable-image", None),
    ("TooManyRequests", 429, "too-many-requests", 1),
    ("InternalError", 500, "internal-error", None),
    ("Busy", 503, "busy", 1),
    ("Unavailable", 503, "unavailable", None),
]
"""Name, HTTP status, code, and seconds of `Retry-After`."""

ALL = DigitappError.__subclasses__()


def test_statuses_and_codes_never_change() -> None:
    assert [(e.__name__, e.status, e.code, e.retry_after) for e in ALL] == CONTRACT



@pytest.mark.parametrize("error", [DigitappError, *ALL])
def test_each_says_a_whole_sentence_to_people(error: type[DigitappError]) -> None:
    message = error().message
    assert message == str(error()) == error.default
    assert message[0].isupper()
    assert message.endswith(".")


@pytest.mark.parametrize("error", ALL)
def test_a_message_of_its_own_replaces_the_sentence(error: type[DigitappError]) -> None:
    assert error("Save it as JPEG.").to_json() == {
        "error": {"code": error.code, "message": "Save it as JPEG."}
    }
