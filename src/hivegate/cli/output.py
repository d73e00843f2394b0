"""Printing: results for people, JSON for programs, progress while it lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from hivegate.errors import UsageError
from hivegate.model.events import Advanced, Event, Noted, Started, Watcher
from hivegate.report.jsondoc import render_json
from hivegate.report.terminal import render_terminal
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.model.verdict import GateResult

_WIDEST = 100


def wants_color() -> bool:
    """Tell whether standard output is a terminal that shows colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_result(result: GateResult, *, json_path: Path | None, verbose: bool) -> None:
    """Print a result, and write it as JSON where asked."""
    if json_path is not None and str(json_path) == "-":
        click.echo(render_json(result), nl=False)
        return
    if json_path is not None:
        write_atomic(json_path, render_json(result), error=UsageError)
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    click.echo(render_terminal(result, width=width, color=wants_color(), verbose=verbose), nl=False, color=True)


@contextlib.contextmanager
def watching() -> Iterator[Watcher]:
    """Show progress on standard error: a bar on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty() and not os.environ.get("CI") and not os.environ.get("NO_COLOR"):
        with _bar() as watch:
            yield watch
    else:
        yield _print_plainly


def _print_plainly(event: Event) -> None:
    if isinstance(event, Started):
        steps = "" if event.steps is None else f" ({event.steps} {event.unit}{'s' * (event.steps != 1)})"
        click.echo(f"hivegate: {event.stage}{steps}", err=True)
    elif isinstance(event, Noted):
        click.echo(f"hivegate: {event.message}", err=True)


@contextlib.contextmanager
def _bar() -> Iterator[Watcher]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    # Twice a second: drawing costs processor time beside what is measured.
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as progress:
        task = progress.add_task("starting", total=None, what="")

        def watch(event: Event) -> None:
            if isinstance(event, Started):
                progress.reset(task, total=event.steps, description=event.stage, what="")
            elif isinstance(event, Advanced):
                progress.update(task, advance=1, what=escape(event.what))
            else:
                progress.console.print(escape(event.message))

        yield watch
