"""Interleaving: a coordinator and two scripted sides on the real sockets."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from hivegate.measure.pairs.channel import PairChannel, SideLostError
from hivegate.measure.pairs.interleave import Interleaver, plan_rounds
from hivegate.measure.pairs.sharing import SharedMachine
from hivegate.model.change import Clock
from hivegate.model.pairs import PairSample, PairTrouble
from hivegate.stats.pairs import estimate_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Reply = dict[str, Any]
_NODE = "benches/bench_a.py::bench_a"
_EARLIER = "benches/bench_a.py::bench_earlier"


def timed(wall: int, **others: Any) -> Reply:  # noqa: ANN401  numbers, and lists of them
    """Answer a round of code that never waits."""
    known = {"wall": wall, "cpu": wall, "delay": 0, "switches": 0, "parallel": False, "singles": []}
    return {"event": "round", **known, **others}


def warmed(*, seconds: float = 1e-4, parallel: bool = False, lasting: bool = False, waits: bool = False) -> Reply:
    """Answer that the caches are warm, after one call that ran all the time or half of it."""
    wall = round(seconds * 1e9)
    clocks = {"wall": wall, "cpu": wall // 2 if waits else wall, "delay": 0, "switches": int(waits)}
    seen = {"parallel": parallel, "lasting": lasting, "calls": 1, **clocks}
    return {"event": "warm", "seconds": seconds, "cost": seconds, **seen}


class ScriptedSide(threading.Thread):
    """A side that begins, answers each command, and keeps what it was told."""

    def __init__(
        self, descriptor: int, seconds: float, answer: Callable[[Reply], Reply | None], begin: list[Reply]
    ) -> None:
        super().__init__(daemon=True)
        self.told: list[Reply] = []
        self._socket = socket.socket(fileno=descriptor)
        self._seconds = seconds
        self._answer = answer
        self._begin = begin
        self.start()

    def run(self) -> None:
        """Speak as a child does, until the coordinator hangs up."""
        with (
            contextlib.suppress(ConnectionError),
            self._socket,
            self._socket.makefile("r", encoding="utf-8") as commands,  # one file for both loses what is read ahead
            self._socket.makefile("w", encoding="utf-8") as channel,
        ):

            def say(message: Reply) -> None:
                about = {} if message["event"] == "ended" else {"node_id": _NODE}
                channel.write(json.dumps({**about, **message}) + "\n")
                channel.flush()

            say({"event": "started"})
            for event in self._begin:
                say(event)
            for line in commands:
                command = json.loads(line)
                self.told.append(command)
                reply = self._answer(command) or self._usual(command)
                if reply:
                    say(reply)

    def _usual(self, command: Reply) -> Reply | None:
        if command["do"] == "warm":
            return warmed(seconds=self._seconds)
        if command["do"] == "round":
            spent = round(command["calls"] * self._seconds * 1e9)
            return timed(spent, cpu=spent // 2, delay=spent // 4, switches=1)
        if command["do"] == "end":
            return {"event": "finished", "outcome": "measured", "detail": ""}
        return None


class Both:
    """Two sides and the coordinator between them."""

    def __init__(self) -> None:
        self._channel = PairChannel(("base", "head"))
        self._parent = os.dup(self._channel.descriptor("control"))
        self.sides: dict[str, ScriptedSide] = {}

    def measure(
        self,
        first: str = "base",
        *,
        once: bool = False,
        longest: float = 60.0,
        patience: float = 5,
        singles: int = 0,
        timers: dict[str, str] | None = None,
        late: list[Reply] | None = None,
        **answers: Callable[[Reply], Reply | None],
    ) -> PairSample | PairTrouble:
        """Measure one benchmark; head takes twice as long, and `answers` replaces what a side answers.

        `late` are events of an earlier benchmark, which head sends first.
        """
        for side, seconds in (("base", 1e-4), ("head", 2e-4)):
            descriptor = socket.dup(self._channel.descriptor(side))
            begin = {"event": "ready", "once": once, "timer": (timers or {}).get(side, "")}
            before = [{**event, "node_id": _EARLIER} for event in late or () if side == "head"]
            self.sides[side] = ScriptedSide(descriptor, seconds, answers.get(side, lambda _: None), [*before, begin])
        self._channel.handed_over()
        interleaver = Interleaver(
            self._channel, SharedMachine(), patience=patience, cores=(0, 1), first=first, longest=longest
        )
        interleaver.over(_EARLIER)
        self.interleaver = interleaver
        return interleaver.measure(_NODE, singles=singles)

    def close(self) -> None:
        """Hang up and wait for both."""
        self._channel.close()
        os.close(self._parent)
        for one in self.sides.values():
            one.join(5)

    def commands(self, side: str, do: str) -> list[Reply]:
        """List what a side was told to do."""
        return [one for one in self.sides[side].told if one["do"] == do]


@pytest.fixture
def both() -> Iterator[Both]:
    """Give a coordinator with two sides."""
    made = Both()
    yield made
    made.close()


def test_a_hundred_rounds_a_side_with_the_same_number_of_calls(both: Both) -> None:
    """A round of the faster side takes a millisecond; the other one calls as often, as long as rounds say little."""
    chance = random.Random(19)  # noqa: S311  a simulation

    def restless(command: Reply) -> Reply | None:
        return timed(round(1e6 * chance.uniform(0.8, 1.25))) if command["do"] == "round" else None

    sample = both.measure(base=restless)
    assert isinstance(sample, PairSample)
    assert sample.calls == 10
    assert (len(sample.base_wall), len(sample.head_wall)) == (100, 100)
    assert list(sample.head_wall) == pytest.approx([0.002] * 100)
    assert list(sample.head_cpu) == pytest.approx([0.001] * 100)
    assert sample.head_delay is not None
    assert list(sample.head_delay) == pytest.approx([0.0005] * 100)
    assert sample.switches == 100
    assert {one["calls"] for side in ("base", "head") for one in both.commands(side, "round")} == {10}


@pytest.mark.parametrize(
    ("seconds", "cost", "singles", "turns", "calls"),
    [
        (1e-7, 1e-7, 0, 200, 10_000),
        (5e-3, 5e-3, 0, 48, 1),
        (0.1, 0.1, 0, 8, 1),
        (0.5, 0.5, 0, 4, 1),
        (1e-6, 1e-3, 0, 200, 5),  # each call is set up anew, for a millisecond
        (0.0, 0.0, 0, 200, 1),  # a coarse clock
        (1e-7, 1e-7, 500, 200, 200),
        (1e-3, 1e-3, 500, 200, 5),
        (0.5, 0.5, 500, 4, 250),
    ],
)
def test_turns_are_short_and_fewer_where_calls_are_long(
    seconds: float, cost: float, singles: int, turns: int, calls: int
) -> None:
    """A quarter of a second for a pair, and never fewer than two rounds a side; single calls as many as are needed."""
    order, found = plan_rounds(seconds, cost, singles)
    assert (len(order), found) == (turns, calls)
    assert order.count("A") == order.count("B") == turns // 2
    assert singles <= found * turns // 2


def test_a_crowded_machine_gets_enough_rounds_and_no_more(both: Both) -> None:
    """Where handing over takes long, a pair is not to take minutes."""
    sample = both.measure(longest=0.0)
    assert isinstance(sample, PairSample)
    assert (len(sample.base_wall), len(sample.head_wall)) == (12, 12)


def test_rounds_that_agree_are_enough_when_there_are_a_few(both: Both) -> None:
    """Pairs differ by more than such rounds do, so the time goes into more pairs."""
    sample = both.measure()
    assert isinstance(sample, PairSample)
    assert (len(sample.base_wall), len(sample.head_wall)) == (24, 24)


class Counted:
    """Sides whose calls take 60 ms or more, and what was asked of both before the first answered."""

    def __init__(self, *, seconds: float = 0.06, waits_warm: bool = False, waits: bool = False) -> None:
        self._meeting = threading.Barrier(2)
        self._seconds = seconds
        self._warm = warmed(seconds=seconds, waits=waits_warm)
        self._waits = waits
        self.met = 0

    def answer(self, command: Reply) -> Reply | None:
        """Answer; a round only when the other side has one to make, too, or never comes."""
        if command["do"] == "warm":
            return self._warm
        if command["do"] != "round":
            return None
        try:
            self._meeting.wait(0.05)
            self.met += 1
        except threading.BrokenBarrierError:
            self._meeting.reset()
        spent = round(1e9 * self._seconds * command["calls"])
        return timed(2 * spent, cpu=spent // 2 if self._waits else spent, delay=spent, switches=int(self._waits))


def test_long_calls_are_made_at_the_same_time_on_one_core(both: Both) -> None:
    """Each side has a round to make before the other has ended its own; the wall time of both is no time of either."""
    sides = Counted()
    sample = both.measure(base=sides.answer, head=sides.answer)
    assert isinstance(sample, PairSample)
    assert (sample.together, sample.calls, len(sample.base_wall), sides.met) == (True, 1, 2, 4)
    assert [one["cores"] for one in both.commands("head", "pin")] == [[0]]
    change = estimate_change([sample, sample])
    assert change.clock is Clock.CPU
    assert change.base_value == pytest.approx(0.06)


def test_one_round_of_very_long_calls_is_enough(both: Both) -> None:
    """It holds hundreds of the scheduler's slices; more pairs tell more than more rounds."""
    sides = Counted(seconds=0.5)
    sample = both.measure(base=sides.answer, head=sides.answer)
    assert isinstance(sample, PairSample)
    assert (sample.together, sample.calls, len(sample.base_wall), len(sample.head_wall)) == (True, 1, 1, 1)


def test_what_is_barely_long_is_called_several_times_a_round(both: Both) -> None:
    """A round lasts for several of the scheduler's slices."""
    sides = Counted(seconds=0.006)
    sample = both.measure(base=sides.answer, head=sides.answer)
    assert isinstance(sample, PairSample)
    assert (sample.together, sample.calls) == (True, 3)


@pytest.mark.parametrize("noticed", ["in the pilot", "in the rounds"])
def test_what_waits_takes_turns(both: Both, noticed: str) -> None:
    """Whether it is noticed while warming up or later: rounds at the same time do not count then."""
    sides = Counted(waits_warm=noticed == "in the pilot", waits=True)
    sample = both.measure(base=sides.answer, head=sides.answer)
    assert isinstance(sample, PairSample)
    assert not sample.together
    assert (sides.met > 0) == (noticed == "in the rounds")
    assert (len(sample.base_wall), len(sample.head_wall)) == (4, 4)


def test_without_the_scheduler_s_word_long_calls_take_turns(both: Both) -> None:
    """What others took of a wall time could not be taken off."""

    def untold(command: Reply) -> Reply | None:
        return {**warmed(seconds=0.06), "delay": None} if command["do"] == "warm" else None

    sample = both.measure(base=untold, head=untold)
    assert isinstance(sample, PairSample)
    assert not sample.together


def test_a_raise_at_the_same_time_is_its_trouble(both: Both) -> None:
    """The other side's answer is taken, so that both are in step."""

    def failing(command: Reply) -> Reply | None:
        if command["do"] == "round":
            return {"event": "finished", "outcome": "failed", "detail": "boom"}
        return warmed(seconds=0.06) if command["do"] == "warm" else None

    assert both.measure(base=Counted().answer, head=failing) == PairTrouble(head="failed: boom")
    assert [one["do"] for one in both.sides["base"].told][-1] == "end"


def test_every_command_carries_the_benchmark(both: Both) -> None:
    """So neither side can answer for another benchmark."""
    both.measure()
    assert {one["node_id"] for side in both.sides.values() for one in side.told} == {_NODE}


@pytest.mark.parametrize("first", ["base", "head"])
def test_a_drift_of_the_machine_cancels(both: Both, first: str) -> None:
    """A machine that slows down linearly over the rounds favours neither side."""
    clock = iter(range(1000))
    lock = threading.Lock()

    def drifting(command: Reply) -> Reply | None:
        if command["do"] != "round":
            return None
        with lock:
            wall = 10**7 + 10**5 * next(clock)
        return timed(wall)

    sample = both.measure(first, base=drifting, head=drifting)
    assert isinstance(sample, PairSample)
    assert sum(sample.base_wall) == pytest.approx(sum(sample.head_wall), rel=1e-12)


def test_what_can_be_called_once_is_called_once(both: Both) -> None:
    """And it is not pinned: its only call may start threads."""
    sample = both.measure(once=True)
    assert isinstance(sample, PairSample)
    assert (sample.calls, len(sample.base_wall), len(sample.head_wall)) == (1, 1, 1)
    assert both.commands("base", "pin") == []


def threaded(cores: float, *, lasting: bool = False) -> Callable[[Reply], Reply | None]:
    """Answer as a side whose threads keep so many cores busy."""

    def answer(command: Reply) -> Reply | None:
        if command["do"] == "warm":
            return warmed(parallel=True, lasting=lasting)
        return {"event": "busy", "cores": cores} if command["do"] == "busy" else None

    return answer


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (threaded(1.9), threaded(1.9)),
        (threaded(0.9), threaded(1.9)),
        (threaded(0.9, lasting=True), threaded(0.9)),
    ],
)
def test_what_works_at_once_is_not_pinned_and_says_so(
    both: Both, base: Callable[[Reply], Reply | None], head: Callable[[Reply], Reply | None]
) -> None:
    """Threads that keep several cores busy on either side, and processes that outlive a call, of which nobody knows."""
    sample = both.measure(base=base, head=head)
    assert isinstance(sample, PairSample)
    assert (sample.parallel, sample.in_turn) == (True, False)
    assert both.commands("base", "pin") == both.commands("head", "pin") == []


def test_threads_that_take_turns_are_held_on_one_core_and_timed_together(both: Both) -> None:
    """Where which of them runs next, and where, is no chance any more."""
    sample = both.measure(base=threaded(0.9), head=threaded(0.9))
    assert isinstance(sample, PairSample)
    assert (sample.parallel, sample.in_turn) == (True, True)
    for side in ("base", "head"):
        assert [(one["cores"], one["threads"]) for one in both.commands(side, "pin")] == [([0], True)]


def test_what_starts_none_is_pinned_to_one_core(both: Both) -> None:
    """Both sides to the same one, after they were warmed up."""
    both.measure()
    for side in ("base", "head"):
        assert [one["do"] for one in both.sides[side].told[:2]] == ["warm", "pin"]
        assert [one["cores"] for one in both.commands(side, "pin")] == [[0]]


def raising(command: Reply) -> Reply | None:
    """Raise in the first call."""
    if command["do"] == "end":
        return None
    return {"event": "finished", "outcome": "failed", "detail": "boom"} if command["do"] != "pin" else None


def test_a_raise_on_one_side_is_its_trouble(both: Both) -> None:
    """The other side ends its test, and is well."""
    assert both.measure(head=raising) == PairTrouble(head="failed: boom")
    assert [one["do"] for one in both.sides["base"].told][-1] == "end"


def test_a_raise_on_both_sides_is_known_of_both(both: Both) -> None:
    """Else a benchmark that is broken everywhere would look broken on the side that is asked first."""
    assert both.measure(base=raising, head=raising) == PairTrouble(base="failed: boom", head="failed: boom")


def test_a_raise_of_the_only_call_is_known_of_both(both: Both) -> None:
    """What may be called once is not warmed up; the side that was not asked yet is asked."""
    found = both.measure(once=True, base=raising, head=raising)
    assert found == PairTrouble(base="failed: boom", head="failed: boom")
    assert both.commands("base", "warm") == []


@pytest.mark.parametrize(
    ("left", "singles", "turns", "calls"),
    [
        (50, 0, 24, 4),  # rounds of several calls tell more than many of one
        (3, 0, 6, 1),
        (1, 0, 2, 1),
        (10**6, 0, 200, 200),
        (600, 500, 200, 6),
        (500, 500, 200, 5),
    ],
)
def test_no_more_calls_than_the_author_allows(left: int, singles: int, turns: int, calls: int) -> None:
    """What pedantic's rounds use up is divided among as many turns; single calls are all there, or none."""
    order, found = plan_rounds(5e-6, 5e-6, singles, left)
    assert (len(order), found) == (turns, calls)
    assert singles <= found * turns // 2 <= left
    assert order.count("A") == order.count("B")


def test_a_percentile_of_fewer_calls_than_it_needs_is_invalid(both: Both) -> None:
    """It is not computed from what there is: the verdict says what it needs."""

    def limited(command: Reply) -> Reply | None:
        return {**warmed(), "left": 100} if command["do"] == "warm" else None

    found = both.measure(singles=500, base=limited, head=limited)
    assert isinstance(found, PairTrouble)
    assert found.head.startswith("invalid: a percentile needs 500 single calls in each pair")
    assert "leaves 100: give it setup=" in found.head


def test_sides_with_unlike_timers_are_not_compared(both: Both) -> None:
    """Seconds of a device and of this processor have no ratio; nobody is called."""
    found = both.measure(timers={"head": "device.Clock"})
    assert found == PairTrouble(
        head="invalid: base is timed by the default timer and head by device.Clock, so they cannot be compared"
    )
    assert both.commands("base", "warm") == []


def test_the_suites_own_timer_decides(both: Both) -> None:
    """No processor time corrects what counts something else."""
    sample = both.measure(timers={"base": "device.Clock", "head": "device.Clock"})
    assert isinstance(sample, PairSample)
    assert sample.timer == "device.Clock"
    change = estimate_change([sample, sample])
    assert change.clock is Clock.TIMER
    assert change.ratio == pytest.approx(2)


def test_what_is_left_of_an_earlier_benchmark_costs_nobody(both: Both) -> None:
    """A plugin may have run it again: its events are passed over, and the next one begins in step."""

    def ending(command: Reply) -> Reply | None:
        again = {"event": "finished", "outcome": "failed", "detail": "x", "node_id": _EARLIER}
        return again if command["node_id"] == _EARLIER else None

    sample = both.measure(
        late=[{"event": "finished", "outcome": "failed", "detail": "x"}, {"event": "ready", "once": False}],
        head=ending,
    )
    assert isinstance(sample, PairSample)
    assert both.sides["head"].told[0] == {"do": "end", "node_id": _EARLIER}


def test_a_sign_of_life_is_no_answer(both: Both) -> None:
    """It puts the deadline off, and the answer follows."""
    sample = both.measure(late=[{"event": "alive"}])
    assert isinstance(sample, PairSample)


def test_an_answer_for_another_benchmark_ends_the_pair(both: Both) -> None:
    """Sides that walk out of step would compare unlike benchmarks."""

    def shifted(command: Reply) -> Reply | None:
        if command["do"] == "round":
            return {**timed(1), "node_id": "other"}
        return None

    with pytest.raises(SideLostError, match="answered for other instead of") as caught:
        both.measure(head=shifted)
    assert caught.value.side == "head"


@pytest.mark.parametrize("stage", ["warm", "round", "end"])
@pytest.mark.parametrize("hang", [{"base", "head"}, {"base"}], ids=["both", "base"])
def test_a_hang_is_told_of_each_side_that_hangs(both: Both, stage: str, hang: set[str]) -> None:
    """Where one side hangs the other one is asked for the same, once: it is not blamed, nor acquitted, unasked."""

    def hanging(command: Reply) -> Reply | None:
        return {"event": "alive"} if command["do"] == stage else None

    with pytest.raises(SideLostError, match=r"ended for 0\.3 s") as caught:
        both.measure(patience=0.3, base=hanging, head=hanging if "head" in hang else lambda _: None)
    assert caught.value.side == "base"
    assert both.interleaver.is_silent_too("head", "base") == ("head" in hang)
    assert len(both.commands("head", stage)) == 1


def test_a_session_that_ends_in_a_turn_is_lost(both: Both) -> None:
    """pytest.exit() in a benchmark says why there is no answer."""

    def leaving(command: Reply) -> Reply | None:
        return {"event": "ended", "exit_status": 2} if command["do"] == "warm" else None

    with pytest.raises(SideLostError, match="pytest ended early"):
        both.measure(base=leaving)
