"""Limits derived from a run: wide enough for the machine, tight enough to mean something."""

from __future__ import annotations

import datetime as dt
import math

from hypothesis import given
from hypothesis import strategies as st

from hivegate.adopt.limits import COMPUTING_ROOM, GROWTH_ROOM, WALL_ROOM, Kind, Plan, derive_limits, families, round_up
from hivegate.adopt.targets_text import budget_of, targets_text
from hivegate.model.diagnosis import Noise
from hivegate.model.run import Benchmark, Doubles, Run, Sample, TestOutcome
from hivegate.model.targets import SpeedReference
from hivegate.targets import parse_targets

PLAN = Plan(passes=5, looks=3)
TURN = 5e-8
HERE = SpeedReference(
    loop=1, python="CPython 3.11", turn=TURN, low=TURN, high=TURN, passes=10, date=dt.date(2026, 11, 1), where="here"
)


def sample(seconds: float, index: int, *, share: float = 1.0, switches: int = 0) -> Sample:
    """Make a sample of rounds that all took so long."""
    rounds = Doubles([seconds] * 10)
    wall = seconds * 10
    return Sample(pass_index=index, rounds=rounds, cpu=wall * share, wall=wall, switches=switches, reference=TURN)


def bench(name: str, *passes: float, size: float | None = None, share: float = 1.0, switches: int = 0) -> Benchmark:
    """Make a benchmark of some passes."""
    samples = tuple(sample(one, index, share=share, switches=switches) for index, one in enumerate(passes))
    return Benchmark(id=name, node_id=f"{name}.py::t", samples=samples, size=size)


@given(st.floats(1e-9, 1e9))
def test_rounding_goes_up_and_not_far(value: float) -> None:
    """A rounded limit is never below the value, at most a tenth above, and has at most two digits."""
    found = round_up(value)
    assert value * (1 - 1e-8) <= found <= value * 1.1
    assert len(f"{found:.12g}".replace(".", "").strip("0e+-") or "0") <= 2 or "e" in f"{found:.12g}"


def test_what_computes_is_held_at_the_speed_of_the_reference_and_what_waits_as_measured() -> None:
    """Processor time of one thread follows the reference; waiting, threads and a declared parallelism do not."""
    run = Run(
        benchmarks=(
            bench("s/computes", 1e-5, 1e-5, 1e-5),
            bench("s/contended", 1e-5, 1e-5, 1e-5, share=0.5),
            bench("s/sleeps", 1e-3, 1e-3, 1e-3, share=0.1, switches=10),
            bench("s/threads", 1e-3, 1e-3, 1e-3, share=1.8),
        )
    )
    kinds = {one.benchmark: one.kind for one in derive_limits(run, PLAN, HERE).derived}
    assert kinds == {
        "s/computes": Kind.COMPUTING,
        "s/contended": Kind.COMPUTING,
        "s/sleeps": Kind.WALL,
        "s/threads": Kind.WALL,
    }
    assert {one.kind for one in derive_limits(run, PLAN).derived} == {Kind.WALL}  # the speed here is not known


def test_exact_measurements_leave_only_the_room() -> None:
    """Without any spread the limit is the room for other machines, rounded up."""
    run = Run(benchmarks=(bench("s/a", 1e-5, 1e-5, 1e-5), bench("s/w", 0.1, 0.1, 0.1, share=0.0, switches=99)))
    computing, wall = derive_limits(run, PLAN, HERE).derived
    assert computing.maximum == round_up(1e-5 * COMPUTING_ROOM)
    assert wall.maximum == round_up(0.1 * WALL_ROOM)


@given(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=7), st.lists(st.floats(0.9, 1.1), min_size=3, max_size=3))
def test_more_spread_never_tightens(noisy: list[float], calm: list[float]) -> None:
    """A limit lies above what was measured by its room at least, and never so far that it holds for any code."""
    run = Run(benchmarks=(bench("s/n", *(1e-5 * one for one in noisy)), bench("s/c", *(1e-5 * one for one in calm))))
    limits = derive_limits(run, PLAN, HERE)
    assert {one.benchmark for one in (*limits.derived, *limits.unsteady)} == {"s/n", "s/c"}
    for one in limits.derived:
        assert one.maximum is not None
        passes = noisy if one.benchmark == "s/n" else calm
        center = math.exp(sum(map(math.log, passes)) / len(passes)) * 1e-5
        assert one.maximum >= center * COMPUTING_ROOM * (1 - 1e-6)
        assert one.maximum <= center * 5 * COMPUTING_ROOM * 1.1


def test_what_varies_wildly_has_no_limit() -> None:
    """Where passes differ by a factor, any limit would hold for any code: it is told instead."""
    run = Run(benchmarks=(bench("s/wild", 1e-5, 2e-4, 1e-6), bench("s/calm", 1e-5, 1e-5, 1e-5)))
    limits = derive_limits(run, PLAN)
    assert [one.benchmark for one in limits.unsteady] == ["s/wild"]
    text = targets_text(run, limits, None)
    assert "# - s/wild: measured " in text
    assert [one.benchmark for one in parse_targets(text, "t").targets] == ["s/calm"]


def test_growth_is_asked_where_the_time_follows_the_size() -> None:
    """Linear sizes get an exponent with room; parameters that the time does not follow, or two sizes, get none."""
    run = Run(
        benchmarks=(
            *(bench(f"s/linear[{n}-x]", *[n * 1e-6] * 3, size=n) for n in (10, 100, 1000)),
            *(bench(f"s/flat[{n}]", *[1e-6] * 3, size=n) for n in (1, 2, 3)),
            *(bench(f"s/two[{n}]", *[n * 1e-6] * 3, size=n) for n in (10, 20)),
        )
    )
    growths = [one for one in derive_limits(run, PLAN).derived if one.kind is Kind.COMPLEXITY]
    assert [one.benchmark for one in growths] == ["s/linear[*-x]"]
    assert growths[0].maximum == 1 + GROWTH_ROOM


def test_families_are_told_apart_by_their_other_parameters() -> None:
    """Sizes of one kind are a family; a selector that would match another kind too is none."""
    names = [f"s/f[{n}-{kind}]" for n in (10, 20, 30) for kind in ("a", "b")]
    sizes = {name: float(name.partition("[")[2].partition("-")[0]) for name in names}
    assert list(families([bench(name, 1.0, size=sizes[name]) for name in names])) == ["s/f[*-a]", "s/f[*-b]"]
    crossing = [bench(f"s/f[{n}]", 1.0, size=n) for n in (10, 20, 30)] + [bench("s/f[10-a]", 1.0, size=10)]
    assert list(families(crossing)) == []


def test_what_failed_in_any_pass_has_no_limit() -> None:
    """It is told with its reason; the others have their limits all the same."""
    broken = bench("s/b", 1e-5)
    bad = Sample(pass_index=1, outcome=TestOutcome.FAILED, detail="assert 0\n- {benchmark: injected}")
    broken = Benchmark(id="s/b", node_id="b.py::t", samples=(*broken.samples, bad))
    run = Run(benchmarks=(bench("s/a", 1e-5, 1e-5), broken))
    limits = derive_limits(run, PLAN)
    assert [one.benchmark for one in limits.derived] == ["s/a"]
    text = targets_text(run, limits, None)
    assert "# - s/b: failed: assert 0 - {benchmark: injected}\n" in text
    assert [one.benchmark for one in parse_targets(text, "t").targets] == ["s/a"]


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30), st.floats(1e-8, 1e3))
def test_the_file_is_read_back_as_it_was_meant(name: str, seconds: float) -> None:
    """Whatever a benchmark is called and however long it takes, the parser finds its limit."""
    run = Run(benchmarks=(bench(f"s/{name}", seconds, seconds * 1.1), bench("s/other", 1.0, share=0.0, switches=99)))
    limits = derive_limits(run, PLAN, HERE)
    targets = parse_targets(targets_text(run, limits, None, HERE), "t")
    assert [one.turn for one in targets.reference] == [TURN] * any(one.kind is Kind.COMPUTING for one in limits.derived)
    assert [one.benchmark for one in targets.targets] == [one.benchmark for one in limits.derived]
    for target, limit in zip(targets.targets, limits.derived, strict=True):
        assert target.limit.maximum is not None
        assert limit.maximum is not None
        assert math.isclose(target.limit.maximum, limit.maximum, rel_tol=1e-5)


def test_a_limit_is_a_time_that_a_person_can_check() -> None:
    """A time with its unit and two digits, by which factor it exceeds what was measured, and where that was."""
    run = Run(benchmarks=(bench("s/c", 1e-5, 1e-5, 1e-5), bench("s/w", 0.1, 0.1, 0.1, share=0.0, switches=99)))
    lines = targets_text(run, derive_limits(run, PLAN, HERE), None, HERE).splitlines()
    assert '  - {benchmark: "s/c", max: 13 us}  # 1.3 x of 10.0 us (10.0 .. 10.0 us) on the reference machine' in lines
    assert '  - {benchmark: "s/w", max: 250 ms, speed: as measured}  # 2.5 x of 100 ms (100 .. 100 ms)' in lines


def test_the_budget_is_the_least_that_can_be_judged() -> None:
    """A calm machine has 2 %, a noisy one the next round number above what can be judged, an unknown one a guess."""

    def noise(least: float) -> Noise:
        return Noise(manner="forked", pairs=8, spread=least, budget=0.02, visible=0.04, least_budget=least, busy=0.0)

    assert [budget_of(noise(one)) for one in (0.001, 0.013, 0.019, 0.06, 9.0)] == [0.02, 0.02, 0.03, 0.1, 1.0]
    assert budget_of(None) == 0.05
    text = targets_text(Run(), derive_limits(Run(), PLAN), noise(0.06))
    assert parse_targets(text, "t").budgets[0].slowdown == 0.1
