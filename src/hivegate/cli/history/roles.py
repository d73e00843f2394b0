"""hivegate history roles: rights in a shared history."""

from __future__ import annotations

from pathlib import Path

import click

from hivegate.cli.settings import find_project


@click.command(epilog="Example: hivegate history roles --writer ci --reader dashboard | psql history")
@click.option(
    "--writer", "writers", multiple=True, metavar="NAME", help="Role that may add, and read. May be given again."
)
@click.option("--reader", "readers", multiple=True, metavar="NAME", help="Role that may only read. May be given again.")
@click.option("--schema", metavar="NAME", help="Where the tables are, for the SQL that is printed (default: public).")
@click.option("--tables", is_flag=True, help="Print the SQL that makes the tables as well.")
@click.option(
    "--apply", is_flag=True, help="Do it instead, as the role of the history's URL; tables are made or updated."
)
def roles(writers: tuple[str, ...], readers: tuple[str, ...], schema: str | None, tables: bool, apply: bool) -> None:
    """Print the SQL that gives roles of PostgreSQL their rights in the history, for the owner of its tables.

    A writer adds runs and documents and changes nothing else; a reader writes nothing; neither makes, changes or
    empties tables. The roles exist already. It may be done again: rights on the tables that are not named are taken
    away.
    """
    from hivegate.errors import UsageError
    from hivegate.flows.history.roles import grant_roles, spell_roles

    if not apply:
        click.echo(spell_roles(writers, readers, schema, with_tables=tables), nl=False)
        return
    if tables or schema:
        hint = "options=-csearch_path%3DNAME in the URL says where the tables are" if schema else "leave --tables out"
        raise UsageError("--apply finds or makes the tables itself", hint=hint)
    project = find_project(Path.cwd())
    where = grant_roles(project.folder, project.settings.history, writers, readers)
    click.echo(f"{len(writers)} may add and {len(readers)} only read in the schema {where}")
