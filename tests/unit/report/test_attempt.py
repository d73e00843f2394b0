"""A line of `hivegate try`, from the first two pairs to the last."""

from __future__ import annotations

import pytest

from hivegate.model.attempt import Attempt
from hivegate.model.change import TIME, Change, Clock
from hivegate.model.pairs import PairTrouble
from hivegate.report.attempt import attempts_text


def tried(ratio: float, low: float, high: float, n: int) -> Attempt:
    """Make an attempt at what took 4 ms before."""
    change = Change(
        ratio=ratio, low=low, high=high, n=n, instrument=TIME, clock=Clock.CPU, base_value=4e-3, head_value=4e-3 * ratio
    )
    return Attempt(benchmark="text/dedupe[500]", change=change)


@pytest.mark.parametrize(
    ("attempt", "said", "clear"),
    [
        (tried(1 / 50, 0, float("inf"), 2), "text/dedupe[500]  4.00 ms -> 80.0 us, 50x faster (so far)", False),
        (tried(1 / 50, 1 / 52, 1 / 49, 4), "4.00 ms -> 80.0 us, 50x faster (49x .. 52x faster)", True),
        (tried(1 / 50, 1 / 80, 1 / 30, 4), "50x faster (30x .. 80x faster)", False),
        (tried(1.1, 1.08, 1.12, 4), "4.00 ms -> 4.40 ms, +10 % (+8.00 % .. +12 %)", True),
        (tried(1.001, 0.99, 1.015, 8), "+0.10 % (-1.00 % .. +1.50 %): no difference above 2 %", True),
        (tried(1.03, 0.97, 1.09, 24), "+3.00 % (-3.00 % .. +9.00 %): not sure", False),
    ],
)
def test_a_line_says_how_far_it_has_come(attempt: Attempt, said: str, clear: bool) -> None:  # noqa: FBT001
    """Both values, the change, and as soon as there is one the interval; it ends once more would say nothing more."""
    assert attempts_text([attempt]).plain.endswith(said)
    assert attempt.is_clear is clear


def test_colour_is_for_what_is_sure() -> None:
    """Two pairs, and an interval with both signs, have none; what is sure is green or red."""
    styles = [
        [str(span.style) for span in attempts_text([one]).spans]
        for one in (tried(0.5, 0.4, 0.6, 2), tried(0.5, 0.4, 0.6, 4), tried(2, 1.5, 3, 4), tried(1.1, 0.9, 1.3, 4))
    ]
    assert styles == [[], ["bold green"], ["bold red"], []]


def test_what_cannot_be_measured_says_on_which_side() -> None:
    """Nothing is invented for it, and what makes all of it doubtful is said once, for all."""
    broken = Attempt(benchmark="a", trouble=PairTrouble(head="failed: ValueError: \x1b[31m"), doubts=("odd",))
    assert broken.is_clear
    assert attempts_text([broken, broken]).plain == (
        "a  not measured: head: failed: ValueError: [31m\n" * 2 + "not to be believed: odd"
    )
    assert attempts_text([Attempt(benchmark="a")]).plain == "a  not measured: nothing came of it"
