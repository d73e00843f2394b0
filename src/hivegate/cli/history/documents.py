"""hivegate history get: what ``hivegate report --store`` stored."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: hivegate history get shop/results > results.md")
@click.argument("key")
def get(key: str) -> None:
    """Print the newest version of the document that hivegate report --store stored under KEY."""
    from hivegate.flows.history.store import read_document
    from hivegate.flows.project import find_project

    document = read_document(find_project(Path.cwd()), key)
    click.echo(document.content.encode(), nl=False)  # bytes: as it was kept, whatever the encoding of the output
