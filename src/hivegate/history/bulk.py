"""Rows as fast as each database takes and finds them: many at once, or once at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import any_, insert, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Table

T = TypeVar("T")

_FEW = 50  # rows up to which a COPY of their own costs more than it saves


def among(connection: Connection, column: Column[T], values: Sequence[T]) -> ColumnElement[bool]:
    """Ask for rows whose column has one of some hundreds of values; for PostgreSQL they are a single parameter."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(literal(list(values), postgresql.ARRAY(column.type)))


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of all the table's columns, in their order; takes 3 microseconds a row on SQLite."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    if connection.dialect.name == "sqlite":
        # The values as they are: half the time of dictionaries.
        connection.exec_driver_sql(str(insert(table).compile(dialect=connection.dialect)), list(rows))
    elif len(rows) <= _FEW:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    else:
        _copy(connection, f"COPY {table.name} ({', '.join(names)}) FROM STDIN", rows)


def insert_once(connection: Connection, unique: Column[str], values: Mapping[str, Any]) -> int | None:
    """Insert a row that the database numbers; returns its id, None where another process wrote an equal one first."""
    table = unique.table
    if connection.dialect.name == "sqlite":  # which has one writer, who looked before
        return connection.execute(insert(table).values(values)).lastrowid
    inserting = postgresql.insert(table).values(values).on_conflict_do_nothing(index_elements=[unique])
    return connection.execute(inserting.returning(table.c.id)).scalar()


def _copy(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Send rows without a round trip each: ten times as fast as INSERT."""
    try:
        with connection.connection.cursor().copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
    except connection.dialect.loaded_dbapi.Error as fault:  # SQLAlchemy does not know of COPY
        raise DBAPIError(statement, None, fault) from fault
