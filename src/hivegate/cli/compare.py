"""hivegate compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration, Share
from hivegate.cli.output import print_result, watching
from hivegate.cli.profile import explain_failures
from hivegate.cli.settings import find_project

if TYPE_CHECKING:
    from hivegate.measure.collect import Collection


@click.command(epilog="Example: hivegate compare main --select 'swarm_primitives/*' --budget 2%")
@click.argument("base", required=False)
@options.path_option
@options.select_option
@click.option("--budget", type=Share(), metavar="SHARE", help="Slowdown that is allowed, for all benchmarks.")
@click.option(
    "--max-time",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Time after which nothing inconclusive is measured on.",
)
@options.targets_option
@options.python_option
@click.option("--base-python", metavar="PATH", help="Interpreter of an environment of base's own (default: --python).")
@click.option(
    "--instrument",
    type=click.Choice(["time", "instructions"]),
    default="time",
    show_default=True,
    help="What is compared; valgrind counts instructions, alike on a busy machine, but sees no caches and no waiting.",
)
@click.option("--fallback", is_flag=True, help="Start two processes instead of forking one, as where none can fork.")
@options.on_option
@options.shard_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write what was measured, for hivegate merge and --durations (default with --shard: comparison.json).",
)
@options.json_option
@options.on_fail_option
@options.verbose_option
@options.quiet_option
def command(
    base: str | None,
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    budget: float | None,
    max_time: float,
    targets_path: Path | None,
    python: str,
    base_python: str | None,
    instrument: str,
    fallback: bool,
    cluster: str | None,
    shard: tuple[int, int] | None,
    durations: Path | None,
    out: Path | None,
    json_path: Path | None,
    on_fail: str | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Measure this revision against BASE, side by side, and judge every benchmark by its budget.

    BASE is a commit, branch or tag; without it the merge base with the default branch is taken. It may also be a dot,
    this tree itself: with --base-python one suite measures what is installed in two environments. Both revisions run in
    children forked from one interpreter, so that what differs between them is the code. The result is kept in
    .hivegate/latest/. With --shard the part is only measured, into a file; with --on the workers of a Dask cluster
    measure, each in checkouts of its own.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.compare.flow import CompareOptions, judge_comparison, measure_comparison
    from hivegate.flows.history.regression_origin import with_since
    from hivegate.flows.workspace import save_result
    from hivegate.ingest import write_comparison
    from hivegate.model.targets import Targets
    from hivegate.system.files import write_atomic
    from hivegate.targets import load_targets

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    file = options.targets_path(project, targets_path)
    targets = load_targets(file) if targets_path or file.exists() else Targets(source="no targets.yaml")
    flow_options = CompareOptions(
        base=base,
        branch=project.settings.base_branch,
        selectors=selectors,
        budget=budget,
        by_instructions=instrument == "instructions",
        max_time=max_time,
        timeout=project.settings.timeout,
        fallback=fallback,
        base_python=None if base_python is None else options.interpreter(base_python),
        division=None if cluster is not None else options.division(shard, durations),
    )
    with watching(quiet=quiet) as on_progress:
        collected: list[Collection] = []
        subject = options.make_subject(project, paths, python)
        if cluster is not None:
            from hivegate.cli.cluster import compare_on, errand

            given = file if targets_path or file.exists() else None
            place, sent = errand(cluster, subject, given, shard=shard, durations=durations)
            run = compare_on(place, sent, flow_options, on_progress)
        else:
            run = measure_comparison(subject, targets, flow_options, on_progress, on_collected=collected.append)
        if out is not None or shard is not None:
            out = out or Path("comparison.json")
            write_atomic(out, write_comparison(run), error=UsageError)
        if shard is not None:
            click.echo(
                f"{len(run.benchmarks)} benchmarks written to {out}, shard {run.shard}; judge all: hivegate merge"
            )
            return 0
        result = judge_comparison(targets, run)
        result = with_since(result, project.folder, project.settings.history)
        save_result(project.folder, "compare", result)
        if on_fail == "profile":
            result = explain_failures(project, subject, "compare", result, next(iter(collected), None), on_progress)
    print_result(result, json_path=json_path, verbose=verbose, quiet=quiet)
    return result.exit_status
