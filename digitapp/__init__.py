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
    from digitapp.jobs.sources import Source as Source
    from digitapp.recognition.answer import Answer as Answer
    from digitapp.recognition.answer import Number as Number
    from digitapp.recognition.answer import Symbol as Symbol

__version__ = "0.1.0"

PUBLIC = {
    "Answer": "digitapp.recognition.answer",
    "DigitappError": "digitapp.errors",
    "Number": "digitapp.recognition.answer",
    "Reader": "digitapp.jobs.python",
    "Result": "digitapp.jobs.python",
    "Source": "digitapp.jobs.sources",
    "Symbol": "digitapp.recognition.answer",
    "read": "digitapp.jobs.python",
}
"""Where each name of the Python interface is."""

__all__ = [
    "Answer",
    "DigitappError",
    "Number",
    "Reader",
    "Result",
    "Source",
    "Symbol",
    "__version__",
    "read",
]


if not TYPE_CHECKING:  # or else any name would do for a type checker

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used: NumPy and LiteRT take 0.2 s."""
        if name not in PUBLIC:
            raise AttributeError(f"module 'digitapp' has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(PUBLIC[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
