"""hivegate report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hivegate.cli import options
from hivegate.cli.output import print_results
from hivegate.cli.settings import Project, find_project
from hivegate.flows.report.render import FORMATS

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle


@click.command(epilog="Example: hivegate report --format markdown bench.json compare.json >> $GITHUB_STEP_SUMMARY")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[RESULT.json]...")
@click.option(
    "--format", "form", type=click.Choice(["text", *FORMATS]), default="text", show_default=True, metavar="FORMAT"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
@click.option("--artifacts", metavar="URL", help="Link this page, where results and profiles are kept; https only.")
@click.option(
    "--profiles",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Profiles that tell causes (default: profiles.json of the project, where it is younger than the results).",
)
@click.option(
    "--store", is_flag=True, help="Keep it in the project's history as documents instead, and print their keys."
)
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    form: str,
    out: Path | None,
    artifacts: str | None,
    profiles: Path | None,
    store: bool,
    quiet: bool,
) -> int:
    """Render results: the latest of this project, or those that are named, as one report with the worst verdict.

    FORMAT is text; html, a page for a browser, with charts, that needs nothing else; markdown for a step summary,
    comment for a pull request; json; junit, XML for services that list
    tests; annotations, commands that GitHub Actions shows beside the code; badge, JSON for shields.io; bencher, Bencher
    Metric Format; github-action-benchmark, for its tool customSmallerIsBetter, and github-action-benchmark-bigger, for
    customBiggerIsBetter.

    --store keeps hive/benchmarker/results, all that was measured, hive/benchmarker/optimizations, the targets with the
    least room and what profiles say of them, and hive/benchmarker/session, the record of the run. Read them back with
    hivegate history get KEY.

    Ends with 0 when it could be rendered, whatever the verdict was.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.report.render import ReportOptions, load_bundle, render
    from hivegate.system.files import write_atomic

    project = find_project(Path.cwd())
    if store:
        if out is not None or len(paths) > 1:
            raise UsageError("--store takes one result and no --out", hint="call the command again for the other")
        return _store(project, *paths)
    flow_options = ReportOptions(
        results=paths, profiles=profiles, out=out, artifacts=artifacts, prefix=_prefix(project)
    )
    bundle = load_bundle(project.folder, flow_options)
    if quiet and form != "text":
        raise UsageError(f"--quiet is of text, which is one line then; {form} is a whole document")
    if form == "text" and out is None:
        print_results(bundle.results, verbose=True, quiet=quiet)
        return 0
    text = _plain(bundle, quiet=quiet) if form == "text" else render(bundle, form)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomic(out, text, error=UsageError)
    return 0


def _plain(bundle: Bundle, *, quiet: bool) -> str:
    """Spell results for a file."""
    from hivegate.report.terminal import render_terminal, render_verdict

    if quiet:
        return "".join(map(render_verdict, bundle.results))
    return "\n".join(render_terminal(one, verbose=True) for one in bundle.results)


def _prefix(project: Project) -> str:
    """Name the project's folder in the repository that GitHub Actions checked out; "" elsewhere."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace or not project.folder.is_relative_to(Path(workspace).resolve()):
        return ""
    folder = project.folder.relative_to(Path(workspace).resolve()).as_posix()
    return "" if folder == "." else f"{folder}/"


def _store(project: Project, path: Path | None = None) -> int:
    from hivegate.flows.report.store import store_report

    result_path = path or project.folder / ".hivegate" / "latest" / "bench.json"
    for entry in store_report(project.folder, project.settings.history, result_path):
        click.echo(entry.key)
    return 0
