"""Everything that can go wrong: each error has an HTTP status, a stable code and a sentence."""

from typing import ClassVar

from digitapp import formats


class DigitappError(Exception):
    """The root. `message` is a whole sentence for people; `retry_after` is in seconds.

    `cause` is what a library said, for the log alone.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    default: ClassVar[str] = "Something went wrong in the program. Its log says what."
    retry_after: int | None = None
    cause = ""

    def __init_subclass__(cls, status: int, code: str) -> None:
        cls.status, cls.code = status, code

    def __init__(self, message: str | None = None, retry_after: int | None = None) -> None:
        """`message` and `retry_after`, where they are given, stand for the class's own."""
        self.message = message or self.default
        if retry_after is not None:
            self.retry_after = retry_after
        super().__init__(self.message)

    def to_json(self) -> dict[str, dict[str, str]]:
        """The error as every entry point gives it: `{"error": {"code": ..., "message": ...}}`."""
        return {"error": {"code": self.code, "message": self.message}}


class BadRequest(DigitappError, status=400, code="bad-request"):
    """The request is not HTTP that we speak, or its body is empty."""

    default = "The request could not be understood. Send a picture's bytes as the body."


class Unauthorized(DigitappError, status=401, code="unauthorized"):
    """No token, or a wrong one."""

    default = "This server asks for its token. Open the address that it printed at its start."


class Forbidden(DigitappError, status=403, code="forbidden"):
    """The request's Host or Origin is not this server's."""

    default = "This request came from a page or by a name that is not this server's own."


class NotFound(DigitappError, status=404, code="not-found"):
    """There is no such route, or no such file at it."""

    default = "There is nothing at this address."


class MethodNotAllowed(DigitappError, status=405, code="method-not-allowed"):
    """The route exists, the method does not."""

    default = "This address does not take that method."


class TooLarge(DigitappError, status=413, code="too-large"):
    """The body, a side or the number of pixels is over its bound."""

    default = "The picture is too large. Send one of at most 20 MiB."


class UnsupportedFormat(DigitappError, status=415, code="unsupported-format"):
    """Not one of the formats that we read."""

    default = f"This is no picture that can be read here. Use {formats.listed()}."


class UnreadableImage(DigitappError, status=422, code="unreadable-image"):
    """A known format, but truncated or corrupt."""

    default = "The picture is damaged or incomplete. Save or send it again."


class TooManyRequests(DigitappError, status=429, code="too-many-requests"):
    """One sender asks too often."""

    default = "Too many requests from this device. Wait a moment and try again."
    retry_after = 1


class InternalError(DigitappError, status=500, code="internal-error"):
    """A fault of ours."""


class Busy(DigitappError, status=503, code="busy"):
    """Every recognition slot is taken, or memory or the disk has no room for the picture."""

    default = "The server is busy. Try again in a second."
    retry_after = 1


NO_MEMORY = "There is not enough memory for this picture now. Try again in a moment."
"""What Busy says then."""


class Unavailable(DigitappError, status=503, code="unavailable"):
    """This machine lacks what the program needs: an engine, a window or a port."""

    default = "A part that the program needs is missing on this machine."


def from_code(code: str, message: str, retry_after: int | None) -> DigitappError:
    """The error that another process raised."""
    kinds = {kind.code: kind for kind in DigitappError.__subclasses__()}
    return kinds[code](message, retry_after)
