"""The schema, step by step: a store of any older version is led to the newest, in one transaction.

A step is never changed once it was released; what comes later is a new step at the end. SQL that SQLite and
PostgreSQL read alike, not the tables of `tables`, which are only of the newest version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, inspect, select

from hivegate.errors import HistoryError
from hivegate.history.tables import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DOCUMENTS = (
    "CREATE TABLE hivegate_schema (version INTEGER PRIMARY KEY)",
    "CREATE TABLE hivegate_contents (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, content TEXT NOT NULL)",
    """CREATE TABLE hivegate_documents (
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        created TEXT NOT NULL,
        commit_sha TEXT,
        content_hash TEXT NOT NULL REFERENCES hivegate_contents (hash),
        PRIMARY KEY (key, version)
    )""",
)
# Names and environments are found by their hashes: PostgreSQL indexes no text of more than 2,700 bytes.
_RUNS = (
    "CREATE TABLE hivegate_environments (hash TEXT PRIMARY KEY, key TEXT NOT NULL, content TEXT NOT NULL)",
    """CREATE TABLE hivegate_runs (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        created TEXT,
        committed TEXT,
        moment TEXT NOT NULL,
        commit_sha TEXT,
        branch TEXT,
        subject TEXT,
        dirty INTEGER NOT NULL,
        environment_hash TEXT NOT NULL REFERENCES hivegate_environments (hash),
        outcome TEXT,
        report TEXT
    )""",
    """CREATE TABLE hivegate_benchmarks (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        node_id TEXT
    )""",
    """CREATE TABLE hivegate_series (
        id INTEGER PRIMARY KEY,
        environment_key TEXT NOT NULL,
        benchmark_id INTEGER NOT NULL REFERENCES hivegate_benchmarks (id),
        metric TEXT NOT NULL,
        metric_told TEXT NOT NULL
    )""",
    "CREATE INDEX hivegate_series_of ON hivegate_series (environment_key, benchmark_id)",
    """CREATE TABLE hivegate_estimates (
        series_id INTEGER NOT NULL REFERENCES hivegate_series (id),
        run_id INTEGER NOT NULL REFERENCES hivegate_runs (id),
        value DOUBLE PRECISION NOT NULL,
        low DOUBLE PRECISION,
        high DOUBLE PRECISION,
        n INTEGER NOT NULL,
        PRIMARY KEY (series_id, run_id)
    )""",
    "CREATE INDEX hivegate_estimates_of ON hivegate_estimates (run_id)",
    """CREATE TABLE hivegate_verdicts (
        run_id INTEGER NOT NULL REFERENCES hivegate_runs (id),
        position INTEGER NOT NULL,
        benchmark TEXT NOT NULL,
        kind TEXT NOT NULL,
        outcome TEXT NOT NULL,
        tier TEXT,
        metric TEXT,
        value DOUBLE PRECISION,
        limit_text TEXT,
        reason TEXT NOT NULL,
        PRIMARY KEY (run_id, position)
    )""",
)
STEPS: tuple[tuple[str, ...], ...] = (_DOCUMENTS, _RUNS)
NEWEST = len(STEPS)


def version_of(connection: Connection, where: str) -> int:
    """Read a store's version, 0 where there is none yet; raises `HistoryError` for what is of others or newer."""
    names = inspect(connection).get_table_names()
    if schema.name not in names:
        if names and connection.dialect.name == "sqlite":  # a file is ours alone; in a server others have tables too
            raise HistoryError(
                f"is a database of something else, with the tables {', '.join(sorted(names)[:3])}",
                where=where,
                hint="set a file of its own: history under [tool.hivegate]",
            )
        return 0
    version = connection.execute(select(func.max(schema.c.version))).scalar()
    if not isinstance(version, int) or version < 1:
        raise HistoryError("is damaged: it does not say its version", where=where, hint="move it away and begin anew")
    if version > NEWEST:
        raise HistoryError(
            f"has schema {version}; this hivegate knows those up to {NEWEST}", where=where, hint="update hivegate"
        )
    return version


def migrate(connection: Connection, version: int) -> None:
    """Lead a store from its version to the newest; the caller's transaction makes that whole."""
    for number, statements in enumerate(STEPS[version:], version + 1):
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.execute(insert(schema).values(version=number))
