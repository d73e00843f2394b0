"""Turns: how the coordinator measures one benchmark in a pair."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from hivegate.measure.pairs.channel import SideLostError, Talk
from hivegate.model.pairs import PairSample, PairTrouble
from hivegate.model.run import Doubles

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDES = ("base", "head")
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
_IN_TURN = 1.1  # cores that threads keep busy which take turns, at most
_PATIENCE = 1.5  # seconds of eight turns, where calls are long; beyond, there are four
_MOST_SINGLES = 200  # calls of a turn that are timed one by one, where no more are needed


class Turns:
    """Measure one benchmark after the other, in the order in which both children walk them.

    A side may be silent for `patience` seconds; after `longest`, no more than enough turns are taken.
    """

    def __init__(
        self, talk: Talk, *, patience: float, cores: tuple[int, ...], first: str, longest: float = _LONGEST
    ) -> None:
        self._talk = talk
        self._longest = longest
        self._patience = patience
        self._cores = cores
        self._called: set[str] = set()
        self._sides = {"A": first, "B": "head" if first == "base" else "base"}

    def measure(self, node_id: str, *, singles: int = 0) -> PairSample | PairTrouble:
        """Take turns at one benchmark; raises `SideLostError` when a child does not survive it.

        `singles` are the calls of a side that are to be timed one by one, at least; none: rounds are timed.
        """
        self._called.clear()
        begun = {side: self._until(side, {"ready", "finished"}, node_id) for side in SIDES}
        finished = {side: message for side, message in begun.items() if message["event"] == "finished"}
        rounds: dict[str, Any] | None = None
        if not finished:
            try:
                rounds = self._rounds(node_id, singles, once=bool(begun["base"]["once"]))
            except _RaisedError as raised:
                finished |= raised.finished
                self._try_others(node_id, finished)
        for side in SIDES:
            if side not in finished:
                self._talk.send(side, do="end", node_id=node_id)
                finished[side] = self._until(side, {"finished"}, node_id)
        trouble = {side: _trouble(finished[side]) for side in SIDES}
        if any(trouble.values()) or rounds is None:
            return PairTrouble(**trouble)
        declared = any(one.get("extra_info", {}).get("parallelism") for one in finished.values())
        return PairSample(**{**rounds, "parallel": rounds["parallel"] or declared})

    def _until(self, side: str, events: set[str], node_id: str) -> dict[str, Any]:
        while True:
            message = self._receive(side)
            if message["event"] in events:
                _refuse_other(side, message, node_id)
                return message

    def _receive(self, side: str) -> dict[str, Any]:
        message, why = self._talk.receive(side, self._patience), ""
        if message["event"] == "gave_up":
            why = f": {message['why']}"
            message = self._talk.receive(side, self._patience)
        if message["event"] == "ended":
            raise SideLostError(side, f"pytest ended in the middle of its walk{why}")
        return message

    def _try_others(self, node_id: str, finished: dict[str, dict[str, Any]]) -> None:
        """Learn whether a side that was not called yet fails as the first one did."""
        for side in SIDES:
            if side not in self._called:
                try:
                    self._ask(side, node_id, do="round", calls=1)
                except _RaisedError as raised:
                    finished |= raised.finished

    def _rounds(self, node_id: str, singles: int, *, once: bool) -> dict[str, Any]:
        # Not pinned yet: threads and processes that a first call starts would stay on that one core.
        warm = [] if once else self._warm_up(node_id)
        parallel = any(bool(one["parallel"]) for one in warm)
        turns, calls = "AB", 1
        if not once:
            seconds, cost = (min(float(one[name]) for one in warm) for name in ("seconds", "cost"))
            turns, calls = plan_rounds(seconds, cost, singles)
        in_turn = parallel and not any(one["processes"] for one in warm) and self._in_turn(node_id, calls)
        if in_turn or not (parallel or once):
            self._pin(node_id, self._cores[:1], threads=in_turn)
        taken: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        end = time.monotonic() + self._longest
        for number, turn in enumerate(turns):
            if number >= _ENOUGH_TURNS and number % len(_ORDER) == 0 and not singles and time.monotonic() > end:
                break
            side = self._sides[turn]
            taken[side].append(self._ask(side, node_id, do="round", calls=calls, singly=singles > 0))
        parallel = parallel or any(bool(one["parallel"]) for side in SIDES for one in taken[side])
        return {"calls": calls, "parallel": parallel, "in_turn": in_turn, **_sums(taken)}

    def _in_turn(self, node_id: str, calls: int) -> bool:
        """Find out whether the threads of both sides take turns, as at the interpreter's lock.

        Such threads gain nothing from more cores, and are far steadier on one: which of them runs next, and where, is
        no chance then. One side after the other, for they must have the cores to themselves.
        """
        return all(self._ask(side, node_id, do="busy", calls=calls)["cores"] <= _IN_TURN for side in SIDES)

    def _pin(self, node_id: str, cores: tuple[int, ...], *, threads: bool) -> None:
        for side in SIDES:
            self._talk.send(side, do="pin", node_id=node_id, cores=cores, threads=threads)

    def _warm_up(self, node_id: str) -> list[dict[str, Any]]:
        """Let both sides warm up at once: nothing is timed yet."""
        for side in SIDES:
            self._tell(side, node_id, do="warm")
        said = {side: self._hear(side, node_id) for side in SIDES}
        if raised := {side: message for side, message in said.items() if message["event"] != "warm"}:
            raise _RaisedError(raised)
        return list(said.values())

    def _ask(self, side: str, node_id: str, **command: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
        self._tell(side, node_id, **command)
        message = self._hear(side, node_id)
        if message["event"] != command["do"]:
            raise _RaisedError({side: message})
        return message

    def _tell(self, side: str, node_id: str, **command: Any) -> None:  # noqa: ANN401  JSON values
        self._called.add(side)
        self._talk.send(side, node_id=node_id, **command)

    def _hear(self, side: str, node_id: str) -> dict[str, Any]:
        message = self._receive(side)
        _refuse_other(side, message, node_id)
        return message


class _RaisedError(Exception):
    """A benchmark raised in the middle of a turn; the messages of the sides say how it ended."""

    def __init__(self, finished: dict[str, dict[str, Any]]) -> None:
        super().__init__(*finished)
        self.finished = finished


def plan_rounds(seconds: float, cost: float, singles: int) -> tuple[str, int]:
    """Choose the turns and the calls of each round, from the seconds of a call, alone and with its set-up.

    Long calls get fewer turns, at least two a side: more pairs tell more than more turns. `singles` are the single
    calls that a side needs at least.
    """
    eights = int(min(_TURNS / max(_TURN, cost), _MOST_TURNS) / len(_ORDER)) or int(len(_ORDER) * cost <= _PATIENCE)
    order = _ORDER * eights or _ORDER[:_FEWEST_TURNS]
    calls = max(1, round(min(_TURN / seconds, _LONGEST_TURN / cost))) if seconds > 0 else 1
    if singles:
        calls = max(min(calls, _MOST_SINGLES), math.ceil(2 * singles / len(order)))
    return order, calls


def _sums(taken: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Sum the rounds of both sides up, in seconds; what one round does not tell, none does."""
    found: dict[str, Any] = {}
    for side, rounds in taken.items():
        for name in ("wall", "cpu", "delay"):
            told = [one[name] for one in rounds]
            found[f"{side}_{name}"] = None if None in told else Doubles(one * 1e-9 for one in told)
        found[f"{side}_singles"] = Doubles(one * 1e-9 for round_ in rounds for one in round_["singles"])
    switches = [one["switches"] for rounds in taken.values() for one in rounds]
    found["switches"] = None if None in switches else sum(switches)
    return found


def _refuse_other(side: str, message: dict[str, Any], node_id: str) -> None:
    if message.get("node_id") != node_id:
        raise SideLostError(side, f"answered for {message.get('node_id')} instead of {node_id}")


def _trouble(message: dict[str, Any]) -> str:
    if message["outcome"] == "measured":
        return ""
    return f"{message['outcome']}: {message['detail']}" if message["detail"] else str(message["outcome"])
