"""The geometry of charts: a number is where its axis says."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests import pages
from tests.measured import benchmark, gate, run, target, targets, words

from hivegate.model.change import Change, Clock
from hivegate.model.estimate import Estimate, SizeValues
from hivegate.model.metric import Dimension
from hivegate.model.targets import Limit, RuleKind
from hivegate.model.verdict import Outcome, Severity, Verdict
from hivegate.report.bundle import Bundle
from hivegate.report.html import render_html
from hivegate.report.html.bars import change_axis, limit_axis
from hivegate.report.html.complexity import complexity
from hivegate.report.html.scale import Scale, fit
from hivegate.report.html.sides import sides
from hivegate.report.html.strip import strip
from hivegate.report.span import Span

_POSITIVE = st.floats(1e-12, 1e12)
_NUMBERS = _POSITIVE | _POSITIVE.map(lambda one: -one) | st.just(0.0)
_ANY = st.floats(allow_nan=False)


def share(place: str) -> float:
    """Read a place in percent."""
    return float(place.removesuffix("%")) / 100


@given(st.lists(_NUMBERS | _POSITIVE, min_size=1, max_size=20))
def test_an_axis_holds_what_it_was_made_for(values: list[float]) -> None:
    """Every value lies on its axis with room at both ends, and order is kept."""
    scale = fit(values)
    places = [scale.place(one) for one in sorted(values)]
    assert all(scale.holds(one) for one in values)
    assert all(0 < place < 1 for place in places)
    assert places == sorted(places)


@settings(deadline=None)  # the first page compiles the templates
@given(_ANY, st.lists(_ANY, min_size=1, max_size=4), st.lists(_ANY, min_size=3, max_size=3), _ANY, st.booleans())
def test_no_number_breaks_a_picture(
    value: float,
    values: list[float],
    ends: list[float],
    limit: float,
    changed: bool,  # noqa: FBT001  hypothesis passes it
) -> None:
    """A result may hold any number, for it may come from anybody; places stay within the picture."""
    low, middle, high = sorted(ends)
    change = Change(
        ratio=middle,
        low=low,
        high=high,
        n=2,
        instrument="time",
        clock=Clock.CPU,
        base_value=value,
        head_value=value,
        ratios=tuple(values),
    )
    verdict = Verdict(
        benchmark="a",
        kind=RuleKind.BUDGET if changed else RuleKind.TARGET,
        outcome=Outcome.PASSED,
        severity=Severity.NONE,
        reason=words("r"),
        metric="complexity",
        limit=Limit(maximum=limit, minimum=value, dimension=Dimension.NUMBER, text="t"),
        estimate=None if changed else Estimate(value=middle, low=low, high=high, n=2),
        change=change if changed else None,
        values=tuple(values),
        sizes=tuple(SizeValues(size=one, values=(abs(value), abs(limit))) for one in values),
    )
    result = msgspec.structs.replace(gate(targets(), run()), verdicts=(verdict,))
    text = render_html(Bundle(results=(result,)))
    for place in re.findall(r' (?:x|x1|x2|cx|cy|width)="(-?[\d.a-z]+)%"', text):
        assert 0 <= float(place) <= 100


@given(st.lists(_POSITIVE, min_size=1, max_size=5), st.booleans())
def test_ticks_are_few_round_and_on_the_axis(values: list[float], log: bool) -> None:  # noqa: FBT001  hypothesis passes it
    """An axis has ticks, in rising order, none beyond its ends, and not more than labels have room."""
    scale = fit(values) if log else fit([-one for one in values])
    ticks = scale.ticks()
    assert list(ticks) == sorted(set(ticks))
    assert all(scale.holds(one) for one in ticks)
    assert 1 <= len(ticks) <= 8
    for one in ticks:
        assert len(f"{abs(one):.12e}".split("e")[0].rstrip("0")) <= 9


def test_ticks_of_decades() -> None:
    """A wide axis has powers of ten, a narrower one 1, 2 and 5, a narrow one even steps."""
    assert Scale(low=0.9, high=1.1e6, log=True).ticks() == (1, 100, 10_000, 1_000_000)
    assert Scale(low=0.9, high=21, log=True).ticks() == (1, 2, 5, 10, 20)
    assert Scale(low=122, high=130, log=True).ticks() == (122, 124, 126, 128, 130)


def judged(seconds: float, spread: float = 0.01, **limits: Any) -> Verdict:  # noqa: ANN401  of target
    """Judge one benchmark."""
    passes = [seconds * (1 + spread * one) for one in (-1, 0, 1)]
    (found,) = gate(targets(target("a", **limits)), run(benchmark("a", passes))).verdicts
    return found


def test_limits_are_one_line_and_worse_is_further_right() -> None:
    """Whether a target asks for at most or at least, what breaks it is right of the limit and what keeps it left."""
    rate = msgspec.structs.replace(
        judged(2.0), limit=Limit(minimum=4.0, dimension=Dimension.RATE, text="min 4"), outcome=Outcome.FAILED
    )
    verdicts = [judged(0.5, maximum=1.0), judged(2.0, maximum=1.0), rate, judged(1e-9, maximum=1.0)]
    axis = limit_axis(verdicts)
    bars = [one for one in axis.bars if one is not None]
    assert len(bars) == 4
    assert {one.limits for one in bars} == {bars[0].limits}
    (limit,) = (share(one) for one in bars[0].limits)
    (main,) = (share(x) for x, _, is_main in axis.ticks if is_main)
    assert limit == main
    points = [share(one.point) for one in bars]
    assert points[0] < limit < points[1]
    assert points[2] == pytest.approx(points[1], abs=2e-3)  # half of what is asked, twice of what is allowed
    assert points[3] == 0
    assert bars[3].open_low
    for one in bars:
        assert share(one.low) <= share(one.point) <= share(one.high)


def test_a_target_of_two_sides_has_two_lines() -> None:
    """The lower limit is drawn too."""
    (bar,) = limit_axis([judged(1.0, minimum=0.5, maximum=2.0)]).bars
    assert bar is not None
    low, high = sorted(map(share, bar.limits))
    assert low < share(bar.point) < high


def test_what_has_no_share_has_no_bar() -> None:
    """A limit of zero and a missing estimate have nothing to be a share of."""
    zero = msgspec.structs.replace(
        judged(1.0, maximum=1.0), limit=Limit(maximum=0.0, dimension=Dimension.SECONDS, text="max 0")
    )
    missing = Verdict(
        benchmark="b", kind=RuleKind.TARGET, outcome=Outcome.MISSING, severity=Severity.UNKNOWN, reason=words("gone")
    )
    assert limit_axis([zero, missing]).bars == (None, None)


def test_changes_have_no_change_in_the_middle() -> None:
    """Slower is right of the middle, faster left, and what leaves the axis ends in an arrow."""
    spans = [
        Span(low=0.9, ratio=0.95, high=1.0, limit=1.02),
        None,
        Span(low=0.0, ratio=1.05, high=math.inf, limit=1.02),
    ]
    axis = change_axis(spans)
    faster, none, slower = axis.bars
    assert none is None
    assert faster is not None
    assert slower is not None
    assert share(faster.point) < 0.5 < share(slower.point)
    assert 0.5 < share(slower.limits[0]) < share(slower.point)
    assert (slower.open_low, slower.open_high, faster.open_high) == (True, True, False)
    (middle,) = (share(x) for x, label, main in axis.ticks if main and label == "0")
    assert middle == 0.5


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=60))
def test_every_pass_is_a_dot_and_none_covers_another(values: list[float]) -> None:
    """Dots are where their values are, in order; those on one level do not touch, as far as there is room."""
    (verdict,) = gate(targets(target("a", maximum=1.0)), run(benchmark("a", values))).verdicts
    found = strip(verdict)
    assert found is not None
    assert len(found.dots) == len(values)
    places = [share(one.x) for one in found.dots]
    assert [values.index(one) for one in sorted(values)] == [
        values.index(values[index])
        for index in sorted(range(len(values)), key=lambda index: (places[index], values[index]))
    ]
    assert found.summary.startswith(f"{len(values)} pass")
    if len(values) <= 13:  # as many levels as there are
        spots = [(one.level, round(share(one.x) * 560)) for one in found.dots]
        assert all(abs(a[1] - b[1]) >= 7 for at, a in enumerate(spots) for b in spots[at + 1 :] if a[0] == b[0])


def test_very_many_passes_are_thinned_from_least_to_most() -> None:
    """A picture holds some hundreds; the least and the most are among them, and the rest is counted."""
    verdict = msgspec.structs.replace(judged(1.0, maximum=2.0), values=tuple(1 + one / 5000 for one in range(5000)))
    found = strip(verdict)
    assert found is not None
    assert len(found.dots) + found.hidden == 5000
    assert found.hidden > 4000
    assert {"pass 1: 1.00 s", "pass 5000: 2.00 s"} <= {one.label for one in found.dots}


def test_a_limit_far_away_is_told_not_drawn() -> None:
    """The passes must stay apart; a limit nearby is drawn with its label at the side where there is room."""
    far, near = strip(judged(1.0, maximum=50.0)), strip(judged(1.0, maximum=1.04))
    assert far is not None
    assert near is not None
    assert far.beyond == ("limit 50.0 s →",)
    assert not far.marks
    (mark,) = near.marks
    assert (mark.label, mark.anchor) == ("limit 1.04 s", "end")
    assert share(mark.x) > share(near.point)


def test_pairs_are_dots_on_the_axis_of_change() -> None:
    """Each pair is head over base as a signed change, beside no change and the budget."""
    change = Change(
        ratio=1.03,
        low=1.01,
        high=1.05,
        n=3,
        instrument="time",
        clock=Clock.CPU,
        base_value=1.0,
        head_value=1.03,
        ratios=(1.02, 1.03, 1.04),
    )
    verdict = msgspec.structs.replace(
        judged(1.0, maximum=2.0),
        kind=RuleKind.BUDGET,
        estimate=None,
        values=(),
        change=change,
        limit=Limit(maximum=1.02, dimension=Dimension.RATIO, text="2 % slower"),
    )
    found = strip(verdict)
    assert found is not None
    assert [one.label for one in found.dots] == ["pair 1: +2.00 %", "pair 2: +3.00 %", "pair 3: +4.00 %"]
    assert [one.label for one in found.marks] == ["", "budget +2.00 %"]  # at the edge the axis tells of no change
    assert share(found.low) < share(found.point) < share(found.low) + share(found.width)
    assert strip(msgspec.structs.replace(verdict, change=msgspec.structs.replace(change, ratios=()))) is None


def test_equal_passes_have_a_picture() -> None:
    """Values without any spread, and one alone, are drawn without dividing by nothing."""
    known = judged(1.0, spread=0.0, maximum=2.0)
    nothing = Estimate(value=0.0, low=0.0, high=0.0, n=3)
    zero = msgspec.structs.replace(known, values=(0.0,) * 3, estimate=nothing)
    alone = msgspec.structs.replace(known, values=(1.0,), estimate=Estimate(value=1.0, n=1))
    for verdict in (known, zero, alone):
        found = strip(verdict)
        assert found is not None
        assert len({one.x for one in found.dots}) == 1


@given(st.floats(-1, 3), st.floats(1e-9, 1e-2))
def test_the_fitted_line_runs_through_exact_powers(power: float, unit: float) -> None:
    """Where times are a power of the size, every point lies on the line of the fitted exponent."""
    assume(abs(power) > 0.01)
    sized = [benchmark(f"f[{size}]", [unit * size**power] * 2, size=float(size)) for size in (10, 30, 100, 400)]
    (verdict,) = gate(targets(target("f[*]", "complexity", maximum=power + 0.5)), run(*sized)).verdicts
    found = complexity(verdict)
    assert found is not None
    start, end = share(found.fitted.start), share(found.fitted.end)
    for point in (*found.points, *found.middles):
        assert share(point.y) == pytest.approx(start + (end - start) * share(point.x), abs=5e-4)
    assert found.allowed is not None
    assert share(found.allowed.end) < end  # a larger exponent ends higher
    assert [label for _, label in found.sizes] == ["10", "30", "100", "400"]


def test_growth_without_times_that_have_a_logarithm_is_not_drawn() -> None:
    """A result of an older hivegate holds no sizes, and a broken one may hold zeros."""
    verdict = next(one for one in pages.verdicts(40).verdicts if one.metric == "complexity")
    assert complexity(verdict) is not None
    assert complexity(msgspec.structs.replace(verdict, sizes=())) is None
    zero = msgspec.structs.replace(verdict.sizes[0], values=(0.0, 1.0))
    assert complexity(msgspec.structs.replace(verdict, sizes=(zero, *verdict.sizes[1:]))) is None


def test_base_and_head_lie_over_one_another_on_one_axis() -> None:
    """Each pair is a dot on either side; head is as far right of base as it is slower; without both there is none."""
    change = Change(
        ratio=2.0,
        low=1.9,
        high=2.1,
        n=3,
        instrument="time",
        base_value=1e-3,
        head_value=2e-3,
        ratios=(2.0, 2.0, 2.0),
        base_values=(1e-3, 1.1e-3, 0.9e-3),
    )
    verdict = Verdict(
        benchmark="b",
        kind=RuleKind.BUDGET,
        outcome=Outcome.SLOWER,
        severity=Severity.BROKEN,
        reason=words("slow"),
        metric="mean",
        change=change,
    )
    drawn = sides(verdict)
    assert drawn is not None
    base, head = drawn.lanes
    assert (base.label, head.label) == ("base 1.00 ms", "head 2.00 ms")
    assert len(base.dots) == len(head.dots) == 3
    assert float(base.middle[:-1]) < float(head.middle[:-1])
    assert drawn.summary == "3 pairs: base 1.00 ms, head 2.00 ms"
    cut = msgspec.structs.replace(change, base_values=(1e-3,))
    assert sides(msgspec.structs.replace(verdict, change=cut)) is None
