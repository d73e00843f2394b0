"""Pairs: two revisions measured side by side, in children of one parent."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.subject import Subject
from hivegate.measure.talk import SideLostError, Talk
from hivegate.measure.turns import SIDES, Turns
from hivegate.model.events import Advanced, Noted
from hivegate.model.pairs import PairSample, PairTrouble
from hivegate.system import process, worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hivegate.measure.collect import Collected
    from hivegate.model.events import Watcher

_START_PATIENCE = 300.0  # seconds; imports of a large project come before the first word
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Trees(msgspec.Struct, frozen=True, kw_only=True):
    """A project's folders in its two checkouts; and, seen from head's, the repository and pytest's root."""

    head: Path
    base: Path
    repository: Path
    rootdir: Path

    def of(self, side: str, path: Path) -> Path:
        """Find a path of head's tree in a side's."""
        return path if side == "head" else Path(os.path.normpath(self.base / os.path.relpath(path, self.head)))


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """What all pairs of a comparison share; `base_python` where base has an environment of its own.

    Not `forked`: two started processes, which never share their memory layout.
    """

    subject: Subject
    trees: Trees
    preload: tuple[str, ...]
    timeout: float
    forked: bool = True
    base_python: str | None = None


class PairResult(msgspec.Struct, frozen=True, kw_only=True):
    """One pair: for every benchmark, by id, a sample or why there is none; modules that must not be shared."""

    found: dict[str, PairSample | PairTrouble]
    unfit: tuple[str, ...]


def measure_pair(
    pairing: Pairing, chosen: Mapping[Collected, int], *, number: int, overdue: Callable[[], bool], watch: Watcher
) -> PairResult:
    """Walk the chosen benchmarks once side by side; a new pair is forked where a benchmark ends one.

    `chosen` tells how many calls of each are to be timed one by one. `number` is the pair's place in the comparison: it
    alternates who is forked first, who begins, and the core. What is left when time is `overdue` is not begun.
    """
    found: dict[str, PairSample | PairTrouble] = {}
    unfit: list[str] = []
    while (left := {one: singles for one, singles in chosen.items() if one.id not in found}) and not overdue():
        preload = tuple(name for name in pairing.preload if name not in unfit)
        before = len(found), len(unfit)
        with _Pair(msgspec.structs.replace(pairing, preload=preload), left, number) as pair:
            bad = pair.start()
            if bad is not None:
                unfit.append(bad)
                continue
            for name, sample in pair.walk(overdue):
                found[name] = sample
                watch(Advanced(what=name))
        if (len(found), len(unfit)) == before and not overdue():
            raise MeasureError(f"no benchmark of a pair was begun; {next(iter(left)).node_id} was first")
        if pair.lost and any(one.id not in found for one in chosen):
            watch(Noted(message=f"{pair.lost}; what is left goes on in a new pair"))
    return PairResult(found=found, unfit=tuple(unfit))


class _Pair:
    """One parent and its two children, from start to end."""

    def __init__(self, pairing: Pairing, chosen: Mapping[Collected, int], number: int) -> None:
        self.lost = ""
        self._pairing = pairing
        self._chosen = chosen
        self._number = number
        self._talk = Talk(SIDES)
        self._stack = contextlib.ExitStack()
        self._running: process.Running | None = None
        self._walked: dict[str, list[str]] = {}
        self._said: dict[str, str] = dict.fromkeys(SIDES, "")

    def __enter__(self) -> Self:
        """Start the parent, which forks the children."""
        try:
            self._begin()
        except BaseException:  # Ctrl-C too: nobody else would end what began
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="hivegate-")))
        subject = self._pairing.subject
        plan, _ = worker.write_plan(folder, **self._plan(folder))
        descriptors = tuple(self._talk.descriptor(name) for name in (*SIDES, "control"))
        environment = {**dict.fromkeys(_THREADS, "1"), **subject.environment()}
        self._running = self._stack.enter_context(
            process.running(
                worker.start_command(subject.python, plan),
                cwd=subject.project,
                env=environment,
                pass_fds=descriptors,
            )
        )
        self._talk.handed_over()

    def __exit__(self, *_: object) -> None:
        """End both children and their parent, and close the channels."""
        self._talk.close()
        self._stack.close()

    def start(self) -> str | None:
        """Wait for the fork; returns the module that must not be preloaded, where one showed itself."""
        message = self._talk.receive("control", _START_PATIENCE)
        if message["event"] == "unfit":
            return str(message["module"])
        if message["event"] != "preloaded":
            raise MeasureError("the parent of a pair ended before it forked", hint=self._output())
        if message["own"]:
            raise MeasureError(
                f"{message['own'][0]} of the project is loaded before anything else, so both revisions would share it",
                hint="start two processes instead of forking one: hivegate compare --fallback",
            )
        for side in SIDES:
            self._await_walk(side)
        return None

    def walk(self, overdue: Callable[[], bool]) -> Iterator[tuple[str, PairSample | PairTrouble]]:
        """Measure what both sides have, until time is over; tell of what one side lacks."""
        common = [one for one in self._chosen if all(one.node_id in self._walked[side] for side in SIDES)]
        for side in SIDES:
            self._talk.send(side, do="walk", node_ids=[one.node_id for one in common])
        for one in self._chosen:
            if one not in common:
                yield one.id, PairTrouble(**{side: self._absence(side, one.node_id) for side in SIDES})
        first = SIDES[self._number % 2]
        turns = Turns(self._talk, patience=self._pairing.timeout, cores=_cores(self._number), first=first)
        for one in common:
            if overdue():
                return
            try:
                sample = turns.measure(one.node_id, singles=self._chosen[one])
            except SideLostError as loss:
                self.lost = f"{one.id}: {loss.side or 'the pair'} {loss.message}"
                sides = [loss.side] if loss.side else list(SIDES)
                yield one.id, PairTrouble(**dict.fromkeys(sides, loss.message))
                return
            yield one.id, sample
        self._await_end()

    def _await_walk(self, side: str) -> None:
        while True:
            try:
                message = self._talk.receive(side, _START_PATIENCE)
            except SideLostError as loss:
                raise MeasureError(f"{side} {loss.message} before it measured", hint=self._output()) from loss
            if message["event"] == "uncollected":
                self._said[side] = str(message["detail"]).strip().splitlines()[-1]
            _refuse_foreign(side, message)
            if message["event"] == "walk":
                self._walked[side] = message["node_ids"]
                return
            if message["event"] == "ended":
                raise MeasureError(f"pytest ended on {side} before it measured", hint=self._output())

    def _await_end(self) -> None:
        """Let both sessions end by themselves: what the suite's fixtures opened, their teardown closes."""
        for side in SIDES:
            try:
                while (message := self._talk.receive(side, self._pairing.timeout))["event"] != "ended":
                    _refuse_foreign(side, message)
            except SideLostError as loss:
                self.lost = f"after the last benchmark {loss.side or 'the pair'} {loss.message}"

    def _absence(self, side: str, node_id: str) -> str:
        if node_id in self._walked[side]:
            return ""
        return f"cannot run: {self._said[side] or 'pytest does not collect it there'}"

    def _output(self) -> str:
        return "" if self._running is None else self._running.output().strip()[-2000:]

    def _plan(self, folder: Path) -> dict[str, Any]:
        trees, order = self._pairing.trees, SIDES if self._number % 4 < 2 else SIDES[::-1]  # noqa: PLR2004  half of four
        return {
            "mode": "pair",
            "fork": self._pairing.forked,
            "hash_seed": random.randrange(2**32),  # noqa: S311  no secret
            "start": worker.start_command("", folder)[1],
            "control": self._talk.descriptor("control"),
            "preload": list(self._pairing.preload),
            "roots": [str(trees.of(side, trees.repository)) for side in ("head", "base")],
            "order": list(order),
            "benchmarks": {one.node_id: {} for one in self._chosen},
            "sides": {side: self._side(side, folder) for side in SIDES},
        }

    def _side(self, side: str, folder: Path) -> dict[str, Any]:
        trees = self._pairing.trees
        scratch = folder / side
        scratch.mkdir()
        files = dict.fromkeys(one.path for one in self._chosen)
        return {
            "channel": self._talk.descriptor(side),
            "python": (side == "base" and self._pairing.base_python) or self._pairing.subject.python,
            "own": str(trees.of(side, trees.head)),
            "other": str(trees.of("head" if side == "base" else "base", trees.head)),
            "rootdir": str(trees.of(side, trees.rootdir)),
            "paths": [str(trees.of(side, Path(file))) for file in files],
            "scratch": str(scratch),
            "seed": random.randrange(2**32),  # noqa: S311  no secret
        }


def _refuse_foreign(side: str, message: dict[str, Any]) -> None:
    if message["event"] == "foreign":
        raise MeasureError(
            f"{side} loaded {', '.join(message['modules'][:3])} from the other revision's tree",
            hint="something in the project's set-up puts an absolute path of one checkout into both",
        )


def _cores(number: int) -> tuple[int, ...]:
    """Order the cores that we may use so that the first changes from pair to pair."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    turn = number % len(known) if known else 0
    return tuple(known[turn:] + known[:turn])
