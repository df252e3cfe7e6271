"""Everything that can go wrong: each error has an HTTP status, a stable code and a sentence."""

from typing import ClassVar

from digitapp import formats


class DigitappError(Exception):
    """The root. `message` is a whole sentence for people; `retry_after` is in seconds."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    default: ClassVar[str] = "Something went wrong in the program. Its log says what."
    retry_after: int | None = None

    def __init__(self, message: str | None = None, retry_after: int | None = None) -> None:
        """`message` and `retry_after`, where they are given, stand for the class's own."""
        self.message = message or self.default
        if retry_after is not None:
            self.retry_after = retry_after
        super().__init__(self.message)

    def to_json(self) -> dict[str, dict[str, str]]:
        """The error as every entry point gives it: `{"error": {"code": ..., "message": ...}}`."""
        return {"error": {"code": self.code, "message": self.message}}


class BadRequest(DigitappError):
    """The request is not HTTP that we speak, or its body is empty."""

    status = 400
    code = "bad-request"
    default = "The request could not be understood. Send a picture's bytes as the body."


class Unauthorized(DigitappError):
    """No token, or a wrong one."""

    status = 401
    code = "unauthorized"
    default = "This server asks for its token. Open the address that it printed at its start."


class Forbidden(DigitappError):
    """The request's Host or Origin is not this server's."""

    status = 403
    code = "forbidden"
    default = "This request came from a page or by a name that is not this server's own."


class NotFound(DigitappError):
    """There is no such route, or no such file at it."""

    status = 404
    code = "not-found"
    default = "There is nothing at this address."


class MethodNotAllowed(DigitappError):
    """The route exists, the method does not."""

    status = 405
    code = "method-not-allowed"
    default = "This address does not take that method."


class TooLarge(DigitappError):
    """The body, a side or the number of pixels is over its bound."""

    status = 413
    code = "too-large"
    default = "The picture is too large. Send one of at most 20 MiB."


class UnsupportedFormat(DigitappError):
    """Not one of the formats that we read."""

    status = 415
    code = "unsupported-format"
    default = f"This is no picture that can be read here. Use {formats.listed()}."


class UnreadableImage(DigitappError):
    """A known format, but truncated or corrupt."""

    status = 422
    code = "unreadable-image"
    default = "The picture is damaged or incomplete. Save or send it again."


class TooManyRequests(DigitappError):
    """One sender asks too often."""

    status = 429
    code = "too-many-requests"
    default = "Too many requests from this device. Wait a moment and try again."
    retry_after = 1


class InternalError(DigitappError):
    """A fault of ours."""


class Busy(DigitappError):
    """Every recognition slot is taken."""

    status = 503
    code = "busy"
    default = "The server is busy. Try again in a second."
    retry_after = 1


class Unavailable(DigitappError):
    """Something that this program needs on this machine is not to be had."""

    status = 503
    code = "unavailable"
    default = "A part that the program needs is missing on this machine."


def from_code(code: str, message: str, retry_after: int | None) -> DigitappError:
    """The error that another process raised."""
    kinds = {kind.code: kind for kind in DigitappError.__subclasses__()}
    return kinds[code](message, retry_after)
