"""Where a job's pictures come from and its results go to: a folder, or a bucket of an object store.

Every write is whole or not there at all, whatever is killed meanwhile.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from digitapp import files
from digitapp.config import MAX_BODY
from digitapp.errors import NotFound, TooLarge, Unavailable, UnreadableImage
from digitapp.formats import ENDINGS

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az")
"""What begins a bucket's address: Amazon's protocol, which many stores speak, Google's, Azure's."""

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
"""Variables that name another store than Amazon's, as the package reads them."""

METADATA = "169.254.169.254"
"""Where a cloud's own machines are asked for keys, once no variable has any."""

NO_KEYS = (
    "this machine has no keys for it. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, "
    "on a cluster before you start its nodes"
)

NO_STORE = (
    'Buckets need another package: python -m pip install "digitapp[batch]", or in a clone '
    "python -m pip install '.[batch]'."
)

RETRIED = 50
"""So many times a request is sent again at most. The pauses grow, so that the time below ends it
first: eight take two seconds. Of 22,000 requests of which one in ten failed none was lost."""

GIVEN_UP_S, ANSWERED_S = 60, 30
"""No request is sent again after so many seconds, and none waits longer for its answer."""

LASTING = {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO}
"""What the system says of one file, and will say again: no right to it, or it is no file. Whatever
else it says may pass, such as a disk that does not answer."""

PART = ".part"
"""The ending of a file that is not whole yet."""


class Found(NamedTuple):
    """A picture: its name below the source, with slashes, and its size in bytes by then."""

    name: str
    size: int


class Unreachable(Exception):
    """A place does not answer, or is full. The work can be done later, or by another machine."""


class Place(Protocol):
    """A folder or a bucket. Names are below it, with slashes.

    All methods raise Unreachable where the place cannot be used.
    """

    def pictures(self) -> Iterator[Found]:
        """All pictures, as their names tell, few of them in memory at a time; no hidden ones."""

    def names(self, folder: str) -> Iterator[str]:
        """The names of what lies in one of our folders, without the folder's own."""

    def picture(self, name: str) -> bytes:
        """A picture's bytes.

        Raises:
            NotFound, TooLarge, UnreadableImage: this picture cannot be had.
        """

    def read(self, name: str) -> bytes:
        """A file that we have written; raises NotFound if it is not there."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file, in place of one of that name."""

    def create(self, name: str, data: bytes) -> bool:
        """Write a file, unless there is one of that name; whether it was written."""


def place(address: str) -> Place:
    """A place by its address: a folder's path, or `s3://BUCKET/FOLDER` and the like.

    Raises:
        Unavailable: the address is of no kind that we know, or its package is not installed.
    """
    if "://" not in address:
        return Folder(Path(address))
    if address.partition("://")[0] not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise Unavailable(f"Give a folder, or an address that begins with {known}.")
    return Bucket(address)


class Folder:
    """A folder of this machine, or one that all machines of a cluster see at the same path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pictures(self) -> Iterator[Found]:
        """See `Place.pictures`. A locked folder stands for itself, so that it is told."""
        if not self._path.is_dir():
            raise Unavailable(f"There is no folder {files.printable(str(self._path))!r}.")
        for path in files.walked(self._path):
            size = 0
            with suppress(OSError):  # whoever reads it tells what is wrong
                size = path.stat().st_size
            yield Found(path.relative_to(self._path).as_posix(), size)

    def names(self, folder: str) -> Iterator[str]:
        """See `Place.names`."""
        with (
            _told(self._path),
            suppress(FileNotFoundError),
            os.scandir(self._path / folder) as found,
        ):
            yield from sorted(each.name for each in found if not each.name.endswith(PART))

    def picture(self, name: str) -> bytes:
        """See `Place.picture`. If a folder has nothing at all by now, its disk is away."""
        try:
            return files.read(self._path / name)
        except UnreadableImage as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno not in LASTING:
                raise Unreachable(f"{self._path} cannot be used: {cause.strerror}.") from None
            raise
        except NotFound:
            with _told(self._path), os.scandir(self._path) as found:
                if any(True for _ in found):
                    raise
            raise Unreachable(f"{self._path} cannot be used: it is empty by now.") from None

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        with _told(self._path):
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                raise NotFound(f"{name} is not there.") from None

    def write(self, name: str, data: bytes) -> None:
        """See `Place.write`."""
        with self._part(name, data) as part:
            part.replace(self._path / name)

    def create(self, name: str, data: bytes) -> bool:
        """See `Place.create`."""
        with self._part(name, data) as part:
            path = self._path / name
            try:
                path.hardlink_to(part)
            except FileExistsError:
                return False
            except OSError:  # this disk knows no hard links
                if path.exists():
                    return False
                part.replace(path)
        return True

    @contextmanager
    def _part(self, name: str, data: bytes) -> Iterator[Path]:
        """The data in a file beside that one; it is on the disk, and is removed if it stays."""
        path = self._path / name
        with _told(self._path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}-{secrets.token_hex(4)}{PART}")
            try:
                with part.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                yield part
            finally:
                part.unlink(missing_ok=True)


class Bucket:
    """A part of a bucket. Its owner's keys come from the environment, as for the store's own tools.

    Requests that fail are sent again, see RETRIED.
    """

    def __init__(self, address: str) -> None:
        """`address` is `s3://BUCKET/FOLDER`.

        Raises:
            Unavailable: the address does not name a bucket, or the package is not installed.
        """
        try:
            from obstore.exceptions import BaseError
            from obstore.store import from_url
        except ImportError:
            raise Unavailable(NO_STORE) from None
        self._address = address
        try:
            self._store: ObjectStore = from_url(
                address,
                client_options={
                    "timeout": timedelta(seconds=ANSWERED_S),
                    "allow_http": any(map(_is_open, ENDPOINTS)),
                },
                retry_config={
                    "max_retries": RETRIED,
                    "retry_timeout": timedelta(seconds=GIVEN_UP_S),
                },
            )
        except BaseError as error:
            raise Unavailable(f"{address} cannot be used: {_said(error)}.") from None

    def pictures(self) -> Iterator[Found]:
        """See `Place.pictures`."""
        for name, size in self._listed(None):
            hidden = any(part.startswith(".") for part in name.split("/"))
            if not hidden and os.path.splitext(name)[1].lower() in ENDINGS:  # noqa: PTH122 (no path)
                yield Found(name, size)

    def names(self, folder: str) -> Iterator[str]:
        """See `Place.names`."""
        return (name.rpartition("/")[2] for name, _ in self._listed(folder))

    def picture(self, name: str) -> bytes:
        """See `Place.picture`."""
        import obstore
        from obstore import exceptions

        try:
            found = obstore.get(self._store, name)
            if found.meta["size"] > MAX_BODY:
                raise TooLarge
            return bytes(found.bytes())
        except FileNotFoundError:
            raise NotFound("There is no such file.") from None
        except (exceptions.PermissionDeniedError, exceptions.InvalidPathError) as error:
            raise UnreadableImage(f"The file cannot be read: {_said(error)}.") from None
        except exceptions.BaseError as error:
            raise self._away(error) from None

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            raise NotFound(f"{name} is not there.") from None
        except BaseError as error:
            raise self._away(error) from None

    def write(self, name: str, data: bytes) -> None:
        """See `Place.write`."""
        self._put(name, data, "overwrite")

    def create(self, name: str, data: bytes) -> bool:
        """See `Place.create`."""
        from obstore.exceptions import AlreadyExistsError

        try:
            self._put(name, data, "create")
        except AlreadyExistsError:
            return False
        return True

    def _put(self, name: str, data: bytes, mode: 'Literal["create", "overwrite"]') -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            obstore.put(self._store, name, data, mode=mode)
        except AlreadyExistsError:
            raise
        except (BaseError, FileNotFoundError) as error:  # the latter: there is no such bucket
            raise self._away(error) from None

    def _listed(self, prefix: str | None) -> Iterator[tuple[str, int]]:
        import obstore
        from obstore.exceptions import BaseError

        try:
            for some in obstore.list(self._store, prefix):
                yield from ((each["path"], each["size"]) for each in some)
        except BaseError as error:
            raise self._away(error) from None

    def _away(self, error: Exception) -> Unreachable:
        return Unreachable(f"{self._address} cannot be used: {_said(error)}.")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A folder's errors in words."""
    try:
        yield
    except OSError as error:
        raise Unreachable(f"{path} cannot be used: {error.strerror or error}.") from None


def _is_open(variable: str) -> bool:
    """Whether the owner has named a store of their own that does not encrypt."""
    return os.environ.get(variable, "").startswith("http://")


def _said(error: Exception) -> str:
    """What a store or its library says, as part of a sentence, without the library's debugging."""
    if METADATA in str(error):
        return NO_KEYS
    own = re.search("<Message>(.*?)</Message>", str(error), re.DOTALL)
    return files.printable(own[1] if own else str(error).partition("\n")[0]).rstrip(". ")
