"""What the history keeps of a run and of its verdicts."""

from __future__ import annotations

import pytest
from tests.measured import benchmark, gate, run, sample, target, targets

from hivegate.flows.history.record import Origin, record_of, utc
from hivegate.model.run import Benchmark, Commit, Sample
from hivegate.model.verdict import Outcome


def test_a_throughput_is_kept_where_a_tool_measured_it_and_no_times() -> None:
    """Of a benchmark that was timed it follows from the times, and would be the same figure twice."""
    timed = benchmark("timed", [0.1, 0.11, 0.09])
    rated = Benchmark(
        id="rated", node_id="rated", samples=tuple(Sample(pass_index=n, throughput=500.0) for n in (0, 1))
    )
    levels = record_of(run(timed, rated), Origin()).levels
    kept = {name: {one.metric.name for one in levels if one.benchmark == name} for name in ("timed", "rated")}
    assert kept["timed"] >= {"p50", "mean"}
    assert "throughput" not in kept["timed"]
    assert kept["rated"] == {"throughput"}
    (level,) = (one for one in levels if one.benchmark == "rated")
    assert (level.value, level.n) == (500.0, 2)
    assert level.metric.higher_is_better


def test_levels_have_the_interval_of_the_run() -> None:
    """Several passes bound the level; of one alone the interval is the suite's usual spread, and is not kept."""
    measured = record_of(run(benchmark("several", [1.0, 1.1, 0.9]), benchmark("single", [1.0])), Origin())
    levels = {(one.benchmark, one.metric.name): one for one in measured.levels}
    several, single = levels["several", "p50"], levels["single", "p50"]
    assert several.low is not None
    assert several.high is not None
    assert several.low < several.value < several.high
    assert (single.value, single.low, single.high, single.n) == (1.0, None, None, 1)


def test_own_metrics_are_kept_in_their_direction() -> None:
    """A metric that the benchmark declared to be better when higher is kept as such."""
    samples = (sample(1.0, metrics={"hits": 3.0, "cost": 2.0}),)
    declared = Benchmark(id="a", node_id="a", samples=samples, better={"hits": "higher"})
    metrics = {one.metric.name: one for one in record_of(run(declared), Origin()).levels}
    assert (metrics["hits"].value, metrics["hits"].metric.higher_is_better) == (3.0, True)
    assert (metrics["cost"].value, metrics["cost"].metric.higher_is_better) == (2.0, False)


def test_verdicts_are_kept_with_what_they_rest_on() -> None:
    """Outcome, value, limit and reason of each; a run without a result has none."""
    measured = run(benchmark("a", [1.0, 1.0, 1.0]), commit=Commit(sha="0" * 40))
    result = gate(targets(target("a", maximum=0.5)), measured)
    record = record_of(measured, Origin(branch="main"), result)
    (kept,) = record.judged
    assert (kept.benchmark, kept.outcome, kept.value, kept.limit) == ("a", Outcome.FAILED, 1.0, "max 0.5")
    assert record.outcome is Outcome.FAILED
    assert record.commit is not None
    assert record.commit.branch == "main"
    plain = record_of(measured, Origin())
    assert (plain.judged, plain.outcome) == ((), None)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-06-01T12:00:00+02:00", "2026-06-01T10:00:00+00:00"),
        ("2026-06-01T12:00:00.75", "2026-06-01T12:00:00+00:00"),
        ("yesterday", None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_are_kept_in_utc(time: str | None, expected: str | None) -> None:
    """To the second; without a zone a time is UTC, and what is none is not kept."""
    assert utc(time) == expected
