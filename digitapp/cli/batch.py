"""`digitapp batch`: very many pictures, into shards of rows, on this machine or on a cluster."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digitapp.cli import options
from digitapp.cli.progress import Progress
from digitapp.cluster.shards import FORMS
from digitapp.errors import BadRequest
from digitapp.jobs import rights

if TYPE_CHECKING:
    from digitapp.cluster.job import Driver, Summary
    from digitapp.cluster.worker import Task

FAILED = 1
"""The exit status where a picture was not read, or is left for another run."""


@click.command()
@click.argument("source")
@click.argument("destination")
@click.option(
    "--form",
    type=click.Choice(list(FORMS)),
    default="jsonl",
    show_default=True,
    help="What the results are: JSON lines or Parquet.",
)
@click.option(
    "--ray", metavar="ADDRESS", help="Read on the Ray cluster at HOST:PORT, ray://HOST:PORT, auto."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes that read; default: all cores."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, rights.LONGEST_S, min_open=True),
    default=rights.BUDGET_S,
    show_default=True,
    metavar="S",
    help="Seconds of processor time for a picture.",
)
@click.option("--again", is_flag=True, help="Read parts again in which pictures failed.")
@options.setting("one_digit")
@click.pass_context
def batch(
    context: click.Context,
    /,
    source: str,
    destination: str,
    form: str,
    ray: str | None,
    jobs: int | None,
    timeout: float,
    again: bool,
    one_digit: bool,
) -> int:
    """Read all pictures of SOURCE into files at DESTINATION; the same command goes on after a stop.

    SOURCE and DESTINATION are folders, or buckets such as s3://BUCKET/FOLDER. Whatever was killed
    meanwhile, each picture has one row in the end.
    """
    options.exclude(context, "ray", "jobs")
    from digitapp.cluster.worker import Task

    flags = ("one_digit",) if one_digit else ()
    task = Task(_address(source), _address(destination), form, flags, timeout)
    summary = _run(task, partial(_driver, task, ray, jobs), again)
    print(_said(summary, destination))
    return FAILED if summary.left or summary.done.errors else 0


def _run(task: "Task", start: "Callable[[], Driver]", again: bool) -> "Summary":
    """Do the job, with its progress on a terminal."""
    from digitapp.cluster import job

    with Progress(0, is_shown=sys.stderr.isatty()) as progress:
        return job.run(task, start, progress, again)


def _driver(task: "Task", ray: str | None, jobs: int | None) -> "Driver":
    if ray:
        from digitapp.cluster.on_ray import OnRay

        return OnRay(task, ray)
    from digitapp.cluster.local import Local
    from digitapp.jobs.pool import processors

    return Local(task, jobs or processors())


def _address(word: str) -> str:
    """A place as every machine knows it: of a folder the whole path.

    Raises:
        BadRequest: the word is empty, such as a variable that is not set. It is no folder's name.
    """
    if not word:
        raise BadRequest("The name of a folder or a bucket is empty. Write . for this folder.")
    return word.rstrip("/") if "://" in word else str(Path(word).resolve())


def _said(summary: "Summary", destination: str) -> str:
    """The summary for people."""
    done, here = summary.done, summary.here
    rate = here.pictures / max(summary.seconds, 1e-3)
    errors = ", ".join(f"{count:,} {code}" for code, count in done.errors.most_common())
    told = [
        f"{done.pictures:,} pictures are done, {here.pictures:,} of them by this run: "
        f"{rate:,.0f} a second.",
        f"{done.doubtful:,} are doubtful. {done.errors.total():,} could not be read"
        + (f": {errors}." if errors else "."),
        f"The results are in {destination}.",
    ]
    if summary.left:
        told.append(
            f"{summary.left:,} parts are left: {summary.why} Run the same command again to go on."
        )
    return "\n".join(told)
