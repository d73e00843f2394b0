"""Names that runs share: environments, benchmarks and series are found or, by one writer after the other, made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, update

from hivegate.history.bulk import among, insert_many
from hivegate.history.locks import Lock, hold
from hivegate.history.rows import encoded, text_hash
from hivegate.history.tables import benchmarks, environments, series
from hivegate.model.record import environment_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Table

    from hivegate.model.metric import Metric
    from hivegate.model.record import Record

AT_ONCE = 500  # names or ids in one statement


class _Environment(NamedTuple):
    """An environment as its row."""

    hash: str
    key: str
    content: str


class _Benchmark(NamedTuple):
    """A benchmark that is kept."""

    id: int
    node_id: str | None


class Names:
    """The names of some records, and their ids in the store once they are learned."""

    def __init__(self, records: Sequence[Record]) -> None:
        told = {encoded(one.environment): one.environment for one in records}
        self._environments = {
            text: _Environment(text_hash(text), environment_key(one), text) for text, one in told.items()
        }
        self._texts: dict[int, str] = {}  # by the id of a metric: to hash one takes longer than all else
        self._metrics: dict[str, str] = {}  # their names, by their texts
        self._wanted: dict[str, dict[tuple[str, str], None]] = {}  # in the order of the levels
        self._nodes: dict[str, str] = {}
        for one in records:
            pairs = self._wanted.setdefault(self._at(one).key, {})
            pairs.update(dict.fromkeys(self._pairs(one)))
            self._nodes.update(one.nodes)
        self._hashes = {
            name: text_hash(name) for name in dict.fromkeys(one for pairs in self._wanted.values() for one, _ in pairs)
        }
        self._held: set[str] = set()  # hashes of environments
        self._benchmarks: dict[str, _Benchmark] = {}
        self._series: dict[str, dict[tuple[str, str], int]] = {key: {} for key in self._wanted}

    def learn(self, connection: Connection) -> None:
        """Find all names in the store, and make what is missing or was moved."""
        self._find(connection)
        if self._complete():
            return
        if hold(connection, Lock.NAMES):
            self._find(connection)
        self._make_environments(connection)
        self._make_benchmarks(connection)
        self._make_series(connection)

    def environment(self, record: Record) -> str:
        """Return the hash of a record's environment."""
        return self._at(record).hash

    def series(self, record: Record) -> Iterator[int]:
        """Return the ids of the series of a record's levels, in their order."""
        known = self._series[self._at(record).key]
        return map(known.__getitem__, self._pairs(record))

    def _pairs(self, record: Record) -> Iterator[tuple[str, str]]:
        return (
            (level.benchmark, self._texts.get(id(level.metric)) or self._text(level.metric)) for level in record.levels
        )

    def _text(self, metric: Metric) -> str:
        text = self._texts[id(metric)] = encoded(metric)
        self._metrics[text] = metric.name
        return text

    def _at(self, record: Record) -> _Environment:
        return self._environments[encoded(record.environment)]

    def _find(self, connection: Connection) -> None:
        wanted = [one.hash for one in self._environments.values()]
        self._held.update(
            connection.execute(select(environments.c.hash).where(environments.c.hash.in_(wanted))).scalars()
        )
        names = {digest: name for name, digest in self._hashes.items()}
        of, its = benchmarks.c, series.c
        columns = (of.hash, of.id, of.node_id, its.environment_key, its.metric_told, its.id)
        here = (its.benchmark_id == of.id) & its.environment_key.in_(list(self._wanted))
        asked = select(*columns).join_from(benchmarks, series, here, isouter=True)
        digests = list(names)
        for start in range(0, len(digests), AT_ONCE):
            found = connection.execute(asked.where(among(connection, of.hash, digests[start : start + AT_ONCE])))
            for digest, number, node_id, key, told, series_id in found:
                name = names[digest]
                self._benchmarks[name] = _Benchmark(number, node_id)
                if key is not None:
                    self._series[key][name, told] = series_id

    def _complete(self) -> bool:
        return (
            self._held.issuperset(one.hash for one in self._environments.values())
            and self._hashes.keys() == self._benchmarks.keys()
            and not any(self._moved())
            and all(pairs.keys() <= self._series[key].keys() for key, pairs in self._wanted.items())
        )

    def _moved(self) -> Iterator[tuple[str, _Benchmark]]:
        """Find benchmarks whose file is another now."""
        for name, known in self._benchmarks.items():
            node_id = self._nodes.get(name, known.node_id)
            if node_id != known.node_id:
                yield name, known._replace(node_id=node_id)

    def _make_environments(self, connection: Connection) -> None:
        new = {one.hash: one for one in self._environments.values() if one.hash not in self._held}
        insert_many(connection, environments, list(new.values()))

    def _make_benchmarks(self, connection: Connection) -> None:
        for name, moved in list(self._moved()):
            connection.execute(update(benchmarks).where(benchmarks.c.id == moved.id).values(node_id=moved.node_id))
            self._benchmarks[name] = moved
        first = _next_id(connection, benchmarks)
        missing = [name for name in self._hashes if name not in self._benchmarks]
        made = {name: _Benchmark(number, self._nodes.get(name)) for number, name in enumerate(missing, first)}
        rows = [(one.id, self._hashes[name], name, one.node_id) for name, one in made.items()]
        insert_many(connection, benchmarks, rows)
        self._benchmarks |= made

    def _make_series(self, connection: Connection) -> None:
        first = _next_id(connection, series)
        rows: list[tuple[int, str, int, str, str]] = []
        for key, pairs in self._wanted.items():
            known = self._series[key]
            for name, told in [pair for pair in pairs if pair not in known]:
                known[name, told] = first + len(rows)
                rows.append((known[name, told], key, self._benchmarks[name].id, self._metrics[told], told))
        insert_many(connection, series, rows)


def _next_id(connection: Connection, table: Table) -> int:
    # One process makes names at a time, so nobody else takes it.
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
