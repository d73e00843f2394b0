"""Roles of PostgreSQL with no more rights than they need: one adds, one reads, and neither changes or takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import text

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

_OWNER = text("""
    SELECT nspname, pg_get_userbyid(relowner), pg_has_role(relowner, 'USAGE')
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = to_regclass(:name)
""")


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
        schema, owner, owned = connection.execute(_OWNER, {"name": tables.schema.name}).one()
        known = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    if not owned:
        raise HistoryError(f"its tables are those of {owner}", where=store.where, hint=f"do it as {owner}")
    for one in sorted({*roles.writers, *roles.readers} - known):
        hint = f"create it first, in the way that it will log in: CREATE ROLE {_quoted(one)} LOGIN"
        raise HistoryError(f"there is no role {one}", where=store.where, hint=hint)
    store.write(lambda connection: _give(connection, roles, schema, store.where), alone=True)
    return str(schema)


def _give(connection: Connection, roles: Roles, schema: str, where: str) -> None:
    plainly = connection.execution_options(no_parameters=True)  # a name may hold a %
    for one in grants(roles, schema):
        plainly.exec_driver_sql(one)
    for one in (*roles.writers, *roles.readers):
        # To grant what is another's is no error.
        seen = text("SELECT has_schema_privilege(:role, :schema, 'USAGE')")
        if not connection.execute(seen, {"role": one, "schema": schema}).scalar():
            hint = f"let its owner do it: GRANT USAGE ON SCHEMA {_quoted(schema)} TO {_quoted(one)}"
            raise HistoryError(f"the schema {schema} is not for this role to give to {one}", where=where, hint=hint)


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
