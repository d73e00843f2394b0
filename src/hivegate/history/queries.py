"""What a store holds, read: environments, runs, series and their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from hivegate.history.rows import decoded, named, plain, typed
from hivegate.history.tables import benchmarks, environments, estimates, runs, series, verdicts
from hivegate.model.metric import Metric
from hivegate.model.record import Level, Record, StoredEnvironment, StoredRun, StoredSeries, StoredVerdict
from hivegate.model.run import Commit, Environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from hivegate.history.store import Store

_AT_ONCE = 200  # runs read in one transaction


class Number(NamedTuple):
    """What one run says of a series; ends of the interval that are open are None."""

    run: int
    value: float
    low: float | None
    high: float | None


def list_environments(store: Store, beginning: str = "") -> tuple[StoredEnvironment, ...]:
    """List the environments that measured runs, the one of the newest run first; `beginning` is that of their keys."""
    of = environments.c
    here = runs.c.environment_hash == of.hash
    count = select(func.count()).select_from(runs).where(here).scalar_subquery()
    newest = select(func.max(runs.c.moment)).where(here).scalar_subquery()
    wanted = select(of.key, of.content, count, newest).where(of.key.startswith(beginning, autoescape=True))
    with store.reading() as connection:
        rows = typed(plain(connection.execute(wanted)), list[tuple[str, str, int, str | None]], store.where)
    told: dict[str, list[tuple[str, str, int]]] = {}
    for key, content, runs_of, moment in rows:
        if moment is not None and key.startswith(beginning):  # SQLite takes a for A
            told.setdefault(key, []).append((content, moment, runs_of))
    found = [
        StoredEnvironment(
            key=key,
            environment=decoded(max(several)[0], Environment, store.where),
            runs=sum(count for _, _, count in several),
            newest=max(moment for _, moment, _ in several),
        )
        for key, several in told.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.newest, one.key), reverse=True))


def list_runs(store: Store, environment: str | None = None) -> tuple[StoredRun, ...]:
    """List the runs of an environment, or all, in the order of their revisions; time grows with them."""
    of = runs.c
    wanted = select(
        *(of.id, of.source, of.created, of.committed, of.moment, of.commit_sha.label("commit"), of.branch),
        *(of.subject, (of.dirty != 0).label("dirty"), environments.c.key.label("environment"), of.outcome, of.report),
    ).join_from(runs, environments)
    if environment is not None:
        wanted = wanted.where(environments.c.key == environment)
    with store.reading() as connection:
        rows = named(connection.execute(wanted))
    for row in rows:
        row["dirty"] = bool(row["dirty"])  # SQLite has no kind of its own for it
    found = typed(rows, list[StoredRun], store.where)
    return tuple(sorted(found, key=lambda one: (one.moment, one.created or "", one.id)))


def list_series(store: Store, environment: str | None = None) -> tuple[StoredSeries, ...]:
    """List the series of an environment, or all, by benchmark and metric."""
    of = series.c
    wanted = select(of.id, benchmarks.c.name, benchmarks.c.node_id, of.environment_key, of.metric_told)
    wanted = wanted.join_from(series, benchmarks)
    if environment is not None:
        wanted = wanted.where(of.environment_key == environment)
    with store.reading() as connection:
        rows = typed(plain(connection.execute(wanted)), list[tuple[int, str, str | None, str, str]], store.where)
    metrics = {told: decoded(told, Metric, store.where) for told in {row[4] for row in rows}}
    found = [
        StoredSeries(id=number, benchmark=name, node_id=node_id, environment=key, metric=metrics[told])
        for number, name, node_id, key, told in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.benchmark, one.metric.name, one.environment, one.id)))


def load_numbers(store: Store, chosen: Iterable[int]) -> Iterator[tuple[int, list[Number]]]:
    """Read the numbers of series, one series at a time, in no order of runs."""
    of = estimates.c
    with store.reading() as connection:
        for number in chosen:
            wanted = select(of.run_id, of.value, of.low, of.high).where(of.series_id == number)
            yield number, typed(plain(connection.execute(wanted)), list[Number], store.where)


def load_some(store: Store, chosen: Sequence[int], within: Sequence[int]) -> dict[int, list[Number]]:
    """Read what a few series say of some hundreds of runs, at once."""
    of = estimates.c
    columns = (of.series_id, of.run_id, of.value, of.low, of.high)
    wanted = select(*columns).where(of.series_id.in_(chosen), of.run_id.in_(within))
    kind = list[tuple[int, int, float, float | None, float | None]]
    with store.reading() as connection:
        rows = typed(plain(connection.execute(wanted)), kind, store.where)
    found: dict[int, list[Number]] = {}
    for number, run, value, low, high in rows:
        found.setdefault(number, []).append(Number(run, value, low, high))
    return found


def load_records(store: Store, chosen: Sequence[StoredRun]) -> Iterator[Record]:
    """Read runs back as they were added, in their order."""
    for start in range(0, len(chosen), _AT_ONCE):
        with store.reading() as connection:
            for run in chosen[start : start + _AT_ONCE]:
                yield _record(connection, run, store.where)


def load_verdicts(store: Store, run: int) -> tuple[StoredVerdict, ...]:
    """Read the verdicts on a run, in their order."""
    with store.reading() as connection:
        return _judged(connection, run, store.where)


def _record(connection: Connection, run: StoredRun, where: str) -> Record:
    content = select(environments.c.content).join_from(runs, environments).where(runs.c.id == run.id)
    of = estimates.c
    told = (benchmarks.c.name, benchmarks.c.node_id, series.c.metric_told, of.value, of.low, of.high, of.n)
    wanted = select(*told).select_from(estimates).join(series).join(benchmarks).where(of.run_id == run.id)
    kind = list[tuple[str, str | None, str, float, float | None, float | None, int]]
    rows = typed(plain(connection.execute(wanted.order_by(of.series_id))), kind, where)
    metrics = {metric: decoded(metric, Metric, where) for metric in {row[2] for row in rows}}
    return Record(
        source=run.source,
        created=run.created,
        committed=run.committed,
        subject=run.subject,
        commit=None if run.commit is None else Commit(sha=run.commit, branch=run.branch, dirty=run.dirty),
        environment=decoded(str(connection.execute(content).scalar_one()), Environment, where),
        levels=tuple(
            Level(benchmark=name, metric=metrics[metric], value=value, low=low, high=high, n=n)
            for name, _, metric, value, low, high, n in rows
        ),
        nodes={row[0]: row[1] for row in rows if row[1] is not None},
        outcome=run.outcome,
        judged=_judged(connection, run.id, where),
        report=run.report,
    )


def _judged(connection: Connection, run: int, where: str) -> tuple[StoredVerdict, ...]:
    of = verdicts.c
    columns: tuple[Any, ...] = (of.benchmark, of.kind, of.outcome, of.tier, of.metric, of.value, of.reason)
    key: tuple[Any, ...] = (of.per_operation, of.relative_to, of.place.label("where"), of.code)
    wanted = select(*columns, of.limit_text.label("limit"), *key).where(of.run_id == run).order_by(of.position)
    rows = named(connection.execute(wanted))
    for row in rows:
        row["per_operation"] = bool(row["per_operation"])
    return typed(rows, tuple[StoredVerdict, ...], where)
