"""What the commands' options have in common: the table of settings, exclusions and examples."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from digitapp import config

Function = TypeVar("Function", bound=Callable[..., Any])

EXAMPLES = """\b
Examples:
  digitapp                          open the window
  digitapp photo.png                open the window and read that picture
  digitapp serve                    serve the page and the API on this machine
  digitapp recognize scans/ a.png   print what the pictures say, a line each

`digitapp COMMAND --help` shows a command's options. If a file has a command's name, give it with
its folder: digitapp ./serve
"""


IN_WORDS = {"slots": "one for each processor, at most 4"}
"""Defaults that depend on the machine."""


def setting(name: str) -> Callable[[Function], Function]:
    """An option for a row of the table of settings; the command gets the setting's value."""
    row = config.BY_NAME[name]
    default = "" if row.default in ("", (), False) else f"; default: {told(row)}"
    is_flag = row.default is False
    form: dict[str, Any] = {"flag_value": "yes"} if is_flag else {"metavar": name.upper()}
    return click.option(
        row.option,
        name,
        default=None,
        help=f"{row.help}  [env var: {row.variable}{default}]",
        callback=lambda _context, _option, text: value(name, text),
        **form,
    )


def told(row: config.Setting) -> str:
    """A setting's default in words."""
    return IN_WORDS.get(row.name, str(row.default))


def value(name: str, given: str | None = None) -> Any:
    """A setting's value, see `config.setting`.

    Raises:
        click.ClickException: the text is not a value of the setting.
    """
    try:
        return config.setting(name, given=given)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def first_line(path: str) -> str:
    """The token that stands in a file's first line; "" without a file.

    Raises:
        click.ClickException: the file cannot be read, or holds no token.
    """
    try:
        return config.first_line(path)
    except config.Unfit as error:
        raise click.ClickException(str(error)) from None


def is_given(context: click.Context, name: str) -> bool:
    """Whether a parameter stands on the command line."""
    return context.get_parameter_source(name) == ParameterSource.COMMANDLINE


def exclude(context: click.Context, one: str, other: str) -> None:
    """Refuse a command line that gives both of two parameters.

    Raises:
        click.UsageError: it does.
    """
    if is_given(context, one) and is_given(context, other):
        options = {each.name: each.opts[0] for each in context.command.params}
        raise click.UsageError(f"Give {options[one]} or {options[other]}, not both.")
