"""The command line: the window, `digitapp serve` and `digitapp recognize`.

NumPy, Flask, LiteRT and the window are imported inside the commands: `--version` starts at once.
"""

import argparse
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import files
from digitapp.arguments import parse, settle
from digitapp.errors import DigitappError

if TYPE_CHECKING:
    from digitapp.marks import Answer, Digit, Stages
    from digitapp.web import serving

FAILED = 1
"""Exit status: a file could not be read, the others were."""

UNUSABLE = 2
"""Exit status: the command cannot run at all."""

INTERRUPTED = 130
"""Exit status: Ctrl-C, as shells count it."""

CLOSED_PIPE = 141
"""Exit status: nobody reads the output any more, as shells count it."""

ALTERNATIVES = 3
"""Most second readings that a row of plain output shows."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, `argv` without the program's name; returns the exit status."""
    _mend_streams()
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        settle(arguments)
    except ValueError as error:
        return _refuse(error)
    try:
        return COMMANDS[arguments.command](arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _abandon_output()
    except (DigitappError, FileNotFoundError) as error:
        return _refuse(error)


def window(arguments: argparse.Namespace) -> int:
    """Open the window and read the given files in it."""
    from digitapp import desktop

    paths = [picture for path in arguments.files for picture in files.pictures(path)]
    return desktop.run(paths, arguments.engine)


def serve(arguments: argparse.Namespace) -> int:
    """Serve the page and the API until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    token = _token(arguments)
    with suppress(KeyboardInterrupt):
        server = _server(arguments, token)
        for warning in _warnings(arguments.host, token):
            print(warning, file=sys.stderr)
        print(f"Open {server.address(token)}  (Ctrl-C stops it)")
        server.run()
    return 0


def recognize(arguments: argparse.Namespace) -> int:
    """Print what each picture says; a failure is a line of its own and the others go on."""
    from digitapp import engine, pipeline

    keep = _keeper(arguments.stages)
    model = engine.load(arguments.engine)
    options = pipeline.Options(one_digit=arguments.one_digit)
    failed = False
    for name, read in _sources(arguments.paths):
        try:
            stages = pipeline.stages(read(), model, options)
            keep(name, stages)
        except DigitappError as error:
            failed = True
            _print_error(name, error, arguments.json)
        else:
            _print_answer(name, stages.answer, arguments)
    return FAILED if failed else 0


def plain(answer: "Answer") -> str:
    """An answer in one line for people: `2024 (or 2074?) / 1999`."""
    return " / ".join(_plain_row(row) for row in answer.rows) or "(nothing to read)"


def _plain_row(row: "Sequence[Digit]") -> str:
    """The row's text, and what it reads with each doubtful digit's runner-up in its place."""
    text = "".join(digit.text for digit in row)
    others = [
        text[:index] + str(digit.ranking[1]) + text[index + 1 :]
        for index, digit in enumerate(row)
        if digit.doubtful
    ]
    more = ", ..." if len(others) > ALTERNATIVES else ""
    return f"{text} (or {', '.join(others[:ALTERNATIVES])}{more}?)" if others else text


def _keeper(folder: Path | None) -> "Callable[[str, Stages], None]":
    """What puts a reading's stages into the folder, which is made; without one, nothing does."""
    if folder is None:
        return lambda _name, _stages: None
    from digitapp.album import Album

    return Album(folder).add


def _sources(paths: list[Path]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The name and the way to the bytes of each picture; `-` is the standard input."""
    for path in paths:
        if str(path) == "-":
            yield "-", partial(files.read_bounded, sys.stdin.buffer)
        else:
            yield from ((str(file), partial(files.read, file)) for file in files.pictures(path))


def _print_answer(name: str, answer: "Answer", arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps({"file": name, **answer.to_json(arguments.input)}))
    else:
        print(f"{_printable(name)}: {plain(answer)}")


def _print_error(name: str, error: DigitappError, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"file": name, **error.to_json()}))
    else:
        print(f"{_printable(name)}: {error.message}", file=sys.stderr)


def _printable(name: str) -> str:
    """A file's name as one harmless line: no line breaks, no commands to the terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)


def _server(arguments: argparse.Namespace, token: str | None) -> "serving.Server":
    """The server, bound first: a taken port is told before the model is loaded."""
    from digitapp import engine
    from digitapp.web import create_app, serving

    sock = serving.bind(arguments.host, arguments.port)
    slots, wait_s = arguments.slots, arguments.wait_s
    model = engine.load(arguments.engine, slots, wait_s)
    app = create_app(model, token=token, slots=slots, wait_s=wait_s)
    return serving.Server(app, sock, arguments.threads)


def _token(arguments: argparse.Namespace) -> str | None:
    """The API's token; None when people opted out of it."""
    import secrets

    return None if arguments.no_token else arguments.token or secrets.token_urlsafe(24)


def _warnings(host: str, token: str | None) -> list[str]:
    """What an open door means, a sentence each."""
    lines = []
    near = _is_loopback(host)
    if not near:
        lines.append("Other devices can reach this server, and what they send is not encrypted.")
    if token is None:
        who = "Every program on this machine" if near else "Every device that reaches it"
        lines.append(f"{who} can have pictures read: no token is asked (--no-token).")
    return lines


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(error: Exception) -> int:
    print(f"digitapp: {error}", file=sys.stderr)
    return UNUSABLE


def _mend_streams() -> None:
    """Make printing safe: no console (pythonw) swallows, no character fails, each line leaves."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)


def _abandon_output() -> int:
    """Nobody reads the output: let what is still in the buffer go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED_PIPE


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "window": window,
    "serve": serve,
    "recognize": recognize,
}
