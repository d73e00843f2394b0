"""hivegate compare."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import click

from hivegate.cli import options
from hivegate.cli.kinds import Duration, Share
from hivegate.cli.output import print_result, watching
from hivegate.errors import UsageError

_RESULTS = frozenset({".json", ".jsonl", ".js", ".txt"})


@click.command(epilog="Example: hivegate compare main --select 'shop/*' --budget 2%")
@click.argument("base", required=False)
@click.argument("head", required=False)
@options.path_option
@options.selection_options
@click.option("--budget", type=Share(), metavar="SHARE", help="Accepted slowdown, for all benchmarks.")
@click.option(
    "--max-time",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Stop adding measurements for inconclusive benchmarks after this long.",
)
@options.targets_option
@options.python_option
@click.option(
    "--base-python", metavar="PATH", help="Interpreter of a separate environment for base (default: --python)."
)
@click.option(
    "--instrument",
    type=click.Choice(["time", "instructions"]),
    default="time",
    show_default=True,
    help="What is compared; valgrind counts instructions, alike on a busy machine, but sees no caches and no waiting.",
)
@click.option("--fallback", is_flag=True, help="Use two separate processes even where fork is available.")
@click.option(
    "--reached/--all",
    default=None,
    help="Do not measure what the change cannot reach, or measure everything (default: as [tool.hivegate] says).",
)
@options.on_option
@options.shard_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the measurements, for hivegate merge and --durations (default with --shard: comparison.json).",
)
@options.json_option
@options.on_fail_option
@options.verbose_option
@options.quiet_option
def command(
    base: str | None,
    head: str | None,
    paths: tuple[Path, ...],
    selectors: tuple[str, ...],
    excluded: tuple[str, ...],
    budget: float | None,
    max_time: float,
    targets_path: Path | None,
    python: str,
    base_python: str | None,
    instrument: Literal["time", "instructions"],
    fallback: bool,
    reached: bool | None,
    cluster: str | None,
    shard: tuple[int, int] | None,
    durations: Path | None,
    out: Path | None,
    json_path: Path | None,
    on_fail: str | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Compare this revision with BASE, side by side, and judge every benchmark by its budget.

    BASE is a commit, branch or tag; the default is the merge base with the default branch. It may also be a dot, for
    this tree: with --base-python one suite measures what is installed in two environments. Both revisions run in
    children forked from one interpreter, so that only the code differs between them. The result is stored in
    .hivegate/latest/. With --shard the part is only measured, into a file; with --on the workers of a Dask cluster
    measure, each in separate checkouts.

    With HEAD both are result files, of any format that check reads. They were measured at different times, so only a
    change that is larger than the spread of each file is decided.

    Or both are releases of a package, as in hivegate compare 'pluggy==1.6.0' 'pluggy==1.7.0'. Each is installed from
    the index into its own environment, beside what the suite at hand needs, and this suite is measured in both.
    """
    from hivegate.flows.compare.flow import CompareOptions, compare, measure_comparison
    from hivegate.flows.compare.releases import find_releases
    from hivegate.flows.project import find_project, relative
    from hivegate.flows.workspace import page_of

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    if base is not None and head is None and Path(base).suffix in _RESULTS and Path(base).is_file():
        raise UsageError(
            "is a result file, to be compared with another", where=base, hint="name the newer one too: compare OLD NEW"
        )
    releases = find_releases(base, head)
    if base is not None and head is not None and releases is None:
        from hivegate.flows.compare.files import FileComparisonOptions, compare_files

        _refuse_measuring(
            {
                "--path": paths,
                "--base-python": base_python,
                "--instrument": instrument != "time",
                "--fallback": fallback,
                "--reached": reached,
                "--on": cluster,
                "--shard": shard,
                "--durations": durations,
                "--out": out,
                "--on-fail": on_fail,
            }
        )
        files = FileComparisonOptions(
            base=Path(base),
            head=Path(head),
            budget=budget,
            targets=targets_path,
            selectors=selectors,
            excluded=excluded,
        )
        return print_result(compare_files(project, files), json_path=json_path, verbose=verbose, quiet=quiet)
    flow_options = CompareOptions(
        paths=paths,
        selectors=selectors,
        excluded=excluded,
        base=base,
        head=head,
        budget=budget,
        instrument=instrument,
        max_time=max_time,
        targets=targets_path,
        python=python,
        base_python=base_python,
        fallback=fallback,
        reached=reached,
        cluster=cluster,
        shard=shard,
        durations=durations,
        out=out or (Path("comparison.json") if shard is not None else None),
        profile_failures=on_fail == "profile",
    )
    begun = time.monotonic()
    with watching(quiet=quiet) as on_progress:
        if shard is not None:
            part = measure_comparison(project, flow_options, on_progress)
            count = len(part.benchmarks)
            click.echo(
                f"{count} benchmarks written to {flow_options.out}, shard {part.shard}; judge all with: hivegate merge"
            )
            return 0
        measured = compare(project, flow_options, on_progress)
    page = relative(page_of(project.folder))
    return print_result(measured.gate, json_path=json_path, verbose=verbose, quiet=quiet, page=page, begun=begun)


def _refuse_measuring(given: dict[str, object]) -> None:
    """Refuse options of measuring where two result files are compared."""
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} does not apply to two result files", hint="nothing is measured: leave it out")
