"""What may stand on the command line, and the settings that it leaves to the environment."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from digitapp import __version__, config

COMMANDS = ("window", "serve", "recognize")

ALONE = ("-h", "--help", "--version", "--selftest", "--reader")
"""What stands before any command, or in place of one."""

USAGE = """\
digitapp [FILE...]
       digitapp serve [options]
       digitapp recognize PATH... [options]"""

DESCRIPTION = "Reads handwritten digits: draw them or drop a picture, and be told what it says."

EXAMPLES = """\
`digitapp COMMAND --help` shows a command's options.

examples:
  digitapp                          open the window
  digitapp photo.png                open the window and read that picture
  digitapp serve                    serve the page and the API on this machine
  digitapp recognize scans/ a.png   print what the pictures say, a line each

A file that is called like a command is given with its folder: digitapp ./serve
"""

Formatter = partial(argparse.RawDescriptionHelpFormatter, max_help_position=22, width=98)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; without a command's name in the first place they are files for the window.

    A setting that is not given is None until `settle`. Raises SystemExit after help, the version
    or a wrong option.
    """
    if not argv or argv[0] not in {*COMMANDS, *ALONE}:
        argv = ["window", *argv]
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command == "recognize" and arguments.input and not arguments.json:
        parser.error("--input adds to the JSON lines: give --json too")
    return arguments


def settle(arguments: argparse.Namespace) -> None:
    """Give each setting that the command line left open its environment's value or its default.

    Raises:
        ValueError: an environment variable's text is no value of its setting's type.
    """
    for row in config.SETTINGS:
        if getattr(arguments, row.name, ...) is None:
            setattr(arguments, row.name, config.setting(row.name))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitapp",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"digitapp {__version__}")
    about = "try every part of the program, a line each, and exit with 0 or 1"
    parser.add_argument(
        "--selftest", action="store_const", const="selftest", dest="command", help=about
    )
    parser.add_argument(  # a server starts it, nobody else
        "--reader", action="store_const", const="reader", dest="command", help=argparse.SUPPRESS
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND ...", title="commands")
    _add_window(commands)
    _add_serve(commands)
    _add_recognize(commands)
    return parser


def _add_window(commands: Any) -> None:
    parser = _command(commands, "window", "open the window (the same without this word)")
    _paths(parser, "files", "*", "FILE", "a picture, or a folder of pictures, to read")
    _setting(parser, "engine")


def _add_serve(commands: Any) -> None:
    parser = _command(commands, "serve", "serve the page and the API")
    where = parser.add_mutually_exclusive_group()
    _setting(where, "host")
    about = "serve this machine and the local network, and show a QR code"
    where.add_argument("--lan", action="store_true", help=about)
    _setting(parser, "port")
    token = parser.add_mutually_exclusive_group()
    _setting(token, "token")
    token.add_argument("--no-token", action="store_true", help="ask for no token")
    for name in ("allow_host", "engine", "slots", "threads", "wait_s", "rate", "log_dir"):
        _setting(parser, name)


def _add_recognize(commands: Any) -> None:
    parser = _command(commands, "recognize", "print what pictures say, a line each")
    about = "a picture; a folder, with its subfolders; - for the standard input"
    _paths(parser, "paths", "+", "PATH", about)
    _flag(parser, "--json", "print a JSON object a line")
    _flag(parser, "--input", "with --json: add the 28x28 pictures that the CNN saw")
    about = "write pictures of how each was read into this folder"
    parser.add_argument("--stages", type=Path, metavar="FOLDER", help=about)
    _setting(parser, "one_digit")
    _setting(parser, "engine")


def _command(commands: Any, name: str, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        prog=f"digitapp {name}",
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    return parser


def _paths(parser: Any, name: str, count: str, metavar: str, help: str) -> None:
    parser.add_argument(name, nargs=count, type=Path, metavar=metavar, help=help)


def _flag(parser: Any, option: str, help: str) -> None:
    parser.add_argument(option, action="store_true", help=help)


def _setting(parser: Any, name: str) -> None:
    """An option for a row of the table."""
    row = config.BY_NAME[name]
    taking: dict[str, Any] = {"type": row.type, "metavar": name.upper()}
    if isinstance(row.default, bool):
        taking = {"action": "store_true"}
    default = f"default {row.default}, " if row.default not in ("", (), False) else ""
    help = f"{row.help} ({default}{row.variable})"
    parser.add_argument(f"--{name.replace('_', '-')}", default=None, help=help, **taking)
