import json

import pytest

from digitapp import errors
from digitapp.web.http.replies import reply


def every_error() -> list[type[errors.DigitappError]]:
    return [errors.DigitappError, *errors.DigitappError.__subclasses__()]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_becomes_a_whole_reply(kind: type[errors.DigitappError]) -> None:
    status, headers, body = reply(kind())
    names = dict(headers)
    assert status.startswith(f"{kind.status} ")
    assert json.loads(body) == {"error": {"code": kind.code, "message": kind.default}}
    assert names["Content-Length"] == str(len(body))
    assert names["Content-Type"] == "application/json"
    assert ("Retry-After" in names) == (kind.retry_after is not None)


def test_a_sentence_in_any_language_is_utf_8() -> None:
    body = reply(errors.NotFound("Größe 7 ist fort.")).body
    assert "Größe" in body.decode("utf-8")
