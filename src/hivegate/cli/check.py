"""hivegate check."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import print_result
from hivegate.cli.settings import find_project


@click.command(epilog="Example: pytest --benchmark-json=result.json && hivegate check result.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.targets_option
@options.json_option
@options.verbose_option
@options.quiet_option
def command(
    files: tuple[Path, ...],
    targets_path: Path | None,
    json_path: Path | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Judge result files of pytest-benchmark, of hivegate run or of nine other tools against targets.yaml.

    Several files with the same benchmarks are taken as passes of one run. A single pass has no spread of its own, so
    its intervals rest on an assumed one, which the report names.
    """
    from hivegate.flows.bench.check import check
    from hivegate.flows.history.drift import drift_of
    from hivegate.flows.history.regression_origin import with_since
    from hivegate.targets import load_targets

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    targets = load_targets(options.targets_path(project, targets_path))
    history = project.settings.history
    drift = drift_of(project.folder, history, targets)
    result = check(files, targets, roots=options.roots_of(project), drift=drift)
    result = with_since(result, project.folder, history)
    print_result(result, json_path=json_path, verbose=verbose, quiet=quiet)
    return result.exit_status
