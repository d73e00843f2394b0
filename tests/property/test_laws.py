"""The laws of statistics.md that concern absolute targets, on arbitrary runs and targets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measured import benchmark, gate, run, sample, target, targets

from hivegate.ingest.combine import combine
from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.run import Benchmark, Doubles, Run, Sample, TestOutcome
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    import random

    from hivegate.model.targets import Target, Targets
    from hivegate.model.verdict import GateResult

SIZES = (1, 10, 100, 1000)
SELECTORS = ("s/a[*]", "s/a[1]", "s/a[10]", "s/b[*]", "s/*", "*", "t/gone", "s/?[100]")
METRICS = ("p50", "mean", "min", "max", "cv", "throughput", "cpu_time", "p99", "peak_memory", "custom")
GOOD = {Outcome.PASSED, Outcome.FASTER, Outcome.WAIVED}
times = st.floats(1e-9, 1e3)
_CRASHES = (TestOutcome.FAILED, TestOutcome.CRASHED, TestOutcome.TIMED_OUT)
law = settings(max_examples=60, deadline=None)  # machines that run tests are busy


@st.composite
def samples(draw: st.DrawFn, index: int, *, good: bool) -> Sample:
    """Draw one pass of a benchmark, measured or not."""
    if not good and draw(st.booleans()):
        return Sample(pass_index=index, outcome=draw(st.sampled_from(TestOutcome)))
    share = draw(st.sampled_from([0.2, 0.85, 1.0]))
    return sample(
        draw(st.lists(times, min_size=1, max_size=3)),
        index,
        reference=draw(st.none() | times),
        metrics=draw(st.dictionaries(st.just("custom"), st.floats(-1e6, 1e6), max_size=1)),
        cpu=share,
        wall=1.0,
        switches=0,
    )


@st.composite
def runs(draw: st.DrawFn, *, good: bool = False) -> Run:
    """Draw a run of a few benchmarks in a few passes."""
    names = draw(st.lists(st.sampled_from([f"s/{k}[{size}]" for k in "ab" for size in SIZES]), unique=True, min_size=1))
    passes = draw(st.integers(1, 5))
    measured = []
    for name in names:
        found = tuple(draw(samples(index, good=good)) for index in range(passes))
        size = float(name.partition("[")[2][:-1])
        measured.append(Benchmark(id=name, node_id=name, samples=found, size=size, operations=size))
    return run(*measured)


@st.composite
def wanted(draw: st.DrawFn) -> Target:
    """Draw a target, absolute or relative."""
    selector, metric = draw(st.sampled_from(SELECTORS)), draw(st.sampled_from(METRICS))
    partner = draw(st.sampled_from([None, None, "s/b[*]", "reference"]))
    bounds = {draw(st.sampled_from(["maximum", "minimum"])): draw(st.floats(1e-6, 1e3))}
    if draw(st.booleans()):
        return target(selector, "complexity", **bounds)
    return target(selector, metric, relative_to=partner, per_operation=draw(st.booleans()), **bounds)


several = st.lists(wanted(), max_size=4).map(lambda found: targets(*found))


def outcomes(result: GateResult) -> list[tuple[str, str, str, str]]:
    """Tell what became of what, in an order of its own."""
    return sorted((v.benchmark, v.metric or "", v.relative_to or "", v.outcome.value) for v in result.verdicts)


@law
@given(runs(), several)
def test_every_target_and_every_measured_benchmark_appears(measured: Run, given_: Targets) -> None:
    """Every target, every measured benchmark […] appears in at least one verdict; nothing vanishes."""
    answers = estimate_targets(given_, measured)
    verdicts = gate(given_, measured).verdicts
    assert {id(answer.target) for answer in answers} == {id(one) for one in given_.targets}
    assert len(verdicts) >= len(answers)
    spoken = {name for answer in answers for name in answer.covers} | {one.benchmark for one in verdicts}
    assert {one.id for one in measured.benchmarks} <= spoken


@law
@given(runs(), several, st.sets(st.sampled_from(range(8))))
def test_with_a_selection_every_measured_benchmark_still_appears(measured: Run, given_: Targets, out: set[int]) -> None:
    """Nothing vanishes where a selection left something out either."""
    kept = tuple(one for place, one in enumerate(measured.benchmarks) if place not in out)
    left = tuple(one.id for place, one in enumerate(measured.benchmarks) if place in out)
    selected = msgspec.structs.replace(measured, benchmarks=kept, not_selected=left)
    answers = estimate_targets(given_, selected)
    spoken = {name for answer in answers for name in answer.covers}
    assert {one.id for one in kept} <= spoken | {one.benchmark for one in gate(given_, selected).verdicts}
    assert gate(given_, selected).partial == bool(left)


@law
@given(
    runs(good=True),
    st.sampled_from(["rename", "remove", *(one for one in TestOutcome if one is not TestOutcome.MEASURED)]),
    st.integers(0, 4),
    st.data(),
)
def test_what_was_not_measured_never_passes(
    measured: Run, harm: str | TestOutcome, place: int, data: st.DataObject
) -> None:
    """Renaming, removing, crashing or skipping a benchmark never yields a pass."""
    victim = data.draw(st.sampled_from(measured.benchmarks))
    others = [one for one in measured.benchmarks if one.id != victim.id]
    if harm == "rename":
        others.append(msgspec.structs.replace(victim, id="s/other[7]", node_id="s/other[7]"))
    elif isinstance(harm, TestOutcome):
        bad = list(victim.samples)
        bad[place % len(bad)] = Sample(pass_index=place % len(bad), outcome=harm)
        others.append(msgspec.structs.replace(victim, samples=tuple(bad)))
    generous = targets(
        target(victim.id, maximum=1e9),
        target(victim.id, "custom", maximum=1e9),
        target("x", relative_to=victim.id, maximum=1e9),
    )
    result = gate(generous, run(benchmark("x", [1.0] * 3), *others))
    assert result.exit_status == 3
    named = [one for one in result.verdicts if victim.id in {one.benchmark, one.relative_to}]
    assert len(named) == 3
    expected: dict[str | TestOutcome, Outcome] = {TestOutcome.INVALID: Outcome.INVALID}
    expected |= dict.fromkeys(_CRASHES, Outcome.CRASHED)
    assert {one.outcome for one in named if one.relative_to is None} == {expected.get(harm, Outcome.MISSING)}
    assert all(one.outcome not in {Outcome.PASSED, Outcome.FASTER} for one in named)


def _scaled(measured: Run, factor: float) -> Run:
    def scale(one: Sample) -> Sample:
        reference = None if one.reference is None else one.reference * factor
        cpu, wall = (None if part is None else part * factor for part in (one.cpu, one.wall))
        rounds = Doubles(seconds * factor for seconds in one.rounds)
        return msgspec.structs.replace(one, rounds=rounds, reference=reference, cpu=cpu, wall=wall)

    changed = (msgspec.structs.replace(one, samples=tuple(map(scale, one.samples))) for one in measured.benchmarks)
    return msgspec.structs.replace(measured, benchmarks=tuple(changed))


@law
@given(runs(), st.floats(1e-3, 1e3), st.integers(-20, 20))
def test_scaling_all_times_changes_no_relative_verdict(measured: Run, bound: float, power: int) -> None:
    """Scaling all times of a run by a constant changes no relative verdict."""
    ratio = {"maximum": bound, "dimension": Dimension.RATIO}
    relative = targets(
        target("s/a[*]", relative_to="s/b[*]", **ratio),  # type: ignore[arg-type]
        target("s/*", relative_to="reference", **ratio),  # type: ignore[arg-type]
        target("s/*", "cv", maximum=bound),
        target("s/*", "complexity", maximum=bound),
    )
    # A power of two scales without rounding: the law is about speed, not about the last digit at a limit. Whether
    # others may explain a spread of rounds is asked of shares, which do not scale.
    assert outcomes(gate(relative, _scaled(measured, 2.0**power))) == outcomes(gate(relative, measured))


@law
@given(runs(), several, st.randoms(use_true_random=False))
def test_order_changes_no_verdict(measured: Run, given_: Targets, shuffled: random.Random) -> None:
    """Order of […] benchmarks and pa[sse]s changes no verdict."""
    benchmarks = list(measured.benchmarks)
    shuffled.shuffle(benchmarks)
    order = list(range(5))
    shuffled.shuffle(order)
    mixed = tuple(
        msgspec.structs.replace(one, samples=tuple(sorted(one.samples, key=lambda found: order[found.pass_index])))
        for one in benchmarks
    )
    other = msgspec.structs.replace(measured, benchmarks=mixed)
    assert outcomes(gate(given_, other)) == outcomes(gate(given_, measured))


@law
@given(st.lists(st.lists(times, min_size=2, max_size=2), min_size=1, max_size=4, unique_by=tuple), several, st.data())
def test_order_of_files_changes_no_verdict(passes: list[list[float]], given_: Targets, data: st.DataObject) -> None:
    """Order of files […] changes no verdict."""
    files = [
        (f"{n}.json", run(*map(benchmark, ("s/a[1]", "s/b[1]"), ([one] for one in found))))
        for n, found in enumerate(passes)
    ]
    mixed = data.draw(st.permutations(files))
    assert outcomes(gate(given_, combine(mixed))) == outcomes(gate(given_, combine(files)))


@law
@given(runs(), several)
def test_n_is_counted_and_one_value_has_no_spread_of_its_own(measured: Run, given_: Targets) -> None:
    """N is counted, never declared; an interval from too little data is infinite or labelled assumed."""
    by_id = {one.id: one for one in measured.benchmarks}
    for answer in estimate_targets(given_, measured):
        if not isinstance(answer.found, Estimate):
            continue
        found = answer.found
        assert found.low <= found.value <= found.high
        assert math.isfinite(found.value)
        assert found.n == len(by_id[answer.covers[0]].samples)
        if found.n == 1:
            assert found.assumed is not None or (found.low, found.high) == (-math.inf, math.inf)
        else:
            assert found.assumed is None


@law
@given(runs(), several)
def test_no_pass_without_an_interval_within_the_limit(measured: Run, given_: Targets) -> None:
    """A verdict that is not earned by measurement is not given."""
    result = gate(given_, measured)
    for one in result.verdicts:
        if one.outcome in GOOD:
            assert one.estimate is not None
            assert one.limit is not None
            assert one.limit.minimum is None or one.estimate.low >= one.limit.minimum
            assert one.limit.maximum is None or one.estimate.high <= one.limit.maximum
    if result.exit_status == 0:
        assert any(one.estimate is not None for one in result.verdicts)
        assert not any(one.outcome in {Outcome.MISSING, Outcome.INVALID} for one in result.verdicts)
