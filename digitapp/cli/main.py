"""The command line: its commands, and how each ends.

What takes long to import is imported inside the commands, so that `--version` and `--help` start at
once. The docstrings of the commands are the help that people read.
"""

import difflib
import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from digitapp import __version__, files
from digitapp.cli import options
from digitapp.cli.batch import batch
from digitapp.cli.recognize import recognize
from digitapp.cli.serve import serve
from digitapp.errors import DigitappError

if TYPE_CHECKING:
    pass

UNUSABLE, UNWRITABLE, INTERRUPTED, CLOSED_PIPE = 2, 74, 130, 141
"""Exit statuses, beside `recognize.FAILED`: the command can't run at all; the output can't be
written, as sysexits.h counts it; Ctrl-C; nobody reads the output any more. The last two are as
shells count them."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What the system says of a disk that takes no more."""

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


for command in (serve, recognize, batch):
    program.add_command(command)


def _unknown(word: str) -> str:
    """What to say of a word that is no file: perhaps it was meant for a command."""
    near = difflib.get_close_matches(word, program.commands, 1)
    meant = f" Did you mean the command {near[0]}?" if near else ""
    return f"There is no file {files.printable(word)!r}.{meant}"


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
