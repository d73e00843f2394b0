"""hivegate merge."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import print_result
from hivegate.cli.settings import find_project


@click.command(epilog="Example: hivegate merge shard-*.json --out whole.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SHARD.json...")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the whole, as --out of one run."
)
@options.targets_option
@options.json_option
@options.verbose_option
@options.quiet_option
def command(
    files: tuple[Path, ...],
    out: Path | None,
    targets_path: Path | None,
    json_path: Path | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Join the shards of one suite, measured with --shard I/N, and judge the whole.

    All N must be there, of one commit, one targets.yaml and one division; what is missing, twice or unlike is named
    and nothing is judged. The result is kept in .hivegate/latest/.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.history.drift import drift_of
    from hivegate.flows.history.regression_origin import with_since
    from hivegate.flows.remote.merge import merge
    from hivegate.flows.workspace import save_result, save_run
    from hivegate.ingest import write_comparison, write_run
    from hivegate.model.comparison import Comparison
    from hivegate.model.targets import Targets
    from hivegate.system.files import write_atomic
    from hivegate.targets import load_targets

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    file = options.targets_path(project, targets_path)
    targets = load_targets(file) if targets_path or file.exists() else Targets(source="no targets.yaml")
    history = project.settings.history
    whole, result = merge(files, targets, drift=drift_of(project.folder, history, targets))
    result = with_since(result, project.folder, history)
    if out is not None:
        written = write_comparison(whole) if isinstance(whole, Comparison) else write_run(whole)
        write_atomic(out, written, error=UsageError)
    if not isinstance(whole, Comparison):
        save_run(project.folder, whole)
    save_result(project.folder, "compare" if isinstance(whole, Comparison) else "bench", result)
    print_result(result, json_path=json_path, verbose=verbose, quiet=quiet)
    return result.exit_status
