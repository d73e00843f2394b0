"""What whoever watches a comparison learns as soon as it is certain, and of the machine."""

from __future__ import annotations

from tests.measured import targets
from tests.replayed import Replayed

from hivegate.flows.compare.sequential import take_looks
from hivegate.judge import BudgetTable
from hivegate.model.events import Decided, Event, Noted
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.stats.pairs import share_of_others


def pairs(ratio: float, *, swings: float = 0.0, delay: float = 0.0) -> list[PairSample]:
    """Make the pairs of a benchmark of a millisecond; half of them swing, and others have the core for `delay`."""
    made = []
    for number in range(56):
        base = 1e-3
        head = base * ratio * (1 + swings * (1 if number % 2 else -1)) * (1 + 1e-4 * (number % 5))
        made.append(
            PairSample(
                calls=1,
                switches=0,
                base_wall=Doubles([base] * 2),
                head_wall=Doubles([head] * 2),
                base_cpu=Doubles([base * (1 - delay)] * 2),
                head_cpu=Doubles([head * (1 - delay)] * 2),
                base_delay=Doubles([base * delay] * 2),
                head_delay=Doubles([head * delay] * 2),
            )
        )
    return made


def watched(recorded: dict[str, list[PairSample]]) -> list[Event]:
    """Take all looks at what was recorded, under the default budget; returns what was told."""
    events: list[Event] = []
    known = BudgetTable(targets())
    take_looks(
        Replayed(recorded), {name: known.of(name) for name in recorded}, lambda: False, on_progress=events.append
    )
    return events


def test_what_is_certain_is_told_at_once_and_once() -> None:
    """Slower and faster with their figures, what passes without; what is never certain is never told."""
    events = watched({"slow": pairs(3), "quick": pairs(0.1), "same": pairs(1), "wild": pairs(1.02, swings=0.5)})
    decided = {one.what: one for one in events if isinstance(one, Decided)}
    assert {name: (one.outcome, one.failed) for name, one in decided.items()} == {
        "slow": ("slower", True),
        "quick": ("faster", False),
        "same": ("passed", False),
    }
    assert decided["slow"].text.startswith("3.0x slower (3.0x .. 3.0x slower)")
    assert decided["same"].text == ""
    assert len(events) == len(decided)  # nobody else was there


def test_a_busy_machine_is_told_of_once() -> None:
    """As the share of the measured time in which others had the core; where all is decided nobody needs to know."""
    wild = pairs(1.02, swings=0.5, delay=0.8)
    assert round(share_of_others({"wild": wild, "still": pairs(1)}), 2) == 0.4
    assert share_of_others({}) == 0.0
    notes = [one.message for one in watched({"wild": wild}) if isinstance(one, Noted)]
    assert notes == ["this machine is busy: others had the core 80 % of the time"]
    assert not [one for one in watched({"slow": pairs(3, delay=0.8)}) if isinstance(one, Noted)]
