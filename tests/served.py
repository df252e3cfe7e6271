"""A server that is started with the environment that a container gives it."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from digitapp.config import BY_NAME
from tests.cli.program import running
from tests.web.client import TOKEN

ROOT = Path(__file__).resolve().parent.parent


def settings(variables: Mapping[str, str]) -> dict[str, object]:
    """The values of the program's settings that an environment gives.

    Raises:
        KeyError: a variable is no setting.
        ValueError: a text is no value of its setting.
    """
    ours = {name: text for name, text in variables.items() if name.startswith("DIGITAPP_")}
    names = {setting.variable: setting for setting in BY_NAME.values()}
    return {names[name].name: names[name].type(ours[name]) for name in ours}


@contextmanager
def served(folder: Path, variables: Mapping[str, str]) -> Iterator[int]:
    """Run `digitapp serve` in `folder` with these variables; gives its port.

    The port and the token's file are the test's own: those of a container are taken or not there.
    """
    token = folder / "token"
    token.write_text(TOKEN)
    own = {"DIGITAPP_PORT": "0", "DIGITAPP_TOKEN_FILE": str(token), "PYTHONPATH": str(ROOT)}
    around = {name: text for name, text in os.environ.items() if not name.startswith("DIGITAPP_")}
    environment = {**around, **variables, **own, "PATH": os.environ["PATH"]}
    with running("serve", cwd=folder, env=environment) as process:
        assert process.stdout
        found = re.match(r"Open http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
        assert found
        yield int(found[1])
