"""hivegate try."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from hivegate.cli import options
from hivegate.cli.output import changing_lines
from hivegate.errors import HivegateError

if TYPE_CHECKING:
    from hivegate.flows.compare.attempts import Attempts, TryOptions
    from hivegate.flows.project import Project
    from hivegate.model.attempt import Attempt
    from hivegate.system.saves import Saves

_NOT_MEASURED = 3


@click.command(epilog="Example: hivegate try 'shop/checkout*' --watch")
@click.argument("selectors", nargs=-1, required=True, metavar="ID...", shell_complete=options.complete_id)
@click.option("--base", default="HEAD", show_default=True, metavar="REV", help="The revision to try it against.")
@click.option("--last", is_flag=True, help="Try it against what was tried last, instead of a revision.")
@click.option("--watch", is_flag=True, help="Try it again each time a file is saved, until Ctrl-C.")
@options.path_option
@options.targets_option
@options.python_option
def command(
    selectors: tuple[str, ...],
    base: str,
    last: bool,
    watch: bool,
    paths: tuple[Path, ...],
    targets_path: Path | None,
    python: str,
) -> int:
    """Try the change at hand: measure a few benchmarks against HEAD, and answer within seconds.

    The first line comes after two pairs, without an interval. It is refined until it is clear, for half a minute at
    most. Nothing is judged: whatever it shows, it ends with 0, or with 3 where a benchmark could not be measured.
    Before a change is merged, hivegate compare decides.
    """
    from hivegate.flows.compare.attempts import TryOptions
    from hivegate.flows.project import find_project

    project = find_project(Path.cwd())
    wanted = TryOptions(paths=paths, selectors=selectors, base=base, last=last, targets=targets_path, python=python)
    if watch:
        _watch(project, wanted)
    return _NOT_MEASURED if _try(project, wanted) else 0


def _try(project: Project, wanted: TryOptions) -> bool:
    """Try it once; tells whether something could not be measured, or not be believed."""
    from hivegate.flows.compare.attempts import attempting
    from hivegate.report.attempt import attempts_text

    seen: tuple[Attempt, ...] = ()
    with changing_lines() as lines, attempting(project, wanted, lines.on_progress) as attempts:
        lines.title(f"against {attempts.base.name}")
        for seen in attempts.measure(lambda: False):
            lines.show(attempts_text(seen))
    return any(one.change is None or one.trouble is not None or one.doubts for one in seen)


def _watch(project: Project, wanted: TryOptions) -> NoReturn:
    """Try it, and again after each save: against one base that stays checked out, or each time against the last."""
    from hivegate.flows.compare.attempts import attempting
    from hivegate.system.saves import Saves

    saves = Saves(project.folder)
    while True:
        try:
            with contextlib.ExitStack() as stack:
                with changing_lines() as lines:
                    attempts = stack.enter_context(attempting(project, wanted, lines.on_progress))
                    lines.title(f"against {attempts.base.name}; again at each save, until Ctrl-C")
                _try_again(attempts, saves, often=not wanted.last)
        except HivegateError as fault:  # nothing differs yet, or the suite is broken while it is edited
            click.echo(f"{fault.label}: {fault}\n  waiting for a save", err=True)
            saves.wait()


def _try_again(attempts: Attempts, saves: Saves, *, often: bool) -> None:
    from hivegate.report.attempt import attempts_text

    while True:
        saves.look()
        try:
            with changing_lines() as lines:
                for seen in attempts.measure(saves.changed):
                    lines.show(attempts_text(seen))
        except HivegateError as fault:
            click.echo(f"{fault.label}: {fault}\n  waiting for a save", err=True)
        saves.wait()
        if not often:
            return
