"""The reference machine in targets.yaml: read, refused, and written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from hivegate.model.targets import AtSpeed, Holds, SpeedReference
from hivegate.targets import parse_targets
from hivegate.targets.reference_text import moved_limits, with_reference, with_scaled_limits

if TYPE_CHECKING:
    from collections.abc import Callable

READING = "{loop: 1, python: CPython 3.11, date: 2026-11-30, turn: 50 ns, between: [49 ns, 51 ns], passes: 20}"
FILE = """# limits
schema: 1

# ours
targets:
  - {benchmark: a, max: 10 us, metric: p50}  # a promise
  - {benchmark: b, min: "100 op/s", metric: throughput}
  - {benchmark: c, between: [1 ms, 2.5 ms]}
  - {benchmark: d, max: 5 us, speed: as measured}
  - {benchmark: e, max: 50 %, relative_to: a}
"""
HERE = SpeedReference(
    loop=1,
    python="CPython 3.11",
    turn=50e-9,
    low=49e-9,
    high=51e-9,
    passes=20,
    date=dt.date(2026, 11, 30),
    processor='An "odd" one: #5',
    where="",
)


def test_a_reading_is_read() -> None:
    """By the Python it is of."""
    found = parse_targets(f"schema: 1\nreference:\n  - {READING}\n", "t.yaml")
    assert found.reference_for("CPython", "3.11.7") is found.reference[0]
    assert found.reference[0].turn == pytest.approx(50e-9)
    assert found.reference_for("CPython", "3.12.0") is None
    assert found.reference_for("PyPy", "3.11.7") is None
    assert found.reference_for(None, None) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("loop: 1", "loop: 2", "reference[0].loop: is '2'; this hivegate has the loop 1"),
        ("CPython 3.11", "3.11", "reference[0].python: is '3.11'; expected an implementation and its minor version"),
        ("passes: 20", "passes: 9", "reference[0].passes: is 9; expected at least 10"),
        ("turn: 50 ns", "turn: 52 ns", "reference[0].between: does not contain the turn"),
        ("[49 ns, 51 ns]", "[49 ns]", "reference[0].between: is a list of 1; expected two bounds"),
        ("turn: 50 ns", "turn: 50 kB", "reference[0].turn: is '50 kB'; expected a time"),
        ("loop: 1, ", "", "reference[0]: missing key 'loop'"),
        (READING, f"{READING}\n  - {READING}", "reference[1]: repeats CPython 3.11, which t.yaml:3:5 has"),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(old: str, new: str, says: str, refusal: Callable[[str], str]) -> None:
    """With the key path and what would be right."""
    assert says in refusal(f"schema: 1\nreference:\n  - {READING}\n".replace(old, new))


def test_the_speed_is_chosen_for_all_for_a_tier_or_for_a_target() -> None:
    """The nearest wins."""
    entries = "targets:\n  - {benchmark: a, max: 1 s}\n  - {benchmark: b, max: 1 s, tier: nice}\n"
    own = "  - {benchmark: c, max: 1 s, speed: at reference}\n"

    def speeds(speed: str) -> list[AtSpeed]:
        return [each.speed for each in parse_targets(f"schema: 1\n{speed}{entries}{own}", "t.yaml").targets]

    assert speeds("") == [AtSpeed.REFERENCE] * 3
    assert speeds("speed: as measured\n") == [AtSpeed.MEASURED, AtSpeed.MEASURED, AtSpeed.REFERENCE]
    assert speeds("speed: {nice: as measured}\n") == [AtSpeed.REFERENCE, AtSpeed.MEASURED, AtSpeed.REFERENCE]


def test_a_speed_that_is_none_is_refused(refusal: Callable[[str], str]) -> None:
    """A word that is not known, and a tier that is not."""
    assert "speed: expected at reference or as measured" in refusal("schema: 1\nspeed: fast\n")
    assert "speed.never: unknown key" in refusal("schema: 1\nspeed: {never: as measured}\n")


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ("max: 1 s", Holds.TYPICALLY),
        ("max: 1 s, metric: max", Holds.EVERY_PASS),
        ("min: 1 s, metric: max", Holds.TYPICALLY),
        ("min: 1 s, metric: min", Holds.EVERY_PASS),
        ("max: 1 s, metric: min", Holds.TYPICALLY),
        ("max: 1 s, metric: max, holds: typically", Holds.TYPICALLY),
        ("min: 100, metric: worst_second, holds: in every pass", Holds.EVERY_PASS),
    ],
)
def test_a_promised_extreme_holds_in_every_pass(entry: str, holds: Holds) -> None:
    """And whatever else says that it does."""
    (found,) = parse_targets(f"schema: 1\ntargets:\n  - {{benchmark: a, {entry}}}\n", "t.yaml").targets
    assert found.holds is holds


def test_a_reading_is_written_before_the_targets_and_nothing_else_changes() -> None:
    """Comments stay where they stood; what was written is read as it was."""
    written = with_reference(FILE, "t.yaml", [HERE])
    assert written.replace(written[written.index("# The machine") : written.index("# ours")], "") == FILE
    (found,) = parse_targets(written, "t.yaml").reference
    assert (found.turn, found.low, found.high) == pytest.approx((HERE.turn, HERE.low, HERE.high))
    assert (found.python, found.processor, found.date, found.passes) == (HERE.python, HERE.processor, HERE.date, 20)


def test_a_reading_takes_the_place_of_the_one_before() -> None:
    """Twice written is once written; the comment that follows the block stays."""
    once = with_reference(FILE, "t.yaml", [HERE])
    assert with_reference(once, "t.yaml", [HERE]) == once
    assert with_reference("schema: 1", "t.yaml", [HERE]).startswith("schema: 1\n# The machine")


def test_limits_follow_the_machine_on_request() -> None:
    """Times by the factor, rates against it; ratios and what is held as measured stay, and so does all other text."""
    targets = parse_targets(FILE, "t.yaml")
    assert with_scaled_limits(targets, FILE, 2.0) == (
        FILE.replace("10 us", "20 us").replace("100 op/s", "50 op/s").replace("[1 ms, 2.5 ms]", "[2 ms, 5 ms]")
    )
    moved = [(each.benchmark, each.key, each.old, each.new) for each in moved_limits(targets, FILE, 2.0)]
    assert moved == [
        ("a", "max", "10 us", "20 us"),
        ("b", "min", "100 op/s", "50 op/s"),
        ("c", "between", "1 ms", "2 ms"),
        ("c", "between", "2.5 ms", "5 ms"),
    ]
