"""hivegate report."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from hivegate.cli import options
from hivegate.cli.output import columns, wants_color, wants_groups
from hivegate.flows.report.render import FORMATS


@click.command(epilog="Example: hivegate report --format markdown bench.json compare.json >> $GITHUB_STEP_SUMMARY")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[RESULT.json]...")
@click.option(
    "--format", "form", type=click.Choice(["text", *FORMATS]), default="text", show_default=True, metavar="FORMAT"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
@click.option("--artifacts", metavar="URL", help="Link to this page with results and profiles; https only.")
@click.option(
    "--profiles",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Profiles with causes (default: profiles.json of the project, if it is newer than the results).",
)
@click.option(
    "--store", is_flag=True, help="Store it in the project's history as documents instead, and print their keys."
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
    """Render results, by default the latest of this project, as one report with the worst verdict.

    FORMAT is text; html, a standalone page with charts; markdown for a step summary, comment for a pull request; json;
    junit, XML for services that list tests; annotations, commands that GitHub Actions shows at the code.

    --store stores three documents under the project's name, or key-prefix of [tool.hivegate]: NAME/results, everything
    measured, NAME/optimizations, the targets closest to their limit and the findings of profiles, and NAME/session, the
    record of the run. Read them with hivegate history get KEY.

    Exits with 0 if it could be rendered, whatever the verdict was.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.project import find_project
    from hivegate.flows.report.render import ReportOptions, render_report

    project = find_project(Path.cwd())
    if store:
        from hivegate.flows.report.store import store_report

        if out is not None or len(paths) > 1:
            raise UsageError("--store takes one result and no --out", hint="run the command again for the other")
        for entry in store_report(project, *paths):
            click.echo(entry.key)
        return 0
    printed = ReportOptions(results=paths, form=form, profiles=profiles, artifacts=artifacts, out=out, quiet=quiet)
    if out is None:
        printed = msgspec.structs.replace(printed, width=columns(), color=wants_color(), grouped=wants_groups())
    text = render_report(project, printed)
    if out is None:
        click.echo(text, nl=False, color=True if form == "text" else None)
    return 0
