"""hivegate history put, get and keys: documents."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli.settings import find_project

_LAST_VERSION = 2**31 - 1  # what an INTEGER of every database holds


@click.command(epilog="Example: hivegate history put team/notes notes.md")
@click.argument("key")
@click.argument("file", type=click.Path(path_type=Path))
def put(key: str, file: Path) -> None:
    """Keep a text file as the next version of KEY.

    A file that the newest version equals, made of the same commit, is not kept again.
    """
    from hivegate.flows.history.documents import put_document

    project = find_project(Path.cwd())
    entry = put_document(project.folder, project.settings.history, key, file)
    click.echo(f"{entry.key} version {entry.version}")


@click.command(epilog="Example: hivegate history get hive/benchmarker/results > results.md")
@click.argument("key")
@click.option("--version", type=click.IntRange(1, _LAST_VERSION), metavar="N", help="An older one than the newest.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
def get(key: str, version: int | None, out: Path | None) -> None:
    """Print what is kept under KEY, as it was put."""
    from hivegate.errors import UsageError
    from hivegate.flows.history.documents import get_document
    from hivegate.system.files import write_atomic

    project = find_project(Path.cwd())
    data = get_document(project.folder, project.settings.history, key, version).content.encode()
    if out is None:
        click.echo(data, nl=False)  # bytes: as it was put, whatever the encoding of the output
    else:
        write_atomic(out, data, error=UsageError)


@click.command(epilog="Example: hivegate history keys hive/benchmarker/results")
@click.argument("key", required=False)
def keys(key: str | None) -> None:
    """List the newest version of every key, or every version of KEY."""
    from hivegate.flows.history.documents import list_documents
    from hivegate.report.documents import render_entries

    project = find_project(Path.cwd())
    click.echo(render_entries(list_documents(project.folder, project.settings.history, key)), nl=False)
