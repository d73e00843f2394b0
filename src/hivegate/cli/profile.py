"""hivegate profile."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import watching
from hivegate.errors import UsageError

_NOTHING = "no benchmark failed, so there is nothing to profile. Pass an id to profile it anyway"


@click.command(epilog="Example: hivegate profile 'checkout/total[100]'")
@click.argument("what", nargs=-1, metavar="[RESULT.json | SELECTOR]...", shell_complete=options.complete_id_or_file)
@click.option("--inconclusive", is_flag=True, help="Also profile inconclusive benchmarks.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.5, 60),
    default=4.0,
    show_default=True,
    help="Seconds to run each benchmark under a profiler.",
)
@click.option(
    "--tool",
    "tools",
    type=click.Choice(["py-spy", "scalene", "memray"]),
    multiple=True,
    help="Only this profiler. Repeatable.",
)
@click.option("--native", is_flag=True, help="Show the frames of C extensions (Linux and Windows).")
@click.option("--idle", is_flag=True, help="Include idle time (automatic for benchmarks that mostly wait).")
@click.option("--subprocesses/--no-subprocesses", default=True, show_default=True, help="Include child processes.")
@options.path_option
@options.python_option
@click.option(
    "--base-python", metavar="PATH", help="Interpreter of a separate environment for base (default: compare's)."
)
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

    Without arguments it profiles what failed in the newest result of bench or compare; a RESULT.json chooses
    the result, selectors choose the benchmarks, failed or not. After compare both revisions are profiled and their
    difference is drawn. Pages and data go to .hivegate/profiles/.
    """
    from hivegate.flows.profile.flow import ProfileOptions, profile_benchmarks
    from hivegate.flows.project import find_project
    from hivegate.report.profiles import render_profiles

    files = [name for name in what if name.endswith(".json")]
    if len(files) > 1:
        raise UsageError(f"only one result can be profiled, not {len(files)}: {', '.join(files)}")
    flow_options = ProfileOptions(
        result=Path(files[0]) if files else None,
        selectors=tuple(name for name in what if name not in files),
        inconclusive=inconclusive,
        seconds=seconds,
        tools=tools,
        native=native,
        idle=idle,
        subprocesses=subprocesses,
        paths=paths,
        python=python,
        base_python=base_python,
    )
    with watching() as on_progress:
        profiles = profile_benchmarks(find_project(Path.cwd()), flow_options, on_progress)
    nothing = not profiles.profiles and not profiles.notes
    click.echo(f"{_NOTHING}\n" if nothing else render_profiles(profiles), nl=False)
    return 0
