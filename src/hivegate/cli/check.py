"""hivegate check."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli import options
from hivegate.cli.output import print_result


@click.command(epilog="Example: pytest --benchmark-json=result.json && hivegate check result.json")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.targets_option
@options.base_rules_option
@options.json_option
@options.verbose_option
@options.quiet_option
def command(
    files: tuple[Path, ...],
    targets_path: Path | None,
    base_rules: str | None,
    json_path: Path | None,
    verbose: bool,
    quiet: bool,
) -> int:
    """Check result files of pytest-benchmark, of hivegate run or of ten other tools against targets.yaml.

    Several files with the same benchmarks count as passes of one run. A single pass has no spread, so its intervals
    rest on an assumed one, which the report names.
    """
    from hivegate.flows.bench.check import CheckOptions, check
    from hivegate.flows.project import find_project

    options.check_loudness(verbose=verbose, quiet=quiet)
    judged = check(find_project(Path.cwd()), CheckOptions(files=files, targets=targets_path, base_rules=base_rules))
    return print_result(judged.gate, json_path=json_path, verbose=verbose, quiet=quiet)
