"""hivegate init."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration
from hivegate.cli.output import watching

if TYPE_CHECKING:
    from hivegate.adopt.init import Adoption
    from hivegate.measure.subject import Subject


@click.command(epilog="Example: hivegate init --dry-run")
@options.paths_argument
@click.option(
    "--max-time",
    type=Duration(),
    default="5m",
    show_default=True,
    help="Start no further pass after this long.",
)
@options.python_option
@click.option(
    "--repository", metavar="OWNER/NAME", help="Repository of hivegate on GitHub, if its installation does not say."
)
@click.option(
    "--install", is_flag=True, help="First install what the benchmarks need, according to the project's files."
)
@click.option("--dry-run", is_flag=True, help="Print everything that would be written; write nothing.")
def command(
    paths: tuple[Path, ...], max_time: float, python: str, repository: str | None, install: bool, dry_run: bool
) -> int:
    """Measure the project's benchmarks and write what a gate needs.

    Finds the suites that use pytest-benchmark and measures them in three passes, up to seven if they vary much.
    Writes targets.yaml with limits derived from them, a noxfile.py, workflows for GitHub, and the location of the
    benchmarks. Files that exist are kept and listed; what init wrote and nobody changed is updated, with a diff.
    """
    from hivegate.flows.init import InitOptions, init
    from hivegate.flows.project import find_project

    flow_options = InitOptions(
        paths=paths, max_time=max_time, python=python, repository=repository, install=install, dry_run=dry_run
    )
    with watching() as on_progress:
        adoption, subject = init(find_project(Path.cwd()), flow_options, on_progress)
    _print(adoption, subject, dry_run=dry_run)
    return 0


def _print(adoption: Adoption, subject: Subject, *, dry_run: bool) -> None:
    from hivegate.adopt.writing import State
    from hivegate.flows.project import relative

    words = {State.NEW: "wrote", State.APPENDED: "added to", State.UPDATED: "updated"}
    if dry_run:
        words |= {State.NEW: "would write", State.APPENDED: "would add to", State.UPDATED: "would update"}
    for file in adoption.files:
        why = f" ({file.why})" if file.why else ""
        click.echo(f"{words.get(file.state, 'kept')} {relative(file.path)}{why}")
        if file.state is State.UPDATED:
            click.echo("".join(f"  {line}\n" for line in file.diff.splitlines()), nl=False)
        elif dry_run and file.state in words:
            click.echo("".join(f"  | {line}\n" for line in file.text.splitlines()), nl=False)
    for note in adoption.notes:
        click.echo(f"note: {note}")
    python = "" if subject.python == sys.executable else f" --python {shlex.quote(subject.python)}"
    click.echo(f"Next, measure again and check against targets.yaml:\n  {_program()} bench{python}")
    click.echo(f"Then commit. After each change, check whether it is slower:\n  {_program()} compare{python}")


def _program() -> str:
    """Name hivegate as it was called, so that the next command is found as well."""
    from hivegate.flows.project import relative

    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m hivegate"
    on_path = shutil.which("hivegate")
    plain = not called.exists() or (on_path is not None and Path(on_path).samefile(called))
    return "hivegate" if plain else shlex.quote(str(relative(called)))
