"""Runs in a store: added whole, equal ones once, and taken out whole."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, select, update

from hivegate.errors import HistoryError
from hivegate.history.bulk import among, insert_many, insert_once
from hivegate.history.names import AT_ONCE, Names
from hivegate.history.tables import benchmarks, environments, estimates, runs, series, verdicts
from hivegate.model.record import content_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hivegate.history.store import Store
    from hivegate.model.record import Record

_MOST_PASSES = 2**31 - 1  # what an INTEGER of every database holds
_ZERO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON spells it


def add(store: Store, records: Sequence[Record], *, now: str) -> int:
    """Keep runs, all or none; returns how many were new.

    A run that is kept already is not kept again; verdicts that come later than their run are put beside it. `now`
    (ISO 8601 in UTC) orders a run that knows no time of its own. Raises `HistoryError` for what cannot be kept.
    """
    for record in records:
        for fault in _faults(record):
            raise HistoryError(
                fault, where=record.source, hint="only finite numbers under plain-text names can be stored"
            )
    told = [(content_hash(record), record) for record in records]
    return store.write(lambda connection: _add(connection, told, now))


def remove(store: Store, ids: Sequence[int]) -> None:
    """Take runs out, all or none, and then what only they needed."""

    def take_out(connection: Connection) -> None:
        for start in range(0, len(ids), AT_ONCE):
            chosen = ids[start : start + AT_ONCE]
            connection.execute(delete(estimates).where(estimates.c.run_id.in_(chosen)))
            connection.execute(delete(verdicts).where(verdicts.c.run_id.in_(chosen)))
            connection.execute(delete(runs).where(runs.c.id.in_(chosen)))

    store.write(take_out)
    store.write(_sweep, alone=True)  # nobody may need a name that is being taken out


def _sweep(connection: Connection) -> None:
    for parent, key, child in (
        (series, series.c.id, estimates.c.series_id),
        (benchmarks, benchmarks.c.id, series.c.benchmark_id),
        (environments, environments.c.hash, runs.c.environment_hash),
    ):
        connection.execute(delete(parent).where(~select(child).where(child == key).exists()))


def _add(connection: Connection, told: Sequence[tuple[str, Record]], now: str) -> int:
    known = _ids(connection, [digest for digest, _ in told])
    fresh = {digest: record for digest, record in reversed(told) if digest not in known}
    if fresh:
        ids = _insert(connection, dict(reversed(fresh.items())), now)
        known |= ids | _ids(connection, [digest for digest in fresh if digest not in ids])
        fresh = {digest: fresh[digest] for digest in ids}
    for digest, record in told:
        if record.outcome is not None and fresh.get(digest) is not record and digest in known:
            _judge(connection, known[digest], record)
    return len(fresh)


def _ids(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """Find the runs that are kept."""
    found: dict[str, int] = {}
    for start in range(0, len(digests), AT_ONCE):
        wanted = among(connection, runs.c.hash, digests[start : start + AT_ONCE])
        rows = connection.execute(select(runs.c.hash, runs.c.id).where(wanted))
        found |= {one.hash: one.id for one in rows}
    return found


def _insert(connection: Connection, fresh: Mapping[str, Record], now: str) -> dict[str, int]:
    """Keep runs with all that they hold; returns their ids, without those that others kept meanwhile."""
    names = Names(list(fresh.values()))
    names.learn(connection)
    ids: dict[str, int] = {}
    rows: list[tuple[Any, ...]] = []
    for digest, record in fresh.items():
        row = {**_run_row(record, now), "hash": digest, "environment_hash": names.environment(record)}
        run = insert_once(connection, runs.c.hash, row)
        if run is not None:
            ids[digest] = run
            rows += [
                (series_id, run, level.value, level.low, level.high, level.n)
                for series_id, level in zip(names.series(record), record.levels, strict=True)
            ]
    insert_many(connection, estimates, rows)
    insert_many(connection, verdicts, [row for digest, run in ids.items() for row in _verdict_rows(run, fresh[digest])])
    return ids


def _judge(connection: Connection, run: int, record: Record) -> None:
    """Put verdicts beside a run that has none."""
    told = {"outcome": record.outcome.value if record.outcome else None, "report": record.report}
    unjudged = (runs.c.id == run) & runs.c.outcome.is_(None)
    if connection.execute(update(runs).where(unjudged).values(told)).rowcount:
        insert_many(connection, verdicts, list(_verdict_rows(run, record)))


def _verdict_rows(run: int, record: Record) -> Iterator[tuple[Any, ...]]:
    for at, one in enumerate(record.judged):
        told = (one.benchmark, one.kind.value, one.outcome.value, one.tier, one.metric, one.value, one.limit)
        yield (run, at, *told, one.reason, int(one.per_operation), one.relative_to, one.where, one.code)


def _run_row(record: Record, now: str) -> dict[str, Any]:
    commit = record.commit
    return {
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


def _faults(record: Record) -> Iterable[str]:
    try:
        data = msgspec.json.encode(record)
        if b"\\u0000" in data and _ZERO.search(data):
            yield "a name contains a zero byte"
    except UnicodeEncodeError:
        yield "a name contains half a character (a lone surrogate)"
    seen: set[tuple[str, str]] = set()
    for level in record.levels:
        name = f"{level.metric.name} of {level.benchmark}"
        numbers = [one for one in (level.value, level.low, level.high) if one is not None]
        if not all(map(math.isfinite, numbers)) or not 0 < level.n <= _MOST_PASSES:
            yield f"{name} is not a finite number with at least one pass"
        if (level.benchmark, level.metric.name) in seen:
            yield f"{name} appears twice"
        seen.add((level.benchmark, level.metric.name))
