"""Writes the manual pages in `assets/man/` from the commands' own help: `python build/make_man.py`.

`click-man` puts the help into the form of manual pages (extra `test`).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click_man.core import generate_man_page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "man"


def pages() -> dict[str, str]:
    """Each page's file name and text, without the day on which it was made."""
    sys.path.insert(0, str(ROOT))
    from digitapp import __version__
    from digitapp.cli.main import program

    return dict(_pages(click.Context(program, info_name="digitapp"), __version__))


def _pages(context: click.Context, version: str) -> Iterator[tuple[str, str]]:
    commands = getattr(context.command, "commands", {})
    for command in (context.command, *commands.values()):
        command.short_help = str(command.help).partition("\n")[0]  # else they are cut off
    name = context.command_path.replace(" ", "-")
    yield f"{name}.1", generate_man_page(context, version=version, date=f"digitapp {version}")
    for name, command in sorted(commands.items()):
        yield from _pages(click.Context(command, info_name=name, parent=context), version)


def main(folder: Path = FOLDER) -> None:
    """Write them."""
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
