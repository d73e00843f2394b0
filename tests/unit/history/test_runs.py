"""Runs are kept whole, equal ones once, and come back as they were."""

from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.records import MACHINE, NOW, moment, record

from hivegate.errors import HistoryError
from hivegate.history.queries import (
    list_environments,
    list_runs,
    list_series,
    load_numbers,
    load_records,
    load_verdicts,
)
from hivegate.history.runs import add, remove
from hivegate.history.store import Store, open_store
from hivegate.instruments import METRICS
from hivegate.model.metric import Dimension, Metric
from hivegate.model.record import Level, Record, StoredVerdict, environment_key
from hivegate.model.run import Commit, Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERDICT = StoredVerdict(
    benchmark="s/a", kind=RuleKind.TARGET, outcome=Outcome.FAILED, limit="max 1 ms", value=2e-3, reason="above"
)


def kept(store: Store) -> list[Record]:
    """Read every run back."""
    return list(load_records(store, list_runs(store)))


def numbers(store: Store) -> dict[str, list[float]]:
    """Read the values of every series in the order of the runs."""
    order = {run.id: place for place, run in enumerate(list_runs(store))}
    names = {one.id: f"{one.benchmark} {one.metric.name}" for one in list_series(store)}
    return {
        names[number]: [one.value for one in sorted(rows, key=lambda row: order[row.run])]
        for number, rows in load_numbers(store, names)
    }


def test_a_run_is_read_back_as_it_was_added(opened: Callable[[], Store]) -> None:
    """Levels of every kind, verdicts, commit, environment and addresses come back from a store that is opened anew."""
    custom = Metric(name="hit rate", dimension=Dimension.NUMBER, readings="custom", higher_is_better=True)
    whole = Record(
        source="pytest-benchmark 5.2.3",
        created="2026-06-01T10:00:00+00:00",
        committed="2026-05-30T10:00:00+00:00",
        commit=Commit(sha="0123abc", branch="feature/\u00b5", dirty=True),
        subject="Say \u201chello\u201d; DROP TABLE hivegate_runs; --",
        environment=Environment(cpu="Z80", cores=1, packages={"numpy": "2.1"}),
        levels=(
            Level(benchmark="s/a[\U0001f41d]", metric=METRICS["p50"], value=1.5e-9, low=None, high=2e-9, n=1),
            Level(benchmark="s/a[\U0001f41d]", metric=custom, value=-0.5, n=7),
            Level(benchmark="s/b", metric=METRICS["peak_memory"], value=2.0**40, low=1.0, high=2.0**41, n=2),
        ),
        nodes={"s/b": "benches/bench_s.py::test_b"},
        outcome=Outcome.FAILED,
        judged=(
            VERDICT,
            msgspec.structs.replace(VERDICT, outcome=Outcome.INCONCLUSIVE, value=None, tier="must"),
            msgspec.structs.replace(
                VERDICT,
                metric="p50",
                per_operation=True,
                relative_to="s/b",
                where="targets.yaml:3:5",
                code="above-limit",
            ),
        ),
        report="https://example.org/runs/1",
    )
    assert add(opened(), [whole], now=NOW) == 1
    assert kept(opened()) == [whole]


@settings(max_examples=25, deadline=None)
@given(
    values=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300),
        st.floats(allow_nan=False, allow_infinity=False),
        min_size=1,
        max_size=5,
    ),
    dirty=st.booleans(),
)
def test_any_run_is_read_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, float], dirty: bool) -> None:  # noqa: FBT001  drawn
    """Whatever text names a benchmark and whatever finite number it has, both come back to the last bit."""
    store = open_store("history.db", folder=tmp_path_factory.mktemp("any"), create=True)
    levels = tuple(Level(benchmark=name, metric=METRICS["mean"], value=value) for name, value in values.items())
    made = record(levels=levels, nodes={}, commit=Commit(sha="a", dirty=dirty))
    add(store, [made], now=NOW)
    assert kept(store) == [made]


def test_an_equal_run_is_kept_once(opened: Callable[[], Store]) -> None:
    """Added again, in one call or another, it is the same run; another time, commit, machine or value is another."""
    assert add(opened(), [record(), record()], now=NOW) == 1
    assert add(opened(), [record()], now="2027-01-01T00:00:00+00:00") == 0
    others: list[dict[str, Any]] = [
        {"created": moment(5)},
        {"commit": Commit(sha="b")},
        {"environment": Environment(cpu="other")},
        {"levels": record(values={"s/a": 0.002}).levels},
    ]
    assert add(opened(), [record(**one) for one in others], now=NOW) == len(others)
    assert len(kept(opened())) == 1 + len(others)


def test_verdicts_that_come_later_are_put_beside_their_run(opened: Callable[[], Store]) -> None:
    """A run that was added before it was judged gets its verdicts once, and is still one run."""
    add(opened(), [record()], now=NOW)
    judged = record(outcome=Outcome.FAILED, judged=(VERDICT,))
    assert add(opened(), [judged], now=NOW) == 0
    assert add(opened(), [record(outcome=Outcome.PASSED)], now=NOW) == 0
    (only,) = list_runs(opened())
    assert (only.outcome, load_verdicts(opened(), only.id)) == (Outcome.FAILED, (VERDICT,))


def test_runs_are_in_the_order_of_their_revisions(opened: Callable[[], Store]) -> None:
    """The commit's time orders, however late it was measured; then the measurement's; what knows none comes now."""
    late = record(1, {"s/a": 2.0}, created=moment(900))
    undated = record(7, {"s/a": 4.0}, created=None, committed=None)
    measured = record(5, {"s/a": 3.0}, committed=None)
    add(opened(), [undated, measured, late, record(0, {"s/a": 1.0})], now=NOW)
    assert numbers(opened()) == {"s/a p50": [1.0, 2.0, 3.0, 4.0]}


def test_machines_and_pythons_are_never_mixed(opened: Callable[[], Store]) -> None:
    """Each has series of its own; a patched kernel and another pytest leave the machine what it is."""
    same = msgspec.structs.replace(MACHINE, os="Linux 6.8.0-99", packages={"pytest": "9.0"})
    others = [
        msgspec.structs.replace(MACHINE, **change)
        for change in ({"python": "3.11.8"}, {"cpu": "other"}, {"cores": 8}, {"os": "Linux 6.9.1"}, {"governor": "x"})
    ]
    others.append(msgspec.structs.replace(MACHINE, packages={"numpy": "2.0"}))
    add(opened(), [record(place, environment=one) for place, one in enumerate([MACHINE, same, *others])], now=NOW)
    assert environment_key(MACHINE) == environment_key(same)
    environments = list_environments(opened())
    assert len({one.key for one in environments}) == 1 + len(others)
    assert {one.key: one.runs for one in environments}[environment_key(MACHINE)] == 2
    assert len(list_series(opened())) == 1 + len(others)
    assert [one.id for one in list_series(opened(), environment_key(others[0]))] != []
    assert len(list_runs(opened(), environment_key(MACHINE))) == 2


def test_a_benchmark_whose_file_was_moved_is_followed(opened: Callable[[], Store]) -> None:
    """The newest node id counts, from a run of the same or of another transaction; a run without one changes none."""
    places = ("benches/a.py::test_a", "benches/b.py::test_a", None)
    for number, place in enumerate(places):
        add(opened(), [record(number, nodes={} if place is None else {"s/a": place})], now=NOW)
    (only,) = list_series(opened())
    assert only.node_id == "benches/b.py::test_a"


def test_a_removed_run_leaves_nothing_behind(opened: Callable[[], Store]) -> None:
    """Its numbers, verdicts, and the benchmarks and environments of it alone are gone; the others are untouched."""
    other = record(1, {"s/a": 1.0, "s/gone": 2.0}, environment=Environment(cpu="gone"), judged=(VERDICT,))
    add(opened(), [record(), other], now=NOW)
    (gone,) = list_runs(opened(), environment_key(other.environment))
    remove(opened(), [gone.id])
    assert kept(opened()) == [record()]
    with opened().reading() as connection:
        for table, rows in (("series", 1), ("benchmarks", 1), ("environments", 1), ("verdicts", 0), ("estimates", 1)):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM hivegate_{table}").scalar() == rows  # noqa: S608  fixed names
    assert add(opened(), [other], now=NOW) == 1


def test_runs_are_added_all_or_none(opened: Callable[[], Store]) -> None:
    """One that cannot be kept keeps the others out as well, also where only the database notices."""
    with pytest.raises(HistoryError, match="s/a is not a finite number"):
        add(opened(), [record(), record(1, {"s/a": math.nan})], now=NOW)
    with pytest.raises(HistoryError, match="database error"):
        add(opened(), [record(), record(1, source=None)], now=NOW)
    assert list_runs(opened()) == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"values": {"s/\0": 1.0}}, "a zero byte"),
        ({"values": {"s/\ud800": 1.0}}, "half a character"),
        ({"values": {"s/a": math.inf}}, "not a finite number"),
        ({"levels": record().levels * 2}, "p50 of s/a appears twice"),
        ({"levels": (msgspec.structs.replace(record().levels[0], n=2**31),)}, "not a finite number"),
    ],
)
def test_what_cannot_be_kept_is_named(opened: Callable[[], Store], fields: dict[str, Any], said: str) -> None:
    """The refusal names the fault and what can be kept; no database is asked."""
    with pytest.raises(HistoryError, match=said) as refused:
        add(opened(), [record(**fields)], now=NOW)
    assert "can be stored" in refused.value.hint


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE hivegate_estimates SET value = 'much'",
        "UPDATE hivegate_series SET metric_told = '{'",
        "UPDATE hivegate_environments SET content = '[]'",
        "UPDATE hivegate_runs SET outcome = 'splendid'",
        "DROP TABLE hivegate_estimates",
    ],
)
def test_what_others_changed_is_not_passed_off(tmp_path: Path, damage: str) -> None:
    """What is not of the kind that was written is an error that names the file."""
    store = open_store("history.db", folder=tmp_path, create=True)
    add(store, [record()], now=NOW)
    other = sqlite3.connect(tmp_path / "history.db")
    other.execute(damage)
    other.commit()
    other.close()
    with pytest.raises(HistoryError, match=r"history\.db: (is damaged|database error)"):
        kept(store)
