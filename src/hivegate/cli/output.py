"""Printing: results for people, JSON for programs, progress while it lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING

import click

from hivegate.errors import UsageError
from hivegate.model.events import (
    Advanced,
    Began,
    Decided,
    Event,
    Noted,
    ProgressCallback,
    Started,
    ignore_progress,
)
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
_BETWEEN = 30.0  # seconds between lines of a log that say how far it is
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
    result: GateResult,
    *,
    json_path: Path | None,
    verbose: bool,
    quiet: bool,
    page: Path | None = None,
    begun: float | None = None,
) -> int:
    """Print a result, write it as JSON where asked, name its page and how long it took; return its exit status.

    `begun` is when measuring did, by the monotonic clock.
    """
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
        took = "" if begun is None else f"took {duration(time.monotonic() - begun)}; "
        click.echo(f"hivegate: {took}report: {printable(str(page))}", err=True)
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
    elif sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
        with _bar() as on_progress:
            yield on_progress
    else:
        with _PlainLines().printing() as on_progress:
            yield on_progress


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
    """Print a line for each stage, and what runs at least every half minute, for a log that nobody can redraw."""

    def __init__(self) -> None:
        self._stage: Started | None = None
        self._done = 0
        self._running = ""
        self._due = time.monotonic() + _BETWEEN
        self._over = threading.Event()

    @contextlib.contextmanager
    def printing(self) -> Iterator[ProgressCallback]:
        """Give a callback that prints; a hang is named, too, for which no event comes."""
        alive = threading.Thread(target=self._stay_alive, daemon=True)
        alive.start()
        try:
            yield self.print
        finally:
            self._over.set()
            alive.join()

    def print(self, event: Event) -> None:
        if isinstance(event, Started):
            self._stage, self._done, self._running = event, 0, ""
            facts = [] if event.steps is None else [f"{event.steps} {event.unit}{'s' * (event.steps != 1)}"]
            facts += [] if event.left is None else [f"at most {duration(event.left)} left"]
            self._say(f"{event.stage} ({', '.join(facts)})" if facts else event.stage)
        elif isinstance(event, Noted):
            self._say(printable(event.message, _LONGEST_NOTE))
        elif isinstance(event, Decided):
            if event.text:
                self._say(_decided_text(event))
        elif isinstance(event, Began):
            self._running = event.what
        else:
            self._done += 1

    def _stay_alive(self) -> None:
        while not self._over.wait(max(0.1, self._due - time.monotonic())):
            if self._stage is not None and time.monotonic() >= self._due:
                of = "" if self._stage.steps is None else f" of {self._stage.steps}"
                running = f", {printable(self._running)} runs" if self._running else ""
                self._say(f"  {self._done}{of} done{running}")

    def _say(self, text: str) -> None:
        self._due = time.monotonic() + _BETWEEN
        click.echo(without_commands(f"hivegate: {text}"), err=True)


def _decided_text(event: Decided) -> str:
    return printable(f"{event.outcome} {event.what}: {event.text}", _LONGEST_NOTE)


def duration(seconds: float) -> str:
    """Spell how long something takes, as a person plans: 45 s, 8 min."""
    return f"{max(1, round(seconds))} s" if seconds < 100 else f"{round(seconds / 60)} min"  # noqa: PLR2004


@contextlib.contextmanager
def _bar() -> Iterator[ProgressCallback]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    begun = time.monotonic()

    class _Clock(ProgressColumn):
        def render(self, task: Task) -> Text:
            """Say since when, from the very beginning, and what this stage still takes at its pace so far."""
            left = None if task.finished else task.time_remaining
            ahead = f", {_clock(left)} to go" if left else ""
            return Text(f"{_clock(time.monotonic() - begun)}{ahead}")

    console = Console(stderr=True, highlight=False)
    bar = BarColumn(bar_width=20, complete_style="cyan", finished_style="cyan", pulse_style="cyan")
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False),
        MofNCompleteColumn(),
        _Clock(),
        # The name alone gives way, else it would push out how far it is.
        TextColumn("{task.fields[what]}", markup=False, style="dim", table_column=Column(ratio=1, no_wrap=True)),
    ]
    if console.width >= _WIDE_ENOUGH:
        columns.insert(1, bar)
    decided, failed = 0, 0
    # Twice a second: drawing costs processor time beside what is measured.
    with Progress(*columns, console=console, transient=True, refresh_per_second=2, expand=True) as progress:
        task = progress.add_task("starting", total=None, what="")

        def on_progress(event: Event) -> None:
            nonlocal decided, failed
            if isinstance(event, Started):
                left = "" if event.left is None else f", at most {duration(event.left)} left"
                known = f", {decided} decided" if decided else ""
                text = f"{printable(event.stage)}{known}{left}"
                progress.reset(task, total=event.steps, description=text, what="")
            elif isinstance(event, Began):
                progress.update(task, what=printable(event.what))
            elif isinstance(event, Advanced):
                progress.update(task, advance=1, what=printable(event.what))
            elif isinstance(event, Decided):
                decided, failed = decided + 1, failed + event.failed
                bar.complete_style = bar.finished_style = "red" if failed else "cyan"
                if event.text:
                    style = "red" if event.failed else "green" if event.outcome == "faster" else "yellow"
                    console.print(Text(_decided_text(event), style=style))
            else:
                console.print(Text(printable(event.message, _LONGEST_NOTE)))

        yield on_progress


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
