"""Turns: how the coordinator measures one benchmark in a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hivegate.measure.talk import SideLostError, Talk
from hivegate.model.pairs import PairSample, PairTrouble
from hivegate.model.run import Doubles

if TYPE_CHECKING:
    from collections.abc import Callable

SIDES = ("base", "head")
# Twelve rounds a side; a drift of the machine cancels within every eight turns.
_ORDER = "ABBABAAB" * 3
_ROUND = 0.010  # seconds


class Turns:
    """Measure one benchmark after the other, in the order in which both children walk them."""

    def __init__(self, talk: Talk, *, patience: float, cores: tuple[int, ...], first: str) -> None:
        self._talk = talk
        self._patience = patience
        self._cores = cores
        self._called: set[str] = set()
        self._sides = {"A": first, "B": "head" if first == "base" else "base"}

    def measure(self, node_id: str) -> PairSample | PairTrouble:
        """Take turns at one benchmark; raises `SideLostError` when a child does not survive it."""
        self._called.clear()
        begun = {side: self._until(side, {"ready", "finished"}, node_id) for side in SIDES}
        finished = {side: message for side, message in begun.items() if message["event"] == "finished"}
        rounds: dict[str, Any] | None = None
        if not finished:
            try:
                rounds = self._rounds(node_id, once=bool(begun["base"]["once"]))
            except _RaisedError as raised:
                finished[raised.side] = raised.message
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
        message = self._talk.receive(side, self._patience)
        if message["event"] == "ended":
            raise SideLostError(side, "pytest ended in the middle of its walk")
        return message

    def _try_others(self, node_id: str, finished: dict[str, dict[str, Any]]) -> None:
        """Learn whether a side that was not called yet fails as the first one did."""
        for side in SIDES:
            if side not in self._called:
                try:
                    self._ask(side, node_id, do="round", calls=1)
                except _RaisedError as raised:
                    finished[side] = raised.message

    def _rounds(self, node_id: str, *, once: bool) -> dict[str, Any]:
        # Not pinned yet: threads and processes that a first call starts would stay on that one core.
        warm = [self._ask(side, node_id, do="warm") for side in self._sides.values()]
        parallel = any(bool(one["parallel"]) for one in warm)
        if not parallel and not once:
            self._pin(node_id, self._cores[:1])
        seconds = min(float(one["seconds"]) for one in warm)
        calls = 1 if once or seconds <= 0 else max(1, round(_ROUND / seconds))
        taken: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for turn in "AB" if once else _ORDER:
            side = self._sides[turn]
            taken[side].append(self._ask(side, node_id, do="round", calls=calls))

        def times(side: str, clock: str) -> Doubles:
            return Doubles(one[clock] * 1e-9 for one in taken[side])

        parallel = parallel or any(bool(one["parallel"]) for side in SIDES for one in taken[side])
        counted = [one["switches"] for side in SIDES for one in taken[side]]
        switches = None if None in counted else sum(counted)
        return {"calls": calls, "parallel": parallel, "switches": switches, **_by_side(times)}

    def _pin(self, node_id: str, cores: tuple[int, ...]) -> None:
        for side in SIDES:
            self._talk.send(side, do="pin", node_id=node_id, cores=cores)

    def _ask(self, side: str, node_id: str, **command: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
        self._called.add(side)
        self._talk.send(side, node_id=node_id, **command)
        message = self._receive(side)
        _refuse_other(side, message, node_id)
        if message["event"] != command["do"]:
            raise _RaisedError(side, message)
        return message


class _RaisedError(Exception):
    """A benchmark raised in the middle of a turn; the message says how it ended."""

    def __init__(self, side: str, message: dict[str, Any]) -> None:
        super().__init__(side)
        self.side = side
        self.message = message


def _by_side(times: Callable[[str, str], Doubles]) -> dict[str, Doubles]:
    return {f"{side}_{clock}": times(side, clock) for side in SIDES for clock in ("wall", "cpu")}


def _refuse_other(side: str, message: dict[str, Any], node_id: str) -> None:
    if message.get("node_id") != node_id:
        raise SideLostError(side, f"answered for {message.get('node_id')} instead of {node_id}")


def _trouble(message: dict[str, Any]) -> str:
    if message["outcome"] == "measured":
        return ""
    return f"{message['outcome']}: {message['detail']}" if message["detail"] else str(message["outcome"])
