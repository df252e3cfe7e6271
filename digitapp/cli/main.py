"""The command line: the window, `digitapp serve` and `digitapp recognize`.

NumPy, Flask, LiteRT and the window are imported inside the commands: `--version` starts at once.
"""

import argparse
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import files
from digitapp.cli.options import parse, settle
from digitapp.config import new_token
from digitapp.errors import DigitappError

if TYPE_CHECKING:
    from digitapp.recognition.answer import Answer, Digit, Reading
    from digitapp.web.http.server import Server

FAILED = 1
"""Exit status: a file could not be read, the others were."""

UNUSABLE = 2
"""Exit status: the command cannot run at all."""

INTERRUPTED = 130
"""Exit status: Ctrl-C, as shells count it."""

CLOSED_PIPE = 141
"""Exit status: nobody reads the output any more, as shells count it."""

UNENCRYPTED = (
    "Other devices can reach this server, and what they send is not encrypted; for that, put a TLS "
    "proxy before it (caddy reverse-proxy --from NAME --to 127.0.0.1:{port}) and give --allow-host "
    "NAME here."
)

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
    from digitapp.desktop import window

    paths = [picture for path in arguments.files for picture in files.pictures(path)]
    return window.run(paths, arguments.engine)


def serve(arguments: argparse.Namespace) -> int:
    """Serve the page and the API until Ctrl-C or SIGTERM."""
    from digitapp import logs
    from digitapp.web.serve import running

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    token = _token(arguments)
    with (
        suppress(KeyboardInterrupt),
        logs.start("serve", arguments.log_dir),
        running(
            host=arguments.host,
            port=arguments.port,
            lan=arguments.lan,
            token=token,
            engine=arguments.engine,
            slots=arguments.slots,
            wait_s=arguments.wait_s,
            threads=arguments.threads,
            names=arguments.allow_host,
            rate=arguments.rate,
        ) as (server, *others),
    ):
        for warning in _warnings([server, *others], token):
            print(warning, file=sys.stderr)
        print(f"Open {server.address(token)}  (Ctrl-C stops it)")
        for other in others:
            _invite(other.address(token))
        while True:
            time.sleep(3600)
    return 0


def recognize(arguments: argparse.Namespace) -> int:
    """Print what each picture says; a failure is a line of its own and the others go on."""
    from digitapp import engine
    from digitapp.config import Options
    from digitapp.recognition import pipeline

    keep = _keeper(arguments.stages)
    model = engine.load(arguments.engine)
    options = Options(one_digit=arguments.one_digit)
    failed = False
    for name, read in _sources(arguments.paths):
        try:
            reading = pipeline.recognize(read(), model, options)
            keep(name, reading)
        except DigitappError as error:
            failed = True
            _print_error(name, error, arguments.json)
        else:
            _print_answer(name, reading.answer, arguments)
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


def _keeper(folder: Path | None) -> "Callable[[str, Reading], None]":
    """What puts a reading's stages into the folder, which is made; without one, nothing does."""
    if folder is None:
        return lambda _name, _reading: None
    from digitapp.cli.stage_files import Album

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


def _invite(address: str) -> None:
    """Tell the way in from the network, by a QR code too where the terminal has such characters."""
    from digitapp.web.share import drawing

    print(f"In your network: {address}")
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        print(drawing(address))


def _token(arguments: argparse.Namespace) -> str | None:
    """The API's token; None when people opted out of it."""
    return None if arguments.no_token else arguments.token or new_token()


def _warnings(servers: "Sequence[Server]", token: str | None) -> list[str]:
    """What an open door means, a sentence each."""
    lines = []
    near = all(server.is_loopback for server in servers)
    if not near:
        lines.append(UNENCRYPTED.format(port=servers[0].port))
    if token is None:
        who = "Every program on this machine" if near else "Every device that reaches it"
        lines.append(f"{who} can have pictures read: no token is asked (--no-token).")
    return lines


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


def selftest(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Try every part of the program and print how it went."""
    from digitapp.cli import selftest

    return selftest.run()


def reader(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Read the pictures that a server sends (see `web.readers`); no command for people."""
    from digitapp.web.workers import child

    return child.run()


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "window": window,
    "serve": serve,
    "recognize": recognize,
    "selftest": selftest,
    "reader": reader,
}
