"""The command line: the window, `digitapp serve` and `digitapp recognize`.

What takes long to import is imported inside the commands, so that `--version` and `--help` start at
once. The docstrings of the commands are the help that people read.
"""

import difflib
import errno
import io
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations
from typing import TYPE_CHECKING, Any

import click

from digitapp import __version__, config, files
from digitapp.cli import options
from digitapp.cli.batch import batch
from digitapp.cli.recognize import recognize
from digitapp.errors import DigitappError

if TYPE_CHECKING:
    from digitapp.web.http.server import Server

UNUSABLE, UNWRITABLE, INTERRUPTED, CLOSED_PIPE = 2, 74, 130, 141
"""Exit statuses, beside `recognize.FAILED`: the command can't run at all; the output can't be
written, as sysexits.h counts it; Ctrl-C; nobody reads the output any more. The last two are as
shells count them."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What the system says of a disk that takes no more."""

UNENCRYPTED = (
    "Other devices can reach this server, and what they send is not encrypted. To encrypt it, put "
    "a TLS proxy in front (caddy reverse-proxy --from NAME --to 127.0.0.1:{port}) and give "
    "--allow-host NAME here."
)

OPEN = "Every {who} can use this server: it asks for no token (--no-token)."

ALONE = ("-h", "--help", "--version", "--selftest", "--reader")
"""What stands in place of a command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, `argv` without the program's name; returns the exit status.

    If its first word is not a command, all words are files for the window.
    """
    _mend_streams()
    if "_DIGITAPP_COMPLETE" in os.environ:  # the shell asks, see its README
        return _complete(os.environ["_DIGITAPP_COMPLETE"])
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
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


def _run(words: list[str]) -> int:
    if not words or words[0] not in {*program.commands, *ALONE}:
        words.insert(0, "window")
    # Not click's own main: that has other exit statuses.
    with program.make_context("digitapp", words) as context:
        return int(program.invoke(context))


def _complete(instruction: str) -> int:
    """Print what the shell asked for: its script, or what may stand where the cursor is."""
    from click.shell_completion import shell_complete

    return shell_complete(program, {}, "digitapp", "_DIGITAPP_COMPLETE", instruction)


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
@click.argument("words", nargs=-1, metavar="[FILE]...")
@options.setting("engine")
def window(words: tuple[str, ...], engine: str) -> int:
    """Open the window, as without a command.

    FILE is a picture, or a folder of pictures, to read in it.
    """
    paths = [path for word in words for path in files.expanded(word)]
    if paths and not any(map(os.path.lexists, paths)):  # of others the page tells which is missing
        raise click.ClickException(_unknown(str(paths[0])))
    from digitapp.desktop import window

    for name in (
        "slots",
        "wait_s",
        "threads",
        "allow_host",
        "trusted_proxies",
        "rate",
        "log_dir",
        "log_format",
    ):
        options.value(name)  # the window takes them from the environment: say now what is wrong
    return window.run([picture for path in paths for picture in files.pictures(path)], engine)


@program.command()
@options.setting("host")
@click.option("--lan", is_flag=True, help="Serve the local network too, and show a QR code.")
@options.setting("port")
@options.setting("token")
@options.setting("token_file")
@options.setting("no_token")
@options.setting("allow_host")
@options.setting("trusted_proxies")
@options.setting("engine")
@options.setting("slots")
@options.setting("threads")
@options.setting("wait_s")
@options.setting("drain_s")
@options.setting("rate")
@options.setting("log_dir")
@options.setting("log_format")
@click.pass_context
def serve(
    context: click.Context,
    /,
    token: str,
    token_file: str,
    no_token: bool,
    drain_s: float,
    **service: Any,
) -> int:
    """Serve the page and the API until Ctrl-C or SIGTERM."""
    options.exclude(context, "lan", "host")
    for one, other in combinations(("token", "token_file", "no_token"), 2):
        options.exclude(context, one, other)
    from digitapp import logs
    from digitapp.paths import STREAM
    from digitapp.web.serve import running

    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    key = _key(context, token, token_file, no_token)
    log_dir = service.pop("log_dir")
    log = logs.start("serve", log_dir, service.pop("log_format"))
    is_shown = log_dir == STREAM  # what is printed lies beside the log, with whoever keeps it
    service |= {"names": service.pop("allow_host"), "proxies": service.pop("trusted_proxies")}
    with suppress(KeyboardInterrupt), log, running(token=key, **service) as servers:
        for warning in _warnings(servers, key):
            if is_shown:
                logs.log.warning(warning)
            else:
                print(warning, file=sys.stderr)
        # What goes to no terminal is kept, for example as a container's log.
        is_kept = is_shown or not sys.stdout.isatty()
        told = None if token_file and is_kept or token and is_shown else key
        own, *others = (server.address(told) for server in servers)
        print(f"Open {own}  (Ctrl-C stops it)")
        for address in others:
            _invite(address)
        _wait(servers, drain_s, stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return 0


def _key(context: click.Context, token: str, token_file: str, no_token: bool) -> str | None:
    """What the API asks for. A token that is set somewhere counts more than DIGITAPP_NO_TOKEN."""
    if no_token and options.is_given(context, "no_token"):
        return None
    return token or options.first_line(token_file) or (None if no_token else config.new_token())


LOOK_S = 1.0
"""Seconds between two looks at whether SIGTERM came: what its handler raises is lost if Python runs
that in a callback of its own, such as a finalizer's."""


class _Stop:
    """The handler of SIGTERM. It ends what runs as Ctrl-C does, and remembers the call."""

    is_told = False

    def __call__(self, *_: object) -> None:
        self.is_told = True
        raise KeyboardInterrupt


def _wait(servers: "Sequence[Server]", drain_s: float, stop: _Stop) -> None:
    """Return when a signal ends the servers: at once on Ctrl-C, `drain_s` after SIGTERM.

    A second signal ends the drain at once, and what still runs is given up.
    """

    def hurry(*_: object) -> None:
        for server in servers:
            server.hurry()

    with suppress(KeyboardInterrupt):
        while not stop.is_told:
            time.sleep(LOOK_S)
    try:
        if stop.is_told and drain_s:
            _drain(servers, drain_s)
    except KeyboardInterrupt:
        hurry()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hurry)


def _drain(servers: "Sequence[Server]", seconds: float) -> None:
    """Have `/readyz` refuse for so long, so that balancers send their requests elsewhere."""
    from digitapp.logs import log

    log.info("serve drains for %g s", seconds)
    for server in servers:
        server.drain()
    time.sleep(seconds)


program.add_command(recognize)
program.add_command(batch)


def _unknown(word: str) -> str:
    """What to say of a word that is no file: perhaps it was meant for a command."""
    near = difflib.get_close_matches(word, program.commands, 1)
    meant = f" Did you mean the command {near[0]}?" if near else ""
    return f"There is no file {files.printable(word)!r}.{meant}"


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
    print(f"digitapp: {files.printable(sentence)}", file=sys.stderr)
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
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
