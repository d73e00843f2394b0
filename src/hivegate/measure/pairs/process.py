"""One pair: a parent and the two children that are compared."""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hivegate.errors import MeasureError
from hivegate.measure.collect import further_items, refuse_wrong_tree
from hivegate.measure.pairs.channel import PairChannel, SideLostError
from hivegate.measure.pairs.checkout import SIDES
from hivegate.measure.pairs.interleave import Interleaver
from hivegate.measure.proof import refuse_unproven
from hivegate.measure.subject import ONE_THREAD
from hivegate.measure.worker_run import CHANGING_ID, silent_for
from hivegate.model.events import Began, ignore_progress
from hivegate.model.pairs import CANNOT_RUN, INVALID, PairSample, PairTrouble
from hivegate.model.protocol import (
    AbsentBenchmarks,
    CollectionFailure,
    LoadedProject,
    PairPlan,
    Preload,
    SelectCommand,
    SessionEnd,
    SidePlan,
    SideSuite,
    UnshareableModule,
)
from hivegate.model.run import TestOutcome
from hivegate.system import process, worker
from hivegate.system.files import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import PairSetup
    from hivegate.measure.pairs.sharing import SharedMachine
    from hivegate.model.events import ProgressCallback
    from hivegate.model.protocol import Event

_START_PATIENCE = 300.0  # seconds; imports of a large project come before the first event


class PairProcess:
    """One parent and its two children, from start to end; they start when it is entered.

    Other pairs may be measured on the same `machine`, each by a thread of its own.

    `number` is the pair's place in the comparison: it alternates who is forked first, who begins, and the core.
    `unshareable` is the module that must not be preloaded, where one showed itself, `loss` describes a child that did
    not survive, and `notes` are for the reader, by benchmark. `loaded` is what of the project each side loaded, as far
    as it said so; `further` are benchmarks that tests called beside the one that was measured.
    """

    def __init__(
        self, setup: PairSetup, chosen: Collection[BenchmarkItem], number: int, machine: SharedMachine
    ) -> None:
        self.loss = ""
        self.unshareable: str | None = None
        self.notes: dict[str, tuple[str, ...]] = {}
        self.loaded: dict[str, LoadedProject] = {}
        self.further: list[BenchmarkItem] = []
        self._setup = setup
        self._chosen = chosen
        self._machine = machine
        self.number = number
        self._channel = PairChannel(SIDES)
        self._stack = contextlib.ExitStack()
        self._running: process.Running | None = None
        self._changing: set[str] = set()
        self._suites: dict[str, tuple[str, ...]] = {}
        self._failures: dict[str, dict[str, str]] = {side: {} for side in SIDES}  # of files that it cannot collect

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
        folder = self._stack.enter_context(scratch_folder())
        subject = self._setup.subject
        plan = worker.write_plan(folder, self._plan(folder))
        descriptors = tuple(self._channel.descriptor(name) for name in (*SIDES, "control"))
        self._running = self._stack.enter_context(
            process.running(
                worker.start_command(subject.python, plan),
                cwd=subject.project,
                env={**ONE_THREAD, **subject.environment()},
                pass_fds=descriptors,
            )
        )
        self._channel.handed_over()

    def __exit__(self, *_: object) -> None:
        """End both children and their parent, and close the channels."""
        self._channel.close()
        self._stack.close()

    def start(self) -> None:
        """Wait for the fork and for what each side has, or for a module that is unshareable; once."""
        if self._suites or self.unshareable is not None:
            return
        event = self._channel.receive("control", _START_PATIENCE)
        if isinstance(event, UnshareableModule):
            self.unshareable = event.module
            return
        if not isinstance(event, Preload):
            raise MeasureError("the parent of a pair ended before it forked", hint=self._output())
        if event.own:
            raise MeasureError(
                f"the project's module {event.own[0]} is loaded before the fork, so both revisions would share it",
                hint="use two separate processes: hivegate compare --fallback",
            )
        for side in SIDES:
            self._suites[side] = self._await_suite(side)

    def measure(
        self,
        wanted: Mapping[BenchmarkItem, int],
        overdue: Callable[[], bool],
        on_progress: ProgressCallback = ignore_progress,
    ) -> Iterator[tuple[str, PairSample | PairTrouble]]:
        """Measure what is wanted and both sides have, until time is over; report what one side lacks.

        `wanted` maps to the calls of a side that are to be timed one by one.
        """
        common = [item for item in wanted if all(item.node_id in self._suites[side] for side in SIDES)]
        for side in SIDES:
            self._channel.send(side, SelectCommand(node_ids=tuple(item.node_id for item in common)))
        for item in wanted:
            if item not in common:
                yield item.id, PairTrouble(**{side: self._absence(side, item.node_id) for side in SIDES})
        interleaver = Interleaver(
            self._channel,
            self._machine,
            patience=self._setup.timeout,
            cores=cores(self.number),
            first=SIDES[(self.number + self.number // 2) % 2],  # on each of two cores in turn
        )
        for item in common:
            if overdue():
                return
            on_progress(Began(what=item.id))
            try:
                sample = interleaver.measure(item.node_id, singles=wanted[item])
            except SideLostError as loss:
                self.loss = f"{item.id}: {loss.side or 'the pair'} {loss.message}"
                sides = [loss.side] if loss.side else list(SIDES)
                silent = loss.message == silent_for(self._setup.timeout)
                if silent and loss.side:
                    (other,) = set(SIDES) - {loss.side}
                    sides += [other] if interleaver.is_silent_too(other, loss.side) else []
                ended = TestOutcome.TIMED_OUT if silent else TestOutcome.CRASHED
                yield item.id, PairTrouble(**dict.fromkeys(sides, f"{ended.value}: {loss.message}"))
                return
            interleaver.over(item.node_id)
            self.notes[item.id] = interleaver.notes
            self.further += further_items(item, interleaver.further)
            yield item.id, sample
        self._await_end()

    def _await_suite(self, side: str) -> tuple[str, ...]:
        while True:
            try:
                event = self._channel.receive(side, _START_PATIENCE)
            except SideLostError as loss:
                raise MeasureError(f"{side} {loss.message} before it measured", hint=self._output()) from loss
            if isinstance(event, AbsentBenchmarks):
                self._changing.update(event.changed)
            if isinstance(event, CollectionFailure):
                self._failures[side][event.node_id] = _last_line(event.detail)
            self._take_loaded(side, event)
            if isinstance(event, SideSuite):
                return event.node_ids
            if isinstance(event, SessionEnd):
                raise MeasureError(f"pytest ended on {side} before it measured", hint=self._output())

    def _await_end(self) -> None:
        """Let both sessions end by themselves: what the suite's fixtures opened, their teardown closes."""
        for side in SIDES:
            try:
                while not isinstance(event := self._channel.receive(side, self._setup.timeout), SessionEnd):
                    self._take_loaded(side, event)
            except SideLostError as loss:
                self.loss = f"after the last benchmark {loss.side or 'the pair'} {loss.message}"

    def _take_loaded(self, side: str, event: Event) -> None:
        """Keep what a side loaded; raises `MeasureError` where that is not its own tree's."""
        refuse_wrong_tree([event], side)
        refuse_unproven([event], side)
        if isinstance(event, LoadedProject):
            self.loaded[side] = event

    def _absence(self, side: str, node_id: str) -> str:
        if node_id in self._changing:
            return f"{INVALID}: {CHANGING_ID}"
        if node_id in self._suites[side]:
            return ""
        failure = self._failures[side].get(node_id.partition("::")[0])
        return f"{CANNOT_RUN}: {failure or 'pytest does not collect it there'}"

    def _output(self) -> str:
        return "" if self._running is None else self._running.output().strip()[-2000:]

    def _plan(self, folder: Path) -> PairPlan:
        setup, trees = self._setup, self._setup.trees
        return PairPlan(
            fork=setup.forked,
            launcher=setup.launcher,
            hash_seed=random.randrange(2**32),  # noqa: S311  no secret
            start=worker.start_command("", folder)[1],
            control=self._channel.descriptor("control"),
            preload=setup.preload,
            roots=(str(trees.repository), *(str(trees.of(side, trees.repository)) for side in SIDES)),
            order=SIDES if self.number % 4 < 2 else SIDES[::-1],  # noqa: PLR2004  half of four
            benchmarks={item.node_id: 0 for item in self._chosen},
            sides={side: self._side_plan(side, folder / side) for side in SIDES},
        )

    def _side_plan(self, side: str, scratch: Path) -> SidePlan:
        trees, paths, released = self._setup.trees, self._setup.paths_of(side), self._setup.subject.released
        scratch.mkdir()
        return SidePlan(
            channel=self._channel.descriptor(side),
            python=self._setup.python_of(side),
            own=paths.own,
            other=paths.other,
            rootdir=str(trees.of(side, trees.rootdir)),
            paths=tuple(str(trees.of(side, Path(file))) for file in dict.fromkeys(item.path for item in self._chosen)),
            scratch=str(scratch),
            seed=random.randrange(2**32),  # noqa: S311  no secret
            project=self._setup.facts_of(side) if released or paths.own != paths.other else None,
        )


def _last_line(detail: str) -> str:
    lines = detail.strip().splitlines()
    return lines[-1].removeprefix("E ").strip() if lines else ""


def cores(turn: int = 0) -> tuple[int, ...]:
    """Order the cores that we may use so that the first changes from turn to turn."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    start = turn % len(allowed) if allowed else 0
    return tuple(allowed[start:] + allowed[:start])
