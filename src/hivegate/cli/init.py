"""hivegate init."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration
from hivegate.cli.output import watching
from hivegate.cli.settings import find_project
from hivegate.errors import HivegateError, MeasureError, UsageError

if TYPE_CHECKING:
    from hivegate.adopt.init import Adoption, Measured
    from hivegate.adopt.survey import Survey
    from hivegate.cli.settings import Project
    from hivegate.measure.subject import Subject

_PASSES, _MOST_PASSES = 3, 7


@click.command(epilog="Example: hivegate init --dry-run")
@options.paths_argument
@click.option(
    "--max-time",
    type=Duration(),
    default="5m",
    show_default=True,
    help="Time after which no further pass begins.",
)
@options.python_option
@click.option(
    "--repository", metavar="OWNER/NAME", help="Where hivegate is on GitHub, where its installation does not tell."
)
@click.option("--install", is_flag=True, help="First install what the benchmarks need, by the project's own files.")
@click.option("--dry-run", is_flag=True, help="Print everything that would be written; write nothing.")
def command(
    paths: tuple[Path, ...], max_time: float, python: str, repository: str | None, install: bool, dry_run: bool
) -> int:
    """Measure the project's benchmarks and write what a gate needs.

    Finds the suites that use pytest-benchmark and measures them in three passes, up to seven where they vary much.
    Writes targets.yaml with limits derived from that, a noxfile.py, workflows for GitHub, and where the benchmarks are.
    Overwrites nothing: a file that is there is left as it is, and named.
    """
    from hivegate.adopt.init import adopt
    from hivegate.adopt.origin import find_origin, published
    from hivegate.adopt.survey import survey
    from hivegate.adopt.writing import write
    from hivegate.flows.workspace import own_folder

    if repository is not None and not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise UsageError(f"{repository!r} is no repository", hint="write OWNER/NAME, as in example/hivegate")
    project = find_project(Path.cwd())
    seen, origin = survey(project.folder), find_origin()
    origin = origin if repository is None else published(origin, repository)
    subject = _subject(project, seen, paths, python)
    if install:
        _install(subject, seen)
    targets = project.folder / project.settings.targets
    measured = None if targets.exists() else _measure(project, seen, subject, max_time, installed=install)
    plan = adopt(seen, origin, subject.paths, targets, measured)
    if not dry_run:
        own_folder(project.folder)  # the schema that targets.yaml names is in it
        for file in plan.files:
            write(file)
    _tell(plan, subject, dry_run=dry_run)
    return 0


def _subject(project: Project, seen: Survey, paths: tuple[Path, ...], python: str) -> Subject:
    """Choose what to measure: what was given, what is configured, or what was found."""
    if not paths and not seen.configured:
        if not seen.suites.paths:
            others = "".join(f"\n  hivegate -C {one} init" for one in seen.suites.packages)
            more = f"\nbut these are projects of their own that have some:{others}" if others else ""
            raise UsageError(
                "no benchmark was found in this project",
                where=str(seen.folder),
                hint="a benchmark is a test that takes pytest-benchmark's `benchmark` fixture, such as\n"
                "  def test_total(benchmark):\n      benchmark(sum, range(1000))\n"
                f"  in benches/test_totals.py; write one, or name where they are: hivegate init PATH{more}",
            )
        paths = tuple(project.folder / one for one in seen.suites.paths)
    return options.make_subject(project, paths, python)


def _measure(project: Project, seen: Survey, subject: Subject, max_time: float, *, installed: bool) -> Measured:
    from hivegate.adopt.init import Measured
    from hivegate.adopt.limits import Plan
    from hivegate.adopt.noise import measure_noise
    from hivegate.flows.bench.flow import most_looks
    from hivegate.flows.bench.initial import measure_first
    from hivegate.flows.bench.measure import BenchOptions
    from hivegate.model.events import Noted, Started

    settings = project.settings
    flow_options = BenchOptions(passes=_PASSES, most_passes=_MOST_PASSES, max_time=max_time, timeout=settings.timeout)
    noise = None
    with watching() as on_progress:
        try:
            run = measure_first(subject, flow_options, on_progress)
        except MeasureError as fault:
            raise MeasureError(
                fault.message,
                where=fault.where,
                hint=f"{fault.hint}\n  {_incomplete(subject, seen, installed=installed)}",
            ) from fault
        on_progress(Started(stage="noise of this machine"))
        try:
            noise = measure_noise(8, fork=sys.platform == "linux", budget=0.02)
        except HivegateError as fault:
            on_progress(Noted(message=str(fault)))
    plan = Plan(passes=settings.passes, looks=most_looks(settings.passes, max(settings.max_passes, settings.passes)))
    return Measured(run=run, noise=noise, plan=plan)


def _install(subject: Subject, seen: Survey) -> None:
    from hivegate.adopt.environment import install
    from hivegate.model.events import Started

    with watching() as on_progress:
        on_progress(Started(stage=f"installing {' '.join(seen.requirements.words())}"))
        install(subject.python, seen.requirements, seen.folder)


def _incomplete(subject: Subject, seen: Survey, *, installed: bool) -> str:
    from hivegate.adopt.environment import install_command

    if installed:
        return (
            "If its environment is not complete: what the project's own files name for its benchmarks is installed. "
            f"Add what is missing:\n    {shlex.quote(subject.python)} -m pip install NAME"
        )
    command = shlex.join(install_command(subject.python, seen.requirements))
    return (
        "If its environment is not complete: by this project's own files it takes\n"
        f"    {command}\n  which hivegate init --install does. --python PATH names another environment."
    )


def _tell(plan: Adoption, subject: Subject, *, dry_run: bool) -> None:
    from hivegate.adopt.writing import State

    words = {State.NEW: "wrote", State.APPENDED: "added to", State.KEPT: "kept"}
    if dry_run:
        words |= {State.NEW: "would write", State.APPENDED: "would add to"}
    for file in plan.files:
        why = f" ({file.why})" if file.why else ""
        click.echo(f"{words[file.state]} {options.relative(file.path)}{why}")
        if dry_run and file.state is not State.KEPT:
            click.echo("".join(f"  | {line}\n" for line in file.text.splitlines()), nl=False)
    for note in plan.notes:
        click.echo(f"note: {note}")
    python = "" if subject.python == sys.executable else f" --python {shlex.quote(subject.python)}"
    click.echo(f"Next, measure again and judge by targets.yaml:\n  {_program()} bench{python}")
    click.echo(
        f"Then commit, and whenever you changed something ask whether it is slower:\n  {_program()} compare{python}"
    )


def _program() -> str:
    """Spell how hivegate was called, so that the next command is found as well."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m hivegate"
    on_path = shutil.which("hivegate")
    return "hivegate" if on_path and Path(on_path).samefile(called) else shlex.quote(str(options.relative(called)))
