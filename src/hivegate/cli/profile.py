"""hivegate profile, and what --on-fail profile does at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.cli.settings import Project, find_project
from hivegate.errors import HivegateError, UsageError

if TYPE_CHECKING:
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.verdict import GateResult

_NOTHING = "no benchmark failed, so there is nothing to profile; name one to profile it all the same"


@click.command(epilog="Example: hivegate profile 'swarm_primitives/conflict_detection[500]'")
@click.argument("what", nargs=-1, metavar="[RESULT.json | SELECTOR]...", shell_complete=options.complete_id_or_file)
@click.option("--inconclusive", is_flag=True, help="Profile what was inconclusive, too.")
@click.option(
    "--seconds", type=click.FloatRange(0.5, 60), default=4.0, show_default=True, help="Loop under a profiler."
)
@click.option(
    "--tool",
    "tools",
    type=click.Choice(["py-spy", "scalene", "memray"]),
    multiple=True,
    help="Only this profiler. May be given again.",
)
@click.option("--native", is_flag=True, help="Show the frames of C extensions (Linux and Windows).")
@click.option("--idle", is_flag=True, help="Show what waits; done by itself where a benchmark mostly waits.")
@click.option("--subprocesses/--no-subprocesses", default=True, show_default=True, help="Watch child processes.")
@options.path_option
@options.python_option
@click.option("--base-python", metavar="PATH", help="Interpreter of an environment of base's own (default: compare's).")
def command(
    what: tuple[str, ...],
    paths: tuple[Path, ...],
    inconclusive: bool,
    seconds: float,
    tools: tuple[str, ...],
    native: bool,
    idle: bool,
    subprocesses: bool,
    python: str,
    base_python: str | None,
) -> int:
    """Show why benchmarks are slow: a flame graph of time and a report of memory by line.

    Without arguments it profiles what failed in the newest result of bench or compare; a RESULT.json says which
    result, selectors say which benchmarks, failed or not. After compare both revisions are profiled and their
    difference is drawn. Pages and data go to .hivegate/profiles/.
    """
    from hivegate.flows.profile.flow import ProfileOptions, profile
    from hivegate.flows.profile.tools import TOOLS
    from hivegate.flows.workspace import load_newest, load_result, own_folder
    from hivegate.profile.plan import Choice
    from hivegate.profile.pyspy import Manner
    from hivegate.report.profiles import render_profiles

    project = find_project(Path.cwd())
    files = [name for name in what if name.endswith(".json")]
    selectors = tuple(name for name in what if not name.endswith(".json"))
    if len(files) > 1:
        raise UsageError(f"one result is allowed; {len(files)} were given: {', '.join(files)}")
    result = load_result(Path(files[0])) if files else load_newest(project.folder)
    if result is None and not selectors:
        raise UsageError("there is no result yet", hint="measure first: hivegate bench; or name benchmarks")
    failing = bool(files) or not selectors
    with watching() as on_progress:
        profiles = profile(
            options.make_subject(project, paths, python),
            Path(os.path.relpath(own_folder(project.folder) / "profiles")),
            on_progress,
            result=result,
            choice=Choice(selectors=selectors, failing=failing, inconclusive=inconclusive),
            options=ProfileOptions(
                tools=tools or TOOLS,
                seconds=seconds,
                manner=Manner(native=native, idle=idle, subprocesses=subprocesses),
                base_python=None if base_python is None else options.interpreter(base_python),
            ),
        )
    if not profiles.profiles and not profiles.notes:
        click.echo(_NOTHING)
    else:
        click.echo(render_profiles(profiles), nl=False)
    return 0


def explain_failures(
    project: Project,
    subject: Subject,
    name: str,
    result: GateResult,
    collection: Collection | None,
    on_progress: ProgressCallback,
) -> GateResult:
    """Profile what failed in a fresh result, and keep it with the causes; returns that result.

    A profile that fails adds a note; the verdict and the exit status stay. What was interrupted is kept as it is.
    """
    from hivegate.flows.profile.flow import profile
    from hivegate.flows.workspace import add_causes, own_folder
    from hivegate.model.events import Noted
    from hivegate.report.top_causes import with_causes

    folder = Path(os.path.relpath(own_folder(project.folder) / "profiles"))
    try:
        profiles = profile(subject, folder, on_progress, result=result, collection=collection)
    except HivegateError as fault:
        return with_causes(result, None, note=f"not profiled: {fault}")
    except KeyboardInterrupt:  # of the profiles: the verdict is there, and is told
        return with_causes(result, None, note=f"profiling was interrupted; {folder}/index.html lists what was made")
    explained = with_causes(result, profiles)
    if profiles.profiles:
        on_progress(Noted(message=f"profiles: {folder}/index.html"))
        add_causes(project.folder, name, explained)
    return explained
