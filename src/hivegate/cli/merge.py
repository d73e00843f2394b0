"""hivegate merge."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import print_result


@click.command(epilog="Example: hivegate merge shard-*.json --out whole.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SHARD.json...")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the whole, like --out of one run."
)
@options.targets_option
@options.base_rules_option
@options.json_option
@options.verbose_option
@options.quiet_option
def command(
    files: tuple[Path, ...],
    out: Path | None,
    targets_path: Path | None,
    base_rules: str | None,
    json_path: Path | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Join the shards of one suite, measured with --shard I/N, and judge the whole.

    All N shards are required, from the same commit, targets.yaml and split; otherwise the mismatch is reported and no
    verdict is given. The result is stored in .hivegate/latest/.
    """
    from hivegate.flows.merge import MergeOptions, merge
    from hivegate.flows.project import find_project, relative
    from hivegate.flows.workspace import page_of

    options.check_loudness(verbose=verbose, quiet=quiet)
    project = find_project(Path.cwd())
    merged = merge(project, MergeOptions(files=files, targets=targets_path, out=out, base_rules=base_rules))
    page = relative(page_of(project.folder))
    return print_result(merged.gate, json_path=json_path, verbose=verbose, quiet=quiet, page=page)
