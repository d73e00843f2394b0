"""hivegate profile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.cli.settings import Project, find_project
from hivegate.errors import UsageError

if TYPE_CHECKING:
    from hivegate.measure.subject import Subject
    from hivegate.model.verdict import GateResult


@click.command(epilog="Example: hivegate profile 'swarm_primitives/conflict_detection[500]'")
@click.argument("what", nargs=-1, metavar="[RESULT.json | SELECTOR]...")
@click.option(
    "--seconds", type=click.FloatRange(0.5, 60), default=4.0, show_default=True, help="Loop under a profiler."
)
@options.python_option
def command(what: tuple[str, ...], seconds: float, python: str) -> int:
    """Show why benchmarks are slow: a flame graph of time and a report of memory by line.

    Without arguments it profiles what failed in the latest result; a RESULT.json says which result, selectors say
    which benchmarks, failed or not. Pages and data go to .hivegate/profiles/.
    """
    from hivegate.gate.latest import load_latest, load_result

    project = find_project(Path.cwd())
    files = [name for name in what if name.endswith(".json")]
    selectors = tuple(name for name in what if not name.endswith(".json"))
    if len(files) > 1:
        raise UsageError(f"one result is allowed; {len(files)} were given: {', '.join(files)}")
    result = load_result(Path(files[0])) if files else None
    if result is None and not selectors:
        result = load_latest(project.folder, "bench")
        if result is None:
            raise UsageError("there is no result yet", hint="measure first: hivegate bench; or name benchmarks")
    profile_result(project, options.make_subject(project, (), python), result, selectors=selectors, seconds=seconds)
    return 0


def profile_result(
    project: Project,
    subject: Subject,
    result: GateResult | None,
    *,
    selectors: tuple[str, ...] = (),
    seconds: float = 4.0,
) -> None:
    """Profile and list what was made; what failed to be made is noted and changes no exit status."""
    from hivegate.gate.latest import own_folder
    from hivegate.gate.profile import ProfileOptions, profile
    from hivegate.report.profiles import render_profiles

    folder = own_folder(project.folder) / "profiles"
    with watching() as watch:
        profiles = profile(
            subject,
            Path(os.path.relpath(folder)),
            watch,
            result=result,
            selectors=selectors,
            options=ProfileOptions(seconds=seconds),
        )
    if result is not None and not profiles.profiles:
        click.echo("no benchmark failed, so there is nothing to profile; name one to profile it all the same")
    else:
        click.echo(render_profiles(profiles), nl=False)
