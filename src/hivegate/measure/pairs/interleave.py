"""How the coordinator measures one benchmark in a pair: both sides take turns, or call at the same time on one core."""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from hivegate.measure.pairs.channel import PairChannel, SideLostError
from hivegate.measure.pairs.checkout import SIDES
from hivegate.measure.worker_run import silent_for
from hivegate.model.pairs import INVALID, PairSample, PairTrouble, describe_trouble
from hivegate.model.protocol import (
    BenchmarkCommand,
    BenchmarkEnd,
    BenchmarkReady,
    BusyCommand,
    BusyCores,
    EndCommand,
    Event,
    LoadedProject,
    PinCommand,
    RoundCommand,
    RoundTimes,
    SessionAbort,
    SessionEnd,
    SignOfLife,
    WarmCommand,
    WarmUp,
    WrongTreeModules,
)
from hivegate.model.run import Doubles
from hivegate.stats.pairs import never_waits, pair_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.measure.pairs.sharing import SharedMachine

# Signs of life, and what is told of a session that ends.
_PASSED_OVER = (SignOfLife, LoadedProject, WrongTreeModules)
EventT = TypeVar("EventT", BusyCores, RoundTimes, WarmUp)

# Short turns: what disturbs a machine for longer falls on both sides alike (docs/explanation/statistics.md). A drift
# cancels within every eight turns, and within the first four.
_ORDER = "ABBABAAB"
_FEWEST_TURNS = 4
_MOST_TURNS = 200
_TURN = 0.001  # seconds of calls
_LONGEST_TURN = 0.005  # seconds of calls and of what sets them up
_TURNS = 0.240  # seconds of all turns of one benchmark in a pair
_LONGEST = 0.4  # seconds, where handing over takes longer than a turn: the machine is contended
_ENOUGH_TURNS = 24
_STEADY_TURNS = 48
_STEADY = 0.006  # error of a pair's log ratio from its rounds; pairs differ by as much for their layouts alone
# Long calls: the machine's speed changes between two turns of theirs, but not between two slices of the scheduler.
_LONG = 0.005  # seconds of a call
_TOGETHER = 0.020  # seconds of a round that both sides make at the same time
_IN_TURN = 1.1  # cores that threads keep busy which take turns, at most
_PATIENCE = 1.5  # seconds of eight turns, where calls are long; beyond, there are four
_GRACE = 1.0  # seconds for what has had its time already
_MOST_SINGLES = 200  # calls of a turn that are timed one by one, where no more are needed


class Interleaver:
    """Measure one benchmark after the other, in the order in which both children run them.

    A side may be silent for `patience` seconds; after `longest`, no more than enough turns are taken. Others that
    measure on the same `machine` do so on other cores; what needs more than one core is measured alone.
    """

    def __init__(
        self,
        channel: PairChannel,
        machine: SharedMachine,
        *,
        patience: float,
        cores: tuple[int, ...],
        first: str,
        longest: float = _LONGEST,
    ) -> None:
        self._channel = channel
        self._machine = machine
        self._longest = longest
        self._patience = patience
        self._cores = cores
        self._called: set[str] = set()
        self._owing: set[str] = set()  # sides that have not answered yet
        self._last: dict[str, BenchmarkCommand] = {}
        self._done: set[str] = set()
        self.notes: tuple[str, ...] = ()
        self.further = 0
        self._sides = {"A": first, "B": "head" if first == "base" else "base"}

    def measure(self, node_id: str, *, singles: int = 0) -> PairSample | PairTrouble:
        """Take turns at one benchmark; raises `SideLostError` when a child does not survive it.

        `singles` are the calls of a side that are to be timed one by one, at least; none: rounds are timed.
        """
        with self._machine.measuring():
            return self._measure(node_id, singles)

    def _measure(self, node_id: str, singles: int) -> PairSample | PairTrouble:
        self._called.clear()
        self._owing = set(SIDES)
        self._last.clear()
        begun = {side: self._begin(side, node_id) for side in SIDES}
        ends = {side: event for side, event in begun.items() if isinstance(event, BenchmarkEnd)}
        ready = {side: event for side, event in begun.items() if isinstance(event, BenchmarkReady)}
        sample: PairSample | None = None
        unequal = _unequal_timers(ready) if not ends else ""
        if not ends and not unequal:
            try:
                sample = self._sample(node_id, singles, once=ready["base"].once, timer=ready["base"].timer)
            except _ShortError as short:
                unequal = str(short)
            except _RaisedError as raised:
                ends |= raised.ends
                self._try_others(node_id, ends)
        for side in SIDES:
            if side not in ends:
                self._command(side, EndCommand(node_id=node_id))
                ends[side] = self._end(side, node_id)
        self.notes, self.further = ends["head"].notes, ends["head"].further
        trouble = PairTrouble(**{side: describe_trouble([ends[side]]) for side in SIDES})
        if unequal and not (trouble.base or trouble.head):
            return PairTrouble(head=f"{INVALID}: {unequal}")
        if trouble.base or trouble.head or sample is None:
            return trouble
        declared = any(end.extra_info.get("parallelism") for end in ends.values())
        external = any(end.extra_info.get("subject") == "external" for end in ends.values())
        return structs.replace(sample, parallel=sample.parallel or declared, external=external)

    def over(self, node_id: str) -> None:
        """Say that a benchmark is over: what a side still reports of it is passed over."""
        self._done.add(node_id)

    def is_silent_too(self, side: str, lost: str) -> bool:
        """Find out whether a side hangs where the lost one does, by what that was asked for last.

        One that was asked at the same time has had its time.
        """
        patience = _GRACE
        if side not in self._owing and lost in self._last:
            self._command(side, self._last[lost])
            patience = self._patience
        try:
            if side in self._owing:
                self._receive(side, patience)
        except SideLostError as loss:
            return loss.message == silent_for(patience)
        return False

    def _begin(self, side: str, node_id: str) -> BenchmarkReady | BenchmarkEnd:
        while not isinstance(event := self._receive(side), BenchmarkReady | BenchmarkEnd):
            pass
        self._owing.discard(side)
        _refuse_other(side, event, node_id)
        return event

    def _end(self, side: str, node_id: str) -> BenchmarkEnd:
        while not isinstance(event := self._receive(side), BenchmarkEnd):
            pass
        self._owing.discard(side)
        _refuse_other(side, event, node_id)
        return event

    def _receive(self, side: str, patience: float | None = None) -> Event:
        """Wait for the next event that says anything: signs of life and what is over cost nobody anything."""
        why = ""
        while True:
            event = self._channel.receive(side, self._patience if patience is None else patience)
            if isinstance(event, SessionEnd):
                raise SideLostError(side, f"pytest ended early{why}")
            if isinstance(event, SessionAbort):
                why = f": {event.why}"
            elif isinstance(event, BenchmarkReady) and event.node_id in self._done:
                self._channel.send(side, EndCommand(node_id=event.node_id))
            elif not (isinstance(event, _PASSED_OVER) or getattr(event, "node_id", None) in self._done):
                return event

    def _try_others(self, node_id: str, ends: dict[str, BenchmarkEnd]) -> None:
        """Learn whether a side that was not called yet fails as the first one did."""
        for side in SIDES:
            if side not in self._called:
                try:
                    self._ask(side, RoundCommand(node_id=node_id, calls=1), RoundTimes)
                except _RaisedError as raised:
                    ends |= raised.ends

    def _sample(self, node_id: str, singles: int, *, once: bool, timer: str) -> PairSample:
        # Not pinned yet: threads and processes that a first call starts would stay on that one core.
        warm = [] if once else self._warm_up(WarmCommand(node_id=node_id))
        parallel = any(side.parallel for side in warm)
        # A wall clock and threads need the other cores, too.
        alone = parallel or once or singles or timer
        with self._machine.alone() if alone else contextlib.nullcontext():
            return self._rounds(node_id, singles, warm, parallel=parallel, timer=timer)

    def _warm_up(self, command: WarmCommand) -> list[WarmUp]:
        """Let the sides warm up, at once where they may: nothing is timed yet."""
        if self._machine.shared:
            return list(self._both(command, WarmUp).values())
        return [self._ask(side, command, WarmUp) for side in SIDES]

    def _rounds(self, node_id: str, singles: int, warm: list[WarmUp], *, parallel: bool, timer: str) -> PairSample:
        left = min((side.left for side in warm if side.left is not None), default=None)
        if not warm:
            if singles > 1:
                raise _ShortError(singles, 1)
            command = RoundCommand(node_id=node_id, calls=1, singly=singles > 0)
            return _sample_of(command, self._turns(command, "AB"), parallel=False, timer=timer)
        seconds, cost = min(side.seconds for side in warm), min(side.cost for side in warm)
        turns, calls = plan_rounds(seconds, cost, singles, left)
        command = RoundCommand(node_id=node_id, calls=calls, singly=singles > 0)
        # To find out takes calls, too.
        in_turn = parallel and left is None and not any(side.lasting for side in warm) and self._in_turn(node_id, calls)
        if in_turn or not parallel:
            self._pin(node_id, self._cores[:1], threads=in_turn)
        alike = self._machine.shared and left is None and not (parallel or timer or singles)
        if alike and seconds >= _LONG and _runs_through(warm):
            sample = self._together(node_id, cost)
            if never_waits(sample):
                return sample
        rounds = self._turns(command, turns)
        return _sample_of(command, rounds, parallel=parallel, in_turn=in_turn, timer=timer)

    def _turns(self, command: RoundCommand, turns: str) -> dict[str, list[RoundTimes]]:
        """Let the sides take turns: all of them, or fewer where those say enough or take too long."""
        rounds: dict[str, list[RoundTimes]] = {side: [] for side in SIDES}
        end = time.monotonic() + self._longest
        for number, turn in enumerate(turns):
            if (
                number >= _ENOUGH_TURNS
                and number % len(_ORDER) == 0
                and not command.singly
                and (time.monotonic() > end or (number >= _STEADY_TURNS and _is_steady(rounds)))
            ):
                break
            side = self._sides[turn]
            rounds[side].append(self._ask(side, command, RoundTimes))
        return rounds

    def _together(self, node_id: str, cost: float) -> PairSample:
        """Let both sides call at the same time on one core, where the scheduler gives each a slice in turn.

        Each is judged by its own processor time. Whatever the machine's speed does, it does to both.
        """
        calls = max(1, round(_TOGETHER / cost))
        number = max(1, round(_TURNS / 2 / (calls * cost)))
        command = RoundCommand(node_id=node_id, calls=calls)
        rounds: dict[str, list[RoundTimes]] = {side: [] for side in SIDES}
        end = time.monotonic() + self._longest
        for begun in range(number):
            if begun and time.monotonic() > end:
                break
            order = "AB" if begun % 2 == 0 else "BA"
            for side, times in self._both(command, RoundTimes, order).items():
                rounds[side].append(times)
        return _sample_of(command, rounds, together=True)

    def _in_turn(self, node_id: str, calls: int) -> bool:
        """Find out whether threads take turns on both sides, as at the interpreter's lock, or calls wait for processes.

        Such work gains nothing from more cores, and is far steadier on one: which of them runs next, and where, is no
        chance then. One side after the other, for they must have the cores to themselves.
        """
        command = BusyCommand(node_id=node_id, calls=calls)
        return all(self._ask(side, command, BusyCores).cores <= _IN_TURN for side in SIDES)

    def _pin(self, node_id: str, cores: tuple[int, ...], *, threads: bool) -> None:
        for side in SIDES:
            self._channel.send(side, PinCommand(node_id=node_id, cores=cores, threads=threads))

    def _both(self, command: BenchmarkCommand, expected: type[EventT], order: str = "AB") -> dict[str, EventT]:
        """Command both sides at the same time, and wait for both."""
        sides = [self._sides[one] for one in order]
        for side in sides:
            self._command(side, command)
        answers = {side: self._answer(side, command.node_id) for side in sides}
        if raised := {side: event for side, event in answers.items() if isinstance(event, BenchmarkEnd)}:
            raise _RaisedError(raised)
        return {side: _expected(side, event, expected) for side, event in answers.items()}

    def _ask(self, side: str, command: BenchmarkCommand, expected: type[EventT]) -> EventT:
        self._command(side, command)
        event = self._answer(side, command.node_id)
        if isinstance(event, BenchmarkEnd):
            raise _RaisedError({side: event})
        return _expected(side, event, expected)

    def _command(self, side: str, command: BenchmarkCommand) -> None:
        self._called.add(side)
        self._owing.add(side)
        self._last[side] = command
        self._channel.send(side, command)

    def _answer(self, side: str, node_id: str) -> Event:
        event = self._receive(side)
        self._owing.discard(side)
        _refuse_other(side, event, node_id)
        return event


class _RaisedError(Exception):
    """A benchmark raised in the middle of a turn; how its test ended, by side."""

    def __init__(self, ends: dict[str, BenchmarkEnd]) -> None:
        super().__init__(*ends)
        self.ends = ends


class _ShortError(Exception):
    """A benchmark whose author lets it be called too seldom."""

    def __init__(self, singles: int, left: int) -> None:
        super().__init__(
            f"a percentile needs {singles} single calls in each pair, and its pedantic(rounds=..., iterations=...) "
            f"leaves {left}: give it setup=, which prepares each call, or more rounds"
        )


def _unequal_timers(ready: Mapping[str, BenchmarkReady]) -> str:
    """Say that two sides count by unlike clocks, whose ratio says nothing; "" where they do not."""
    base, head = (ready[side].timer or "the default timer" for side in SIDES)
    return "" if base == head else f"base is timed by {base} and head by {head}, so they cannot be compared"


def plan_rounds(seconds: float, cost: float, singles: int, left: int | None = None) -> tuple[str, int]:
    """Choose the turns and the calls of each round, from the seconds of a call, alone and with its set-up.

    Long calls get fewer turns, at least two a side: more pairs tell more than more turns. `singles` are the single
    calls that a side needs at least, and `left` are those that it can make. Raises `_ShortError` where that is less.
    """
    if left is not None and singles > left:
        raise _ShortError(singles, left)
    eights = int(min(_TURNS / max(_TURN, cost), _MOST_TURNS) / len(_ORDER)) or int(len(_ORDER) * cost <= _PATIENCE)
    order = _ORDER * eights or _ORDER[:_FEWEST_TURNS]
    calls = max(1, round(min(_TURN / seconds, _LONGEST_TURN / cost))) if seconds > 0 else 1
    if singles:
        calls = max(min(calls, _MOST_SINGLES), math.ceil(2 * singles / len(order)))
    if left is not None and calls * len(order) > 2 * left:
        calls = max(1, 2 * left // len(order) if singles else min(calls, 2 * left // _ENOUGH_TURNS))
        order = order[: 2 * (left // calls)]
    return order, calls


def _sample_of(
    command: RoundCommand,
    rounds: Mapping[str, Sequence[RoundTimes]],
    *,
    parallel: bool = False,
    in_turn: bool = False,
    together: bool = False,
    timer: str = "",
) -> PairSample:
    base, head = rounds["base"], rounds["head"]
    switches = [times.switches for times in (*base, *head) if times.switches is not None]
    return PairSample(
        calls=command.calls,
        timer=timer,
        switches=sum(switches) if len(switches) == len(base) + len(head) else None,
        parallel=parallel or any(times.parallel for times in (*base, *head)),
        in_turn=in_turn,
        together=together,
        base_wall=_seconds([times.wall for times in base]),
        head_wall=_seconds([times.wall for times in head]),
        base_cpu=_seconds([times.cpu for times in base]),
        head_cpu=_seconds([times.cpu for times in head]),
        base_delay=_delays(base),
        head_delay=_delays(head),
        base_singles=_seconds([single for times in base for single in times.singles]),
        head_singles=_seconds([single for times in head for single in times.singles]),
    )


def _runs_through(warm: Sequence[WarmUp]) -> bool:
    """Tell whether both sides ran all the time while they warmed up; only where the system tells what others took."""
    base, head = warm
    pilot = PairSample(
        calls=min(base.calls, head.calls),
        switches=None if base.switches is None or head.switches is None else base.switches + head.switches,
        base_wall=_seconds([base.wall]),
        head_wall=_seconds([head.wall]),
        base_cpu=_seconds([base.cpu]),
        head_cpu=_seconds([head.cpu]),
        base_delay=_delays([base]),
        head_delay=_delays([head]),
    )
    return pilot.base_delay is not None and pilot.head_delay is not None and never_waits(pilot)


def _is_steady(rounds: Mapping[str, Sequence[RoundTimes]]) -> bool:
    """Tell whether more rounds would say little more than those of a pair do."""
    return pair_error(*([_own(times) for times in rounds[side]] for side in SIDES)) <= _STEADY


def _own(times: RoundTimes) -> int:
    """Compute the ns of a round without those in which others ran, as far as that is known."""
    known = times.delay is not None and not times.parallel
    return max(times.wall - (times.delay or 0), times.cpu, 1) if known else times.wall


def _seconds(times: Sequence[int]) -> Doubles:
    return Doubles(nanoseconds * 1e-9 for nanoseconds in times)


def _delays(rounds: Sequence[RoundTimes | WarmUp]) -> Doubles | None:
    """Return the delays of rounds, in seconds; where one round does not know its own, none does."""
    delays = [times.delay for times in rounds if times.delay is not None]
    return _seconds(delays) if len(delays) == len(rounds) else None


def _expected(side: str, event: Event, kind: type[EventT]) -> EventT:
    if not isinstance(event, kind):
        raise SideLostError(side, f"answered with {type(event).__name__} where {kind.__name__} was asked for")
    return event


def _refuse_other(side: str, event: Event, node_id: str) -> None:
    answered = getattr(event, "node_id", None)
    if answered != node_id:
        raise SideLostError(side, f"answered for {answered} instead of {node_id}")
