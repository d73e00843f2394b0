"""Two targets that contradict, and two that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable


def file_of(*targets: str) -> str:
    """Write a targets.yaml, each target in a line of its own from line 3."""
    return "schema: 1\ntargets:\n" + "".join(f"- {{{one}}}\n" for one in targets)


CONTRADICTIONS = {
    "a floor above a ceiling": ("benchmark: a, max: 1 s", "benchmark: a, min: 2 s", "'min 2 s' against 'max 1 s'"),
    "in other units and tiers": (
        "benchmark: a, min: 2 s, tier: must",
        "benchmark: a, max: 900 ms, tier: nice",
        "'max 900 ms' against 'min 2 s'",
    ),
    "ranges apart": (
        "benchmark: a, between: [1 s, 2 s]",
        "benchmark: a, between: [3 s, 4 s], tier: nice",
        "'between 3 s and 4 s' against 'between 1 s and 2 s'",
    ),
    "one selector": ("benchmark: 'a[*]', max: 1 s", "benchmark: 'a[*]', min: 2 s", "'min 2 s' against 'max 1 s'"),
    "an id of a selector": (
        "benchmark: 'a[*]', max: 1 s",
        "benchmark: 'a[10]', min: 2 s",
        "'min 2 s' against 'max 1 s'",
    ),
    "a selector of an id": (
        "benchmark: 'a[10]', max: 1 s",
        "benchmark: 'a[*]', min: 2 s",
        "'min 2 s' against 'max 1 s'",
    ),
    "ratios to the same partner": (
        "benchmark: 'a[*]', max: 50 %, relative_to: 'b[*]'",
        "benchmark: 'a[10]', min: 1.5, relative_to: 'b[10]'",
        "'min 1.5' against 'max 50 %'",
    ),
    "for many cores and for all": (
        "benchmark: a, max: 1 s",
        "benchmark: a, min: 2 s, min_cores: 4",
        "'min 2 s' against 'max 1 s'",
    ),
}


@pytest.mark.parametrize(("one", "other", "limits"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_targets_that_no_measurement_can_meet_together_are_refused(
    one: str, other: str, limits: str, refusal: Callable[[str], str]
) -> None:
    """The later one is named, with the line of the earlier and both limits."""
    assert refusal(file_of(one, "benchmark: other, max: 1 s", other)) == (
        f"t.yaml:5:3: targets[2]: contradicts line 3: {limits}\n  no measurement meets both: keep one of them"
    )


def test_a_contradiction_is_found_behind_a_looser_pair(refusal: Callable[[str], str]) -> None:
    """The tightest bound of each side decides, wherever it stands."""
    text = file_of(
        "benchmark: a, max: 3 s",
        "benchmark: a, max: 1 s, tier: nice",
        "benchmark: a, min: 10 ms",
        "benchmark: a, min: 2 s, tier: nice",
    )
    assert refusal(text).startswith("t.yaml:6:3: targets[3]: contradicts line 4: 'min 2 s'")


@pytest.mark.parametrize(("side", "limits"), [("max", ("1 s", "2 s")), ("min", ("1 s", "1 s"))])
def test_a_bound_that_a_tier_states_twice_is_refused(
    side: str, limits: tuple[str, str], refusal: Callable[[str], str]
) -> None:
    """The looser of the two would mean nothing."""
    first, second = limits
    assert refusal(file_of(f"benchmark: a, {side}: {first}", f"benchmark: a, {side}: {second}")) == (
        f"t.yaml:4:3: targets[1]: duplicates line 3: a second {side} for the tier must\n  keep one of them"
    )


AGREEING = {
    "a warning before the failure": ("benchmark: a, max: 1 s", "benchmark: a, max: 500 ms, tier: should"),
    "a floor and a ceiling apart": ("benchmark: a, max: 2 s", "benchmark: a, min: 1 s"),
    "touching": ("benchmark: a, max: 1 s", "benchmark: a, min: 1 s"),
    "other metrics": ("benchmark: a, max: 1 s", "benchmark: a, min: 2 s, metric: p99"),
    "a call and an operation": ("benchmark: a, min: 2 s", "benchmark: a, max: 1 s, per: operation"),
    "other partners": (
        "benchmark: a, max: 50 %, relative_to: b",
        "benchmark: a, min: 2, relative_to: c",
    ),
    "a selector with other partners": (
        "benchmark: 'a[*]', max: 50 %, relative_to: 'b[*]'",
        "benchmark: 'a[10]', min: 2, relative_to: 'b[20]'",
    ),
    "few cores and many": (
        "benchmark: a, max: 60 %, relative_to: b, min_cores: 2",
        "benchmark: a, max: 33 %, relative_to: b, min_cores: 4",
    ),
    "an id that the selector does not match": ("benchmark: 'a[1?]', max: 1 s", "benchmark: 'a[20]', min: 2 s"),
    "selectors that may not meet": ("benchmark: 'a[*0]', max: 1 s", "benchmark: 'a[1*]', min: 2 s"),
}


@pytest.mark.parametrize(("one", "other"), AGREEING.values(), ids=AGREEING)
def test_targets_that_can_hold_together_are_read(one: str, other: str) -> None:
    """In either order; two are a contradiction only where that is certain."""
    assert len(parse_targets(file_of(one, other), "t.yaml").targets) == 2
    assert len(parse_targets(file_of(other, one), "t.yaml").targets) == 2


def test_more_opposite_bounds_than_can_be_compared_are_refused(refusal: Callable[[str], str]) -> None:
    """A hostile file costs no hour, and nothing is left uncompared."""
    lows = [f"benchmark: '*x{number}', min: 2 s" for number in range(1001)]
    highs = [f"benchmark: y{number}, max: 1 s" for number in range(1001)]
    assert refusal(file_of(*lows, *highs)) == (
        "t.yaml:1003:3: targets[1000]: is one of 1,001 lower bounds against 1,001 upper ones, too many to compare\n"
        "  use selectors that match more benchmarks"
    )
