"""Runs in a store: added whole, equal ones once, and taken out whole."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from hivegate.errors import HistoryError
from hivegate.history.bulk import insert_many
from hivegate.history.rows import encoded, text_hash
from hivegate.history.tables import benchmarks, environments, estimates, runs, series, verdicts
from hivegate.model.record import content_hash, environment_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Table

    from hivegate.history.store import Store
    from hivegate.model.record import Record

_MOST_PASSES = 2**31 - 1  # what an INTEGER of every database holds
_ZERO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON spells it
_AT_ONCE = 500  # ids in one statement


def add(store: Store, records: Sequence[Record], *, now: str) -> int:
    """Keep runs, all or none; returns how many were new.

    A run that is kept already is not kept again; verdicts that come later than their run are put beside it. `now`
    (ISO 8601 in UTC) orders a run that knows no time of its own. Raises `HistoryError` for what cannot be kept.
    """
    for record in records:
        for fault in _faults(record):
            raise HistoryError(fault, where=record.source, hint="finite numbers under names of plain text can be kept")
    with store.writing() as connection:
        adding = _Adding(connection)
        return sum(adding.add(record, now) for record in records)


def remove(store: Store, ids: Sequence[int]) -> None:
    """Take runs out, and what only they needed; all or none."""
    with store.writing() as connection:
        for start in range(0, len(ids), _AT_ONCE):
            chosen = ids[start : start + _AT_ONCE]
            connection.execute(delete(estimates).where(estimates.c.run_id.in_(chosen)))
            connection.execute(delete(verdicts).where(verdicts.c.run_id.in_(chosen)))
            connection.execute(delete(runs).where(runs.c.id.in_(chosen)))
        for parent, key, child in (
            (series, series.c.id, estimates.c.series_id),
            (benchmarks, benchmarks.c.id, series.c.benchmark_id),
            (environments, environments.c.hash, runs.c.environment_hash),
        ):
            connection.execute(delete(parent).where(~select(child).where(child == key).exists()))


class _Adding:
    """One transaction's additions, with the ids that it met."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next_run = _next_id(connection, runs)
        self._next_series = _next_id(connection, series)
        self._next_benchmark = _next_id(connection, benchmarks)
        self._benchmarks: dict[str, int] = {}
        self._series: dict[str, dict[tuple[int, str], int]] = {}

    def add(self, record: Record, now: str) -> bool:
        digest = content_hash(record)
        row = self._connection.execute(select(runs.c.id, runs.c.outcome).where(runs.c.hash == digest)).first()
        if row is not None:
            if row.outcome is None and record.outcome is not None:
                self._judge(row.id, record)
            return False
        run, self._next_run = self._next_run, self._next_run + 1
        row_of_run = {**_run_row(record, run, now), "hash": digest, "environment_hash": self._environment(record)}
        self._connection.execute(insert(runs).values(row_of_run))
        ids = self._series_of(record)
        rows = [
            (ids[index], run, level.value, level.low, level.high, level.n) for index, level in enumerate(record.levels)
        ]
        insert_many(self._connection, estimates, rows)
        self._insert_verdicts(run, record)
        return True

    def _environment(self, record: Record) -> str:
        content = encoded(record.environment)
        digest = text_hash(content)
        if self._connection.execute(select(environments.c.hash).where(environments.c.hash == digest)).first() is None:
            values = {"hash": digest, "key": environment_key(record.environment), "content": content}
            self._connection.execute(insert(environments).values(values))
        return digest

    def _series_of(self, record: Record) -> list[int]:
        """Find or make the series of every level."""
        self._name(record)
        key = environment_key(record.environment)
        if key not in self._series:
            columns = (series.c.benchmark_id, series.c.metric_told, series.c.id)
            rows = self._connection.execute(select(*columns).where(series.c.environment_key == key))
            self._series[key] = {(benchmark, told): number for benchmark, told, number in rows}
        known, told, new, found = self._series[key], {}, [], []
        for level in record.levels:
            if level.metric not in told:
                told[level.metric] = encoded(level.metric)
            at = (self._benchmarks[level.benchmark], told[level.metric])
            if at not in known:
                known[at], self._next_series = self._next_series, self._next_series + 1
                new.append((known[at], key, at[0], level.metric.name, at[1]))
            found.append(known[at])
        insert_many(self._connection, series, new)
        return found

    def _name(self, record: Record) -> None:
        """Find or make the benchmarks of a record, and follow those whose file was moved."""
        unknown = {
            text_hash(one): one for one in {level.benchmark for level in record.levels} - self._benchmarks.keys()
        }
        digests = list(unknown)
        of = benchmarks.c
        for start in range(0, len(digests), _AT_ONCE):
            wanted = select(of.hash, of.id, of.node_id).where(of.hash.in_(digests[start : start + _AT_ONCE]))
            for digest, number, node_id in self._connection.execute(wanted).all():
                name = unknown.pop(digest)
                self._benchmarks[name] = number
                if record.nodes.get(name, node_id) != node_id:
                    moved = update(benchmarks).where(of.id == number).values(node_id=record.nodes[name])
                    self._connection.execute(moved)
        new = [
            (self._next_benchmark + at, digest, name, record.nodes.get(name))
            for at, (digest, name) in enumerate(unknown.items())
        ]
        self._next_benchmark += len(new)
        self._benchmarks |= {name: number for number, _, name, _ in new}
        insert_many(self._connection, benchmarks, new)

    def _judge(self, run: int, record: Record) -> None:
        told = {"outcome": record.outcome.value if record.outcome else None, "report": record.report}
        self._connection.execute(update(runs).where(runs.c.id == run).values(told))
        self._insert_verdicts(run, record)

    def _insert_verdicts(self, run: int, record: Record) -> None:
        rows = [
            (
                run,
                at,
                one.benchmark,
                one.kind,
                one.outcome.value,
                one.tier,
                one.metric,
                one.value,
                one.limit,
                one.reason,
            )
            for at, one in enumerate(record.judged)
        ]
        insert_many(self._connection, verdicts, rows)


def _run_row(record: Record, run: int, now: str) -> dict[str, Any]:
    commit = record.commit
    return {
        "id": run,
        "source": record.source,
        "created": record.created,
        "committed": record.committed,
        "moment": record.committed or record.created or now,
        "commit_sha": commit.sha if commit else None,
        "branch": commit.branch if commit else None,
        "subject": record.subject,
        "dirty": int(commit.dirty) if commit else 0,
        "outcome": record.outcome.value if record.outcome else None,
        "report": record.report,
    }


def _next_id(connection: Connection, table: Table) -> int:
    # One process writes at a time, so nobody else takes it.
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _faults(record: Record) -> Iterable[str]:
    try:
        data = msgspec.json.encode(record)
        if b"\\u0000" in data and _ZERO.search(data):
            yield "a name in it has a zero byte"
    except UnicodeEncodeError:
        yield "a name in it has half of a character"
    seen: set[tuple[str, str]] = set()
    for level in record.levels:
        name = f"{level.metric.name} of {level.benchmark}"
        numbers = [one for one in (level.value, level.low, level.high) if one is not None]
        if not all(map(math.isfinite, numbers)) or not 0 < level.n <= _MOST_PASSES:
            yield f"{name} is no finite number of at least one pass"
        if (level.benchmark, level.metric.name) in seen:
            yield f"{name} is there twice"
        seen.add((level.benchmark, level.metric.name))
