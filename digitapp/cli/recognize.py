"""`digitapp recognize`: what pictures say, a line each."""

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from digitapp import config, files
from digitapp.cli import options
from digitapp.cli.plain import plain
from digitapp.cli.progress import Progress
from digitapp.errors import DigitappError
from digitapp.jobs import lines, rights

if TYPE_CHECKING:
    from digitapp.jobs.wire import Picture

FAILED = 1
"""The exit status where a picture was not read, though others may be."""

CLEAR = "\r\x1b[K"
"""Empties the line of a terminal."""

FEW = 8
"""So many pictures are read by one process: another one takes as long to start."""


@dataclass(frozen=True, slots=True)
class Named:
    """A picture: its name, and what gives its bytes."""

    name: str
    load: Callable[[], bytes]

    def read(self) -> "Picture":
        """Its bytes; see `files.read` and `files.filled`."""
        return files.filled(self.load())


Outcomes = Iterator[tuple[Named, bytes | DigitappError]]
Read = Callable[[Iterable[Named]], Outcomes]


@dataclass(frozen=True, slots=True)
class Asked:
    """How the pictures are read, as the command line asks for it."""

    flags: list[str]
    engine: str
    stages: Path | None
    jobs: int | None
    timeout: float | None

    @property
    def is_here(self) -> bool:
        """Whether this process reads, and no other: for pictures of the stages, and with Keras."""
        return self.engine != "litert" or self.stages is not None


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(readable=False), metavar="[SOURCE]...")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help=f"Print {', '.join(lines.COLUMNS)} as CSV.")
@click.option("--out", type=Path, metavar="FILE", help="Write the lines into FILE, a new one.")
@click.option("--resume", is_flag=True, help="Read only the pictures that --out lacks.")
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes that read; default: all cores."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, rights.LONGEST_S, min_open=True),
    metavar="S",
    help=f"Seconds of processor time for a picture.  [default: {rights.BUDGET_S}]",
)
@click.option(
    "--manifest",
    type=click.File(encoding="utf-8-sig", errors="surrogateescape"),
    metavar="FILE",
    help="Read the pictures that FILE names, one a line; - is the standard input.",
)
@click.option("--watch", is_flag=True, help="Go on with what comes into the folders, until Ctrl-C.")
@click.option(
    "--input", is_flag=True, help="With JSON: add the 28x28 pictures that the network saw."
)
@click.option(
    "--stages", type=Path, metavar="FOLDER", help="Write pictures of how each was read into FOLDER."
)
@options.setting("one_digit")
@options.setting("engine")
@click.pass_context
def recognize(
    context: click.Context,
    /,
    sources: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    out: Path | None,
    resume: bool,
    manifest: TextIO | None,
    watch: bool,
    input: bool,
    one_digit: bool,
    **how: Any,
) -> int:
    """Print what pictures say, a line each, in order.

    SOURCE is a picture, a folder of pictures with its subfolders, a pattern such as "*.png", or -
    for the standard input. A picture that cannot be read is a line of its own, and the others go
    on.
    """
    options.exclude(context, "as_json", "as_csv")
    form = _form(as_json, as_csv, out)
    flags = [name for name, given in (("one_digit", one_digit), ("input", input)) if given]
    asked = Asked(flags, **how)
    _check(context, asked, form, resume)
    listed = files.listed(manifest) if manifest else []
    if not (sources or manifest):
        raise click.UsageError("Give pictures or folders to read, or --manifest.")
    with ExitStack() as end:
        file = lines.LineFile(out, form, resume) if out and form else None
        if file:
            end.callback(file.close)
        writer = Writer(form, file)
        if watch:
            return _watch([*sources, *listed], asked, writer)
        given = chain(_named(sources), _listed(listed))
        wanted = [each for each in given if writer.lacks(each.name)]
        read = _reading(asked, len(wanted), end)
        with Progress(len(wanted), is_shown=_is_free(out)) as progress:
            for picture, outcome in read(wanted):
                writer.write(picture.name, outcome)
                progress.count(outcome)
    return writer.status


class Writer:
    """Writes lines to a file or the standard output; errors in plain lines go to standard error."""

    def __init__(self, form: lines.Form | None, file: lines.LineFile | None) -> None:
        self._form, self._file = form, file
        self._is_begun = False
        self.status = 0

    def lacks(self, name: str) -> bool:
        """Whether there is no line of that picture yet."""
        return self._file is None or self._file.lacks(name)

    def has(self, name: str) -> bool:
        """Whether a line of that picture was there from the start."""
        return self._file is not None and self._file.has(name)

    def write(self, name: str, outcome: bytes | DigitappError) -> None:
        """Write a picture's line."""
        if isinstance(outcome, DigitappError):
            self.status = FAILED
        if self._form is None:
            said, stream = _plain(outcome)
            if stream is sys.stderr and stream.isatty():
                print(CLEAR, end="", file=stream)  # the progress
            print(f"{files.printable(name)}: {said}", file=stream)
        elif self._file:
            self._file.write(self._form.line(name, outcome))
        else:
            header = "" if self._is_begun else self._form.header
            print(header + self._form.line(name, outcome), end="")
            self._is_begun = True


def _plain(outcome: bytes | DigitappError) -> tuple[str, TextIO]:
    """What people are told, and where."""
    if isinstance(outcome, DigitappError):
        return files.printable(outcome.message), sys.stderr
    return plain(json.loads(outcome)), sys.stdout


def _form(as_json: bool, as_csv: bool, out: Path | None) -> lines.Form | None:
    """What the lines are; None are those for people. A file's ending may tell."""
    if as_json or as_csv:
        return lines.JSON if as_json else lines.CSV
    if out is None:
        return None
    forms = {".json": lines.JSON, ".jsonl": lines.JSON, ".csv": lines.CSV}
    if out.suffix.lower() not in forms:
        raise click.UsageError("Say what --out is to hold: give --json or --csv.")
    return forms[out.suffix.lower()]


def _check(context: click.Context, asked: Asked, form: lines.Form | None, resume: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        click.UsageError: they do not.
    """
    if "input" in asked.flags and form is not lines.JSON:
        raise click.UsageError("--input adds to the JSON lines: give --json too.")
    if resume and context.params["out"] is None:
        raise click.UsageError("--resume goes on with a file: give --out too.")
    if asked.is_here and (asked.jobs or asked.timeout):
        raise click.UsageError("--jobs and --timeout are for LiteRT, without --stages.")


def _is_free(out: Path | None) -> bool:
    """Whether progress can be shown: on a terminal that does not show the lines."""
    return sys.stderr.isatty() and (out is not None or not sys.stdout.isatty())


def _named(words: Iterable[str]) -> Iterator[Named]:
    """The pictures that words stand for; `-` is the standard input."""
    for word in words:
        if word == "-":
            yield Named("-", partial(files.read_bounded, sys.stdin.buffer))
        else:
            for path in chain.from_iterable(map(files.pictures, files.expanded(word))):
                yield _file(path)


def _listed(names: Iterable[str]) -> Iterator[Named]:
    """The pictures that a list names. It holds no patterns."""
    return map(_file, chain.from_iterable(files.pictures(Path(name)) for name in names))


def _file(path: Path) -> Named:
    return Named(str(path), partial(files.read, path))


def _reading(asked: Asked, count: int, end: ExitStack) -> Read:
    """What reads pictures, of which there may be `count`; `end` ends it."""
    if asked.is_here:
        return _reading_here(asked)
    from digitapp.jobs.batch import Batch
    from digitapp.jobs.pool import Processes, processors

    jobs = asked.jobs or (1 if count <= FEW else processors())
    budget_s = asked.timeout or rights.BUDGET_S
    pool = end.enter_context(closing(Processes(max(min(jobs, count), 1), budget_s)))
    return lambda pictures: Batch(pool, Named.read, asked.flags).run(pictures)


def _reading_here(asked: Asked) -> Read:
    """The same with this process."""
    from digitapp.cli.stage_files import StageFiles
    from digitapp.engine import load
    from digitapp.recognition import pipeline

    model, stages = load(asked.engine), StageFiles(asked.stages) if asked.stages else None
    wanted = config.Options(one_digit="one_digit" in asked.flags)

    def answer(picture: Named) -> bytes:
        reading = pipeline.recognize(picture.read(), model, wanted)
        if stages:
            stages.add(picture.name, reading)
        return json.dumps(reading.answer.to_json("input" in asked.flags)).encode()

    def read(pictures: Iterable[Named]) -> Outcomes:
        for picture in pictures:
            try:
                yield picture, answer(picture)
            except DigitappError as error:
                yield picture, error

    return read


def _watch(words: Iterable[str], asked: Asked, writer: Writer) -> int:
    """Read what comes into folders until Ctrl-C or SIGTERM."""
    from digitapp.jobs.watch import arrivals

    folders = [Path(word) for word in words]
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        raise click.UsageError(f"--watch takes folders: {missing[0]} is none.")
    if asked.stages and any(asked.stages.resolve().is_relative_to(f.resolve()) for f in folders):
        raise click.UsageError("--stages would fill a watched folder: give another one.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), ExitStack() as end:
        read = _reading(asked, sys.maxsize, end)
        known: set[str] = set()
        for found in arrivals(folders):
            # What has a line from an earlier run is not read; what changes after that is.
            new = [p for p in map(_file, found) if p.name in known or not writer.has(p.name)]
            known.update(map(str, found))
            for picture, outcome in read(new):
                writer.write(picture.name, outcome)
    return writer.status
