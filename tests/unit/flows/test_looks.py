"""When a comparison looks, when it stops, and which pairs confirm: the protocol as it is declared."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.instruments import METRICS
from hivegate.model.events import Noted
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS
from hivegate.model.targets import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hivegate.model.change import Change
    from hivegate.model.events import Event

CALLS = 5
BASE = 0.01  # seconds of a round: 2 ms a call


def pair(ratio: float, singles: float = 1.0) -> PairSample:
    """Make a pair that never waits, whose head takes `ratio` of base, and its single calls `singles`."""
    base, head = Doubles([BASE] * 12), Doubles([BASE * ratio] * 12)
    return PairSample(
        calls=CALLS,
        switches=0,
        base_wall=base,
        head_wall=head,
        base_cpu=base,
        head_cpu=head,
        base_singles=Doubles([1e-3] * 200),
        head_singles=Doubles([1e-3 * singles] * 200),
    )


SAME = (1.0001, 0.9999)
WILD = (0.7, 1.4)  # no look answers it
SLOWER = (1.1501, 1.1499)


class Source:
    """A source of pairs that repeats given ratios, and keeps what it was asked for: ids, pairs and whether they count.

    `fresh` are the ratios of pairs that do not count, where those differ.
    """

    def __init__(self, ratios: dict[str, Iterable[float]], fresh: dict[str, Iterable[float]] | None = None) -> None:
        self.asked: list[tuple[frozenset[str], int, bool]] = []
        self.samples: dict[str, list[PairSample]] = {name: [] for name in ratios}
        self.troubles: set[str] = set()
        self._next: dict[str, Iterator[float]] = {name: itertools.cycle(given) for name, given in ratios.items()}
        self._fresh = {name: itertools.cycle(given) for name, given in (fresh or {}).items()}

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> dict[str, Sequence[PairSample]]:
        """Give the next pairs of each."""
        del overdue
        self.asked.append((frozenset(ids), pairs, keep))
        source = self._next if keep else {**self._next, **self._fresh}
        added = {name: [pair(next(source[name])) for _ in range(pairs)] for name in ids - self.troubles}
        for name, fresh in added.items() if keep else ():
            self.samples[name] += fresh
        return {name: added.get(name, []) for name in ids}


def budgets(*names: str, budget: float = 0.02, floor: float = 0.0, metric: str = "mean") -> dict[str, Budget]:
    """Allow each of the names the same slowdown."""
    return {
        name: Budget(benchmark=name, slowdown=budget, noise_floor=floor, metric=METRICS[metric], where="")
        for name in names
    }


def never() -> bool:
    """Have all the time there is."""
    return False


def test_looks_are_at_the_declared_numbers_of_pairs() -> None:
    """At 4, 6, 8 and so on up to 48 pairs in all: what no look answers has 48, and no look has more."""
    source = Source({"wild": WILD})
    changes = take_looks(source, budgets("wild"), never)
    assert tuple(itertools.accumulate(pairs for _, pairs, _ in source.asked)) == LOOKS
    assert len(source.samples["wild"]) == LOOKS[-1] == 48
    assert changes["wild"].n == 48
    assert all(keep for _, _, keep in source.asked)


def test_what_is_answered_is_not_measured_on() -> None:
    """Equal code is answered at the first look; only what is still open gets more pairs."""
    source = Source({"same": SAME, "slower": SLOWER, "wild": WILD})
    changes = take_looks(source, budgets("same", "slower", "wild"), never)
    assert [ids for ids, _, _ in source.asked] == [frozenset({"same", "slower", "wild"}), *[frozenset({"wild"})] * 7]
    assert {name: change.n for name, change in changes.items()} == {"same": 4, "slower": 4, "wild": 48}
    assert changes["slower"].low > 1.02 > changes["same"].high


def test_each_budget_is_its_own() -> None:
    """A slowdown of 15 % is beyond 2 %, within 20 %, and open for 15 %."""
    source = Source({"strict": SLOWER, "lax": SLOWER, "open": SLOWER})
    given = budgets("strict") | budgets("lax", budget=0.2) | budgets("open", budget=0.15)
    changes = take_looks(source, given, never)
    assert {name: change.n for name, change in changes.items()} == {"strict": 4, "lax": 4, "open": 48}


def test_time_that_is_over_ends_after_a_look() -> None:
    """What was measured by then is estimated; nothing more is begun."""
    source = Source({"wild": WILD})
    assert take_looks(source, budgets("wild"), lambda: True)["wild"].n == LOOKS[0]
    assert len(source.asked) == 1


def test_what_is_in_trouble_is_not_measured_on() -> None:
    """A benchmark that cannot be measured has no change, and the others go on without it."""
    source = Source({"broken": WILD, "wild": WILD})
    source.troubles.add("broken")
    assert take_looks(source, budgets("broken", "wild"), never).keys() == {"wild"}
    assert [ids for ids, _, _ in source.asked[1:]] == [frozenset({"wild"})] * 7


def changed(source: Source, given: dict[str, Budget]) -> dict[str, Change]:
    """Take the looks, and forget what was asked for them."""
    changes = take_looks(source, given, never)
    source.asked.clear()
    return changes


@pytest.mark.parametrize(("fresh", "confirmed"), [(SLOWER, True), (SAME, False), ((1.3, 1.0, 1.0), False)])
def test_fresh_pairs_alone_confirm(fresh: tuple[float, ...], confirmed: bool) -> None:  # noqa: FBT001  a parameter
    """A slowdown that the looks showed stands or falls with eight more pairs, by their median, and with no others."""
    source = Source({"a": SLOWER, "same": SAME}, {"a": fresh})
    given = budgets("a", "same")
    changes = changed(source, given)
    before = len(source.samples["a"])
    told: list[Event] = []
    assert confirm(changes, source, given, told.append) == {"a": confirmed}
    assert source.asked == [(frozenset({"a"}), CONFIRMING_PAIRS, False)]
    assert len(source.samples["a"]) == before
    (note,) = told
    assert isinstance(note, Noted)
    assert note.message == "asking 8 fresh pairs about what seems slower: a"


def test_nothing_slower_asks_for_nothing() -> None:
    """Equal, faster and open benchmarks need no confirmation, and neither does one in trouble."""
    source = Source({"same": SAME, "faster": (0.8, 0.8001), "wild": WILD, "broken": SLOWER})
    given = budgets("same", "faster", "wild", "broken")
    changes = changed(source, given)
    source.troubles.add("broken")
    told: list[Event] = []
    assert confirm(changes, source, given, told.append) == {}
    assert (source.asked, told) == ([], [])


def test_a_confirmation_keeps_to_the_noise_floor() -> None:
    """A floor of 0.2 ms allows 2 ms ten percent: fresh pairs must show more than that, not more than the budget."""
    source = Source({"a": SLOWER, "b": SLOWER}, {"a": (1.05, 1.06), "b": (1.12, 1.13)})
    given = budgets("a", "b", floor=2e-4)
    assert confirm(changed(source, given), source, given, lambda _: None) == {"a": False, "b": True}


def test_a_percentile_is_looked_at_and_confirmed_by_single_calls() -> None:
    """The rounds of both sides are alike; only the calls that were timed one by one are slower."""

    class Calls(Source):
        def measure(
            self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
        ) -> dict[str, Sequence[PairSample]]:
            del overdue
            added = {name: [pair(1.0, singles=1.5)] * pairs for name in ids}
            for name in ids if keep else ():
                self.samples[name] += added[name]
            return dict(added)

    for metric, expected in (("p99", {"a": True}), ("mean", {})):
        source, given = Calls({"a": SAME}), budgets("a", metric=metric)
        changes = take_looks(source, given, never)
        assert changes["a"].ratio == pytest.approx(1.5 if expected else 1.0)
        assert confirm(changes, source, given, lambda _: None) == expected
