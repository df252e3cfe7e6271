"""What people and programs give to be read, as pictures: paths, bytes, and pictures in memory."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from digitapp import files
from digitapp.errors import BadRequest
from digitapp.jobs.wire import Picture

if TYPE_CHECKING:  # a program that gives paths need not wait for them
    from typing import Any

    from numpy.typing import NDArray
    from PIL import Image

Source: TypeAlias = Union[
    str, os.PathLike[str], bytes, bytearray, memoryview, "Image.Image", "NDArray[Any]"
]
"""A file's path or its bytes, or a picture that is decoded: Pillow's image, or an array.

An array is [rows, columns] or [rows, columns, 1] in grey, or [rows, columns, 3 or 4] in red, green,
blue and perhaps how opaque it is: bytes from 0 to 255, or numbers from 0 to 1. 0 is black.
"""

NO_SOURCE = (
    "Give a file's path or its bytes, a Pillow image, or a NumPy array of [rows, columns] or "
    "[rows, columns, 1, 3 or 4]: bytes, or numbers from 0 to 1."
)


def picture(source: Source) -> Picture:
    """What `pipeline.recognize` takes.

    Raises:
        BadRequest: it is nothing that can be a picture, or the file is empty.
        NotFound, TooLarge, UnreadableImage: see `files.read` and `decode.decoded`.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return files.filled(files.read(Path(source)))
    from PIL import Image

    from digitapp.vision import decode

    return decode.decoded(source if isinstance(source, Image.Image) else _image(source))


def _image(array: object) -> "Image.Image":
    """An array as Pillow's image."""
    import numpy as np
    from PIL import Image

    if not isinstance(array, np.ndarray) or not array.size:
        raise BadRequest(NO_SOURCE)
    if array.ndim == 3 and array.shape[2] == 1:  # as networks take grey pictures
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise BadRequest(NO_SOURCE)
    if array.dtype == np.bool_ or np.issubdtype(array.dtype, np.floating):
        if not (array.min() >= 0 and array.max() <= 1):  # false of what is no number, too
            raise BadRequest(NO_SOURCE)
        array = np.rint(array * np.float32(255)).astype(np.uint8)
    if array.dtype != np.uint8:
        raise BadRequest(NO_SOURCE)
    return Image.fromarray(np.ascontiguousarray(array))
