"""Printing: results for people, JSON for programs, progress while it lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import time
from typing import TYPE_CHECKING

import click

from hivegate.errors import UsageError
from hivegate.model.events import Advanced, Event, Noted, ProgressCallback, Started, ignore_progress
from hivegate.report.escape import printable, without_commands
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from hivegate.model.verdict import GateResult

_WIDEST = 100
_LONGEST_NOTE = 2000
_BETWEEN = 15.0  # seconds between lines of a log that say how far it is
_WIDE_ENOUGH = 70  # columns, for a bar beside the name of what is measured


def wants_color() -> bool:
    """Tell whether standard output gets colour: NO_COLOR forbids it, FORCE_COLOR asks for it, a terminal has it."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0").lower() not in {"", "0", "false"}:
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def wants_groups() -> bool:
    """Tell whether standard output is a log of GitHub Actions, which folds groups; a file keeps its text."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return False
    try:
        return not stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or no file at all
        return False


def print_result(
    result: GateResult, *, json_path: Path | None, verbose: bool, quiet: bool, page: Path | None = None
) -> int:
    """Print a result, write it as JSON where asked, name its page, and return its exit status."""
    from hivegate.report.jsondoc import render_json
    from hivegate.report.terminal import render_terminal, render_verdict

    if write_json(lambda: render_json(result), json_path):
        return result.exit_status
    if quiet:
        text = render_verdict(result, color=wants_color())
    else:
        text = render_terminal(result, width=columns(), color=wants_color(), verbose=verbose, grouped=wants_groups())
    click.echo(text, nl=False, color=True)
    if page is not None and page.exists() and not quiet:
        click.echo(f"hivegate: report: {printable(str(page))}", err=True)
    return result.exit_status


def write_json(render: Callable[[], str], path: Path | None) -> bool:
    """Write JSON where ``--json`` asks for it; says whether it went to standard output, where it stays alone."""
    if path is None:
        return False
    if str(path) == "-":
        click.echo(render(), nl=False)
        return True
    write_atomic(path, render(), error=UsageError)
    return False


def columns() -> int:
    """Measure the terminal, up to a width that is still read well."""
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)


@contextlib.contextmanager
def watching(*, quiet: bool = False) -> Iterator[ProgressCallback]:
    """Show progress on standard error: a bar on a terminal, plain lines elsewhere, nothing with `quiet`."""
    if quiet:
        yield ignore_progress
    elif sys.stderr.isatty() and not os.environ.get("CI") and not os.environ.get("NO_COLOR"):
        with _bar() as on_progress:
            yield on_progress
    else:
        yield _PlainLines().print


class _ChangingLines:
    """Lines of standard output that are refined: in place on a terminal, one below the other elsewhere."""

    def __init__(self, live: Live | None, console: Console) -> None:
        self._live = live
        self._console = console

    def title(self, text: str) -> None:
        """Say once what the lines are about."""
        from rich.text import Text

        self._console.print(Text(printable(text), style="dim"))

    def show(self, text: Text) -> None:
        """Put these lines in the place of the last ones."""
        if self._live is None:
            self._console.print(text)
        else:
            self._live.update(text, refresh=True)

    def on_progress(self, event: Event) -> None:
        """Show on a terminal what is being made ready."""
        from rich.text import Text

        if self._live is not None and isinstance(event, Started):
            self._live.update(Text(f"{printable(event.stage)} ...", style="dim"), refresh=True)


@contextlib.contextmanager
def changing_lines() -> Iterator[_ChangingLines]:
    """Give lines of standard output that can be refined."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(no_color=not wants_color(), highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        yield _ChangingLines(None, console)
        return
    with Live(Text(""), console=console, auto_refresh=False, vertical_overflow="visible") as live:
        yield _ChangingLines(live, console)


class _PlainLines:
    """Print a line for each stage, and now and then how far it is, for a log that nobody can redraw."""

    def __init__(self) -> None:
        self._steps: int | None = None
        self._done = 0
        self._due = time.monotonic() + _BETWEEN

    def print(self, event: Event) -> None:
        if isinstance(event, Started):
            self._steps, self._done = event.steps, 0
            facts = [] if event.steps is None else [f"{event.steps} {event.unit}{'s' * (event.steps != 1)}"]
            facts += [] if event.left is None else [f"at most {duration(event.left)} left"]
            self._say(f"{event.stage} ({', '.join(facts)})" if facts else event.stage)
        elif isinstance(event, Noted):
            self._say(printable(event.message, _LONGEST_NOTE))
        else:
            self._done += 1
            if time.monotonic() >= self._due and self._done != self._steps:
                of = "" if self._steps is None else f" of {self._steps}"
                self._say(f"  {self._done}{of} done, the last was {printable(event.what)}")

    def _say(self, text: str) -> None:
        click.echo(without_commands(f"hivegate: {text}"), err=True)
        self._due = time.monotonic() + _BETWEEN


def duration(seconds: float) -> str:
    """Spell how long something takes, as a person plans: 45 s, 8 min."""
    return f"{max(1, round(seconds))} s" if seconds < 100 else f"{round(seconds / 60)} min"  # noqa: PLR2004


@contextlib.contextmanager
def _bar() -> Iterator[ProgressCallback]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column
    from rich.text import Text

    console = Console(stderr=True)
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        # The name alone gives way, else it would push out how far it is.
        TextColumn("{task.fields[what]}", markup=False, style="dim", table_column=Column(ratio=1, no_wrap=True)),
    ]
    if console.width >= _WIDE_ENOUGH:
        columns.insert(1, BarColumn(bar_width=20))
    # Twice a second: drawing costs processor time beside what is measured.
    with Progress(*columns, console=console, transient=True, refresh_per_second=2, expand=True) as progress:
        task = progress.add_task("starting", total=None, what="")

        def on_progress(event: Event) -> None:
            if isinstance(event, Started):
                left = "" if event.left is None else f", at most {duration(event.left)} left"
                progress.reset(task, total=event.steps, description=f"{printable(event.stage)}{left}", what="")
            elif isinstance(event, Advanced):
                progress.update(task, advance=1, what=printable(event.what))
            else:
                console.print(Text(printable(event.message, _LONGEST_NOTE)))

        yield on_progress
