"""hivegate report."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from hivegate.cli.settings import Project, find_project


@click.command(epilog="Example: hivegate report --format markdown >> $GITHUB_STEP_SUMMARY")
@click.argument("result_path", required=False, type=click.Path(path_type=Path), metavar="[RESULT.json]")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
@click.option(
    "--store", is_flag=True, help="Keep it in the project's history as documents instead, and print their keys."
)
def command(result_path: Path | None, form: str, out: Path | None, store: bool) -> int:
    """Render a result: the latest of this project, or the one named.

    --store keeps hive/benchmarker/results, all that was measured, hive/benchmarker/optimizations, the targets with the
    least room and what profiles say of them, and hive/benchmarker/session, the record of the run. Read them back with
    hivegate history get KEY.

    Ends with 0 when it could be rendered, whatever the verdict was.
    """
    from hivegate.errors import UsageError
    from hivegate.gate.latest import load_result
    from hivegate.report.jsondoc import render_json
    from hivegate.report.markdown import render_markdown
    from hivegate.report.terminal import render_terminal
    from hivegate.system.files import write_atomic

    project = find_project(Path.cwd())
    path = result_path or project.folder / ".hivegate" / "latest" / "bench.json"
    if store:
        if out is not None:
            raise UsageError("--store and --out exclude each other", hint="call the command twice")
        return _store(project, path)
    result = load_result(path)
    if form == "markdown":
        text = render_markdown(result)
    elif form == "json":
        text = render_json(result)
    else:
        text = render_terminal(result, width=shutil.get_terminal_size((80, 24)).columns, verbose=True)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomic(out, text, error=UsageError)
    return 0


def _store(project: Project, path: Path) -> int:
    from hivegate.gate.report import store_report

    for entry in store_report(project.folder, project.settings.history, path):
        click.echo(entry.key)
    return 0
