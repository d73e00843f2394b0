"""Roles of PostgreSQL with no more rights than they need: one adds, one reads, and neither changes or takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select, text

from hivegate.errors import HistoryError, UsageError
from hivegate.history import tables
from hivegate.history.migrations import NEWEST, STEPS, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from hivegate.history.store import Store

_LONGEST = 63  # bytes of a name in PostgreSQL
_SCHEMA = "public"
# What comes later than its row: verdicts on a run, and the file of a benchmark.
_CHANGED = {
    tables.runs: (tables.runs.c.outcome, tables.runs.c.report),
    tables.benchmarks: (tables.benchmarks.c.node_id,),
}
_ADDED = [one for one in tables.METADATA.sorted_tables if one is not tables.schema]


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """Roles that exist: those that add runs and documents, and those that only read."""

    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


def script(roles: Roles, schema: str | None = None, *, with_tables: bool = False) -> str:
    """Spell the rights of roles as SQL for the owner of the tables; `with_tables` makes those before.

    Raises `UsageError` for what is no name of a role or schema.
    """
    lines = ["BEGIN;", f"SET LOCAL search_path TO {_quoted(schema or _SCHEMA)};"]
    if with_tables:
        for number, step in enumerate(STEPS, 1):
            lines += [f"{one};" for one in statements(step, "postgresql")]
            lines.append(f"INSERT INTO {tables.schema.name} (version) VALUES ({number});")  # noqa: S608  our own names
    lines += [f"{one};" for one in grants(roles, schema or _SCHEMA)]
    return "\n".join([f"-- Roles of a hivegate history, schema {NEWEST}.", *lines, "COMMIT;", ""])


def grant(store: Store, roles: Roles) -> str:
    """Give roles their rights, and take all others on the tables away; returns the schema of the tables.

    Raises `HistoryError` where the store's own role is not the owner, or a role does not exist.
    """
    with store.reading() as connection:
        if connection.dialect.name != "postgresql":
            raise HistoryError("has no roles: it is a file", where=store.where, hint="its rights are those of the file")
        missing = {*roles.writers, *roles.readers} - set(
            connection.execute(select(text("rolname FROM pg_roles"))).scalars()
        )
        wanted = text("SELECT relnamespace::regnamespace FROM pg_class WHERE oid = to_regclass(:name)")
        schema = str(connection.execute(wanted, {"name": tables.schema.name}).scalar_one())
    if missing:
        one = min(missing)
        hint = f"create it first, in the way that you log in: CREATE ROLE {_quoted(one)} LOGIN"
        raise HistoryError(f"there is no role {one}", where=store.where, hint=hint)
    given = list(grants(roles, schema))

    def give(connection: Connection) -> None:
        plainly = connection.execution_options(no_parameters=True)  # a name may hold a %
        for one in given:
            plainly.exec_driver_sql(one)

    store.write(give, alone=True)
    return schema


def grants(roles: Roles, schema: str) -> Iterator[str]:
    """Spell the statements, which may be done again."""
    every = ", ".join(one.name for one in tables.METADATA.sorted_tables)
    for name in (*roles.writers, *roles.readers):
        role = _quoted(name)
        yield f"REVOKE ALL ON {every} FROM {role}"
        yield f"GRANT USAGE ON SCHEMA {_quoted(schema)} TO {role}"
        yield f"GRANT SELECT ON {every} TO {role}"
    for name in roles.writers:
        yield f"GRANT INSERT ON {', '.join(one.name for one in _ADDED)} TO {_quoted(name)}"
        for table, columns in _CHANGED.items():
            yield f"GRANT UPDATE ({', '.join(one.name for one in columns)}) ON {table.name} TO {_quoted(name)}"


def _quoted(name: str) -> str:
    if not name or "\0" in name or len(name.encode(errors="replace")) > _LONGEST:
        raise UsageError(f"{name!r} is no name in PostgreSQL", hint=f"1 to {_LONGEST} bytes are allowed")
    return '"' + name.replace('"', '""') + '"'
