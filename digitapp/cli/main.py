"""The command line: the window, `digitapp serve` and `digitapp recognize`.

What takes long to import is imported inside the commands, so that `--version` and `--help` start at
once. The docstrings of the commands are the help that people read.
"""

import errno
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitapp import __version__, config, files
from digitapp.cli import options
from digitapp.errors import DigitappError, InternalError

if TYPE_CHECKING:
    from digitapp.jobs.reader import Reader
    from digitapp.web.http.server import Server

FAILED, UNUSABLE, UNWRITABLE, INTERRUPTED, CLOSED_PIPE = 1, 2, 74, 130, 141
"""Exit statuses: a picture was not read, though others may be; the command can't run at all; the
output can't be written, as sysexits.h counts it; Ctrl-C; nobody reads the output any more. The last
two are as shells count them."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What the system says of a disk that takes no more."""

UNENCRYPTED = (
    "Other devices can reach this server, and what they send is not encrypted. To encrypt it, put "
    "a TLS proxy in front (caddy reverse-proxy --from NAME --to 127.0.0.1:{port}) and give "
    "--allow-host NAME here."
)

OPEN = "Every {who} can use this server: it asks for no token (--no-token)."

ALTERNATIVES = 3
"""Most second readings that plain output shows for a row."""

ALONE = ("-h", "--help", "--version", "--selftest", "--reader")
"""What stands in place of a command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, `argv` without the program's name; returns the exit status.

    If its first word is not a command, all words are files for the window.
    """
    _mend_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in {*program.commands, *ALONE}:
        words.insert(0, "window")
    try:  # not click's own main: that has other exit statuses
        with program.make_context("digitapp", words) as context:
            return int(program.invoke(context))
    except click.exceptions.Exit as end:  # after --help and its like
        return end.exit_code
    except click.ClickException as error:
        where = getattr(error, "ctx", None)
        hint = f" See `{where.command_path} --help`." if where else ""
        return _refuse(f"{error.format_message()}{hint}")
    except KeyboardInterrupt:
        return INTERRUPTED
    except (DigitappError, FileNotFoundError) as error:
        return _refuse(str(error))
    except OSError as error:
        if not (isinstance(error, BrokenPipeError) or error.errno in FULL):
            raise
        return _without_output(error)


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 98},
    options_metavar="",
    subcommand_metavar="[FILE]... | COMMAND [OPTIONS]",
    epilog=options.EXAMPLES,
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--selftest", is_flag=True, help="Try every part, a line each, and exit with 0 or 1.")
@click.option("--reader", is_flag=True, hidden=True)
@click.pass_context
def program(context: click.Context, /, selftest: bool, reader: bool) -> None:
    """Reads handwritten digits: draw them or drop a picture, and be told what it says."""
    if selftest:
        from digitapp.cli.selftest import run

        context.exit(run())
    if reader:  # a server started this process to read pictures, see `jobs.pool`
        from digitapp.jobs import child

        child.run()


@program.command()
@click.argument("paths", nargs=-1, type=Path, metavar="[FILE]...")
@options.setting("engine")
def window(paths: list[Path], engine: str) -> int:
    """Open the window, as without a command.

    FILE is a picture, or a folder of pictures, to read in it.
    """
    from digitapp.desktop import window

    for name in ("slots", "wait_s", "threads", "allow_host", "trusted_proxies", "rate", "log_dir"):
        options.value(name)  # the window takes them from the environment: say now what is wrong
    return window.run([picture for path in paths for picture in files.pictures(path)], engine)


@program.command()
@options.setting("host")
@click.option("--lan", is_flag=True, help="Serve the local network too, and show a QR code.")
@options.setting("port")
@options.setting("token")
@options.setting("token_file")
@click.option("--no-token", is_flag=True, help="Ask for no token.")
@options.setting("allow_host")
@options.setting("trusted_proxies")
@options.setting("engine")
@options.setting("slots")
@options.setting("threads")
@options.setting("wait_s")
@options.setting("rate")
@options.setting("log_dir")
@click.pass_context
def serve(
    context: click.Context, /, token: str, token_file: str, no_token: bool, **service: Any
) -> int:
    """Serve the page and the API until Ctrl-C or SIGTERM."""
    options.exclude(context, "lan", "host")
    for one, other in combinations(("token", "token_file", "no_token"), 2):
        options.exclude(context, one, other)
    from digitapp import logs
    from digitapp.web.serve import running

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    key = None if no_token else token or options.first_line(token_file) or config.new_token()
    log = logs.start("serve", service.pop("log_dir"))
    service |= {"names": service.pop("allow_host"), "proxies": service.pop("trusted_proxies")}
    with suppress(KeyboardInterrupt), log, running(token=key, **service) as servers:
        for warning in _warnings(servers, key):
            print(warning, file=sys.stderr)
        own, *others = (server.address(key) for server in servers)
        print(f"Open {own}  (Ctrl-C stops it)")
        for address in others:
            _invite(address)
        while True:
            time.sleep(3600)
    return 0


@program.command()
@click.argument("paths", nargs=-1, type=Path, metavar="PATH...", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.option(
    "--input", is_flag=True, help="With --json: add the 28x28 pictures that the network saw."
)
@click.option(
    "--stages", type=Path, metavar="FOLDER", help="Write pictures of how each was read into FOLDER."
)
@options.setting("one_digit")
@options.setting("engine")
def recognize(
    paths: list[Path], as_json: bool, input: bool, stages: Path | None, one_digit: bool, engine: str
) -> int:
    """Print what pictures say, a line each.

    PATH is a picture, or a folder of pictures with its subfolders, or - for the standard input. A
    picture that cannot be read is a line of its own, and the others go on.
    """
    if input and not as_json:
        raise click.UsageError("--input adds to the JSON lines: give --json too.")
    import json

    flags = [name for name, given in (("one_digit", one_digit), ("input", input)) if given]
    status = 0
    with _answering(engine, flags, stages) as answer:
        for name, read in _sources(paths):
            try:
                body = answer(name, read())
                said, stream = plain(body), sys.stdout
            except DigitappError as error:
                status = FAILED
                said, body, stream = error.message, error.to_json(), sys.stderr
            if as_json:
                print(json.dumps({"file": name, **body}))
            else:
                print(f"{files.printable(name)}: {said}", file=stream)
    return status


@contextmanager
def _answering(
    engine: str, flags: Collection[str], stages: Path | None
) -> Iterator[Callable[[str, bytes], dict[str, Any]]]:
    """What gives the answer, as JSON has it, to a picture's name and bytes.

    A process of few rights reads: a picture that breaks it is a line of its own. For pictures of
    the stages, and with Keras, this process does.
    """
    if engine == "litert" and not stages:
        import json

        from digitapp.jobs.pool import Processes

        with closing(Processes(1)) as reader:
            yield lambda _, data: json.loads(_read(reader, data, flags))
        return
    from digitapp.cli.stage_files import StageFiles
    from digitapp.engine import load
    from digitapp.recognition import pipeline

    model, asked = load(engine), config.Options(one_digit="one_digit" in flags)
    stage_files = StageFiles(stages) if stages else None

    def answer(name: str, data: bytes) -> dict[str, Any]:
        reading = pipeline.recognize(data, model, asked)
        if stage_files:
            stage_files.add(name, reading)
        return reading.answer.to_json("input" in flags)

    yield answer


def _read(reader: "Reader", data: bytes, flags: Collection[str]) -> bytes:
    """Have a picture read. A fault of ours is that picture's line, and the others are read."""
    try:
        return reader.read(data, flags)
    except RuntimeError as fault:
        raise InternalError(f"The program has a fault at this picture: {fault}") from None


def plain(answer: Mapping[str, Any]) -> str:
    """An answer in one line for people: `2024 (or 2074?) / 1999`.

    Where there is doubt that no alternative tells, it says what to look at.
    """
    symbols = answer["symbols"]
    rows = answer["text"].split("\n") if symbols else []
    said = " / ".join(_plain_row(symbols, number, text) for number, text in enumerate(rows))
    unread = sum(symbol["text"] == "?" for symbol in symbols)
    looks = [f"{unread} not read"] if unread else []
    if left := sum(map(_may_be_writing, answer["left_out"])):
        looks.append(f"{left} left out that may be writing")
    more = f" [look at it: {', '.join(looks)}]" if looks else ""
    return (said or "(nothing to read)") + more


def _may_be_writing(left_out: Mapping[str, Any]) -> bool:
    from digitapp.recognition.answer import MAY_BE_WRITING

    return left_out["why"] in MAY_BE_WRITING


def _plain_row(symbols: Sequence[Mapping[str, Any]], row: int, text: str) -> str:
    """The row's text, and how else it may read: with one doubtful symbol's second best each."""
    own = [symbol for symbol in symbols if symbol["row"] == row]
    places = [place for place, each in enumerate(text) if each != " "]
    others = [
        text[:place] + symbol["alternatives"][1]["text"] + text[place + 1 :]
        for place, symbol in zip(places, own, strict=True)
        if symbol["doubtful"] and len(symbol["alternatives"]) > 1
    ]
    more = ", ..." if len(others) > ALTERNATIVES else ""
    return f"{text} (or {', '.join(others[:ALTERNATIVES])}{more}?)" if others else text


def _sources(paths: list[Path]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each picture's name, and what reads its bytes; `-` is the standard input."""
    for path in paths:
        if str(path) == "-":
            yield "-", partial(files.read_bounded, sys.stdin.buffer)
        else:
            yield from ((str(file), partial(files.read, file)) for file in files.pictures(path))


def _invite(address: str) -> None:
    """Print the address for other devices, and its QR code if the terminal can show one."""
    from digitapp.web.share import drawing

    print(f"In your network: {address}")
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        print(drawing(address))


def _warnings(servers: "Sequence[Server]", token: str | None) -> Iterator[str]:
    """What is risky about these servers, a sentence each."""
    is_local = all(server.is_loopback for server in servers)
    if not is_local:
        yield UNENCRYPTED.format(port=servers[0].port)
    if token is None:
        yield OPEN.format(who="program on this machine" if is_local else "device in reach")


def _refuse(sentence: str) -> int:
    print(f"digitapp: {sentence}", file=sys.stderr)
    return UNUSABLE


def _without_output(error: OSError) -> int:
    """The status where the output can't be written; what is still in its buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # nobody reads it
        return CLOSED_PIPE
    _refuse(f"The output cannot be written: {error.strerror}.")
    return UNWRITABLE


def _mend_streams() -> None:
    """Make printing safe: without a console (pythonw), with any character, a line at a time."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
