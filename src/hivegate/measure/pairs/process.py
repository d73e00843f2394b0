"""One pair: a parent and the two children that are compared."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hivegate.errors import MeasureError
from hivegate.measure.collect import refuse_foreign
from hivegate.measure.pairs.channel import SideLostError, Talk
from hivegate.measure.pairs.interleave import SIDES, Turns
from hivegate.model.pairs import CANNOT_RUN, PairSample, PairTrouble
from hivegate.system import process, worker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import Pairing

_START_PATIENCE = 300.0  # seconds; imports of a large project come before the first word
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Pair:
    """One parent and its two children, from start to end; they start when it is entered.

    `number` is the pair's place in the comparison: it alternates who is forked first, who begins, and the core.
    `unfit` is the module that must not be preloaded, where one showed itself, and `lost` tells of a child that did not
    survive.
    """

    def __init__(self, pairing: Pairing, chosen: Collection[BenchmarkItem], number: int) -> None:
        self.lost = ""
        self.unfit: str | None = None
        self._pairing = pairing
        self._chosen = chosen
        self.number = number
        self._talk = Talk(SIDES)
        self._stack = contextlib.ExitStack()
        self._running: process.Running | None = None
        self._walked: dict[str, list[str]] = {}
        self._said: dict[str, dict[str, str]] = {side: {} for side in SIDES}  # of files that it cannot collect

    def __enter__(self) -> Self:
        """Start the parent, which forks the children; once, however often it is entered."""
        if self._running is not None:
            return self
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
        environment = {**dict.fromkeys(THREADS, "1"), **subject.environment()}
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

    def start(self) -> None:
        """Wait for the fork and for what each side has, or for a module that is unfit; once."""
        if self._walked or self.unfit is not None:
            return
        message = self._talk.receive("control", _START_PATIENCE)
        if message["event"] == "unfit":
            self.unfit = str(message["module"])
            return
        if message["event"] != "preloaded":
            raise MeasureError("the parent of a pair ended before it forked", hint=self._output())
        if message["own"]:
            raise MeasureError(
                f"{message['own'][0]} of the project is loaded before anything else, so both revisions would share it",
                hint="start two processes instead of forking one: hivegate compare --fallback",
            )
        for side in SIDES:
            self._await_walk(side)

    def walk(
        self, wanted: Mapping[BenchmarkItem, int], overdue: Callable[[], bool]
    ) -> Iterator[tuple[str, PairSample | PairTrouble]]:
        """Measure what is wanted and both sides have, until time is over; tell of what one side lacks.

        `wanted` tells how many calls of a side are to be timed one by one.
        """
        common = [one for one in wanted if all(one.node_id in self._walked[side] for side in SIDES)]
        for side in SIDES:
            self._talk.send(side, do="walk", node_ids=[one.node_id for one in common])
        for one in wanted:
            if one not in common:
                yield one.id, PairTrouble(**{side: self._absence(side, one.node_id) for side in SIDES})
        first = SIDES[self.number % 2]
        turns = Turns(self._talk, patience=self._pairing.timeout, cores=cores(self.number), first=first)
        for one in common:
            if overdue():
                return
            try:
                sample = turns.measure(one.node_id, singles=wanted[one])
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
                self._said[side][message["node_id"]] = _last_line(str(message["detail"]))
            refuse_foreign([message], side)
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
                    refuse_foreign([message], side)
            except SideLostError as loss:
                self.lost = f"after the last benchmark {loss.side or 'the pair'} {loss.message}"

    def _absence(self, side: str, node_id: str) -> str:
        if node_id in self._walked[side]:
            return ""
        said = self._said[side].get(node_id.partition("::")[0])
        return f"{CANNOT_RUN}: {said or 'pytest does not collect it there'}"

    def _output(self) -> str:
        return "" if self._running is None else self._running.output().strip()[-2000:]

    def _plan(self, folder: Path) -> dict[str, Any]:
        trees, order = self._pairing.trees, SIDES if self.number % 4 < 2 else SIDES[::-1]  # noqa: PLR2004  half of four
        return {
            "mode": "pair",
            "fork": self._pairing.forked,
            "launcher": list(self._pairing.launcher),
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


def _last_line(detail: str) -> str:
    lines = detail.strip().splitlines()
    return lines[-1].removeprefix("E ").strip() if lines else ""


def cores(turn: int = 0) -> tuple[int, ...]:
    """Order the cores that we may use so that the first changes from turn to turn."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    start = turn % len(known) if known else 0
    return tuple(known[start:] + known[:start])
