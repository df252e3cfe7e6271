"""Reads handwritten digits and numbers from drawings, scans and photos.

```python
import digitapp

print(digitapp.read("seven.png").text)
```

`read` reads one picture, `Reader` many. They are loaded when they are first used.
"""

TYPE_CHECKING = False  # to import `typing` would take longer than all else here
if TYPE_CHECKING:
    from digitapp.errors import DigitappError as DigitappError
    from digitapp.jobs.python import Reader as Reader
    from digitapp.jobs.python import Result as Result
    from digitapp.jobs.python import read as read
    from digitapp.recognition.answer import Answer as Answer

__version__ = "0.1.0"

PUBLIC = {
    "Answer": "digitapp.recognition.answer",
    "DigitappError": "digitapp.errors",
    "Reader": "digitapp.jobs.python",
    "Result": "digitapp.jobs.python",
    "read": "digitapp.jobs.python",
}
"""Where each name of the Python interface is."""

__all__ = ["Answer", "DigitappError", "Reader", "Result", "__version__", "read"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: NumPy and LiteRT take 0.2 s."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'digitapp' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(PUBLIC[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
