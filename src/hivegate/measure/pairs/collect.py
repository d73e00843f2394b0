"""Paired readings of a comparison, gathered by benchmark: times in pairs of processes, counters one side at a time."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.pairs.checkout import SIDES
from hivegate.measure.pairs.process import PairProcess, cores
from hivegate.measure.pairs.sharing import SharedMachine
from hivegate.measure.proof import joined
from hivegate.model.events import Advanced, Noted, Started
from hivegate.model.pairs import PairSample, PairTrouble, may_clash
from hivegate.system.leftovers import ending_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import PairSetup
    from hivegate.measure.worker_run import TreeSuite
    from hivegate.model.events import Event, ProgressCallback
    from hivegate.model.protocol import LoadedProject

SampleT = TypeVar("SampleT")
PairT_co = TypeVar("PairT_co", covariant=True)
_AT_ONCE = 4  # pairs; each has a core, and two interpreters with the suite in memory
_ALONE = "raises where others run at the same time, so it is measured alone"


class PairCollector:
    """Pairs of two revisions, measured at the same time as far as there are cores, each on one.

    A benchmark that raises then is measured alone: it may want a port, a file or a database for itself.

    `singles` maps benchmarks to the calls of a side that are to be timed one by one; `loaded` is what of the project
    each side loaded. `further` are benchmarks that head's tests called beside the chosen ones, measured once they are
    chosen, too.
    """

    def __init__(
        self,
        setup: PairSetup,
        chosen: tuple[BenchmarkItem, ...],
        on_progress: ProgressCallback,
        *,
        singles: Mapping[str, int],
    ) -> None:
        self._singles = singles
        self.samples: dict[str, list[PairSample]] = {item.id: [] for item in chosen}
        self.troubles: dict[str, PairTrouble] = {}
        self.notes: dict[str, None] = {}
        self.loaded: dict[str, LoadedProject] = {}
        self.further: dict[str, BenchmarkItem] = {}
        self._setup = setup
        self._chosen = chosen
        self._tell = on_progress
        self._lock = threading.Lock()
        self._number = 0
        self._exclusive: set[str] = set()
        self._clashes: dict[str, PairTrouble] = {}
        self._losses: set[str] = set()

    def choose(self, items: tuple[BenchmarkItem, ...], singles: Mapping[str, int]) -> None:
        """Choose more benchmarks, to be measured from now on."""
        self._chosen += items
        self._singles = {**self._singles, **singles}
        self.samples |= {item.id: [] for item in items}

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> dict[str, list[PairSample]]:
        """Measure so many pairs of the named benchmarks; one in trouble is not begun again. Stops when time is over.

        Returns what was measured, by id; `keep` adds it to the samples so far, also where Ctrl-C ends it.
        """
        added: dict[str, list[PairSample]] = {name: [] for name in ids}
        if left := self._left(ids):
            stage = f"pairs {self._number + 1} to {self._number + pairs}"
            self._on_progress(Started(stage=stage, steps=len(left) * pairs, unit="measurement"))
        try:
            for shared in (True, False):
                self._add(added, pairs, overdue, shared=shared)
        finally:  # what was measured before Ctrl-C, too
            # Where time is over before one was tried alone, what it said beside others is what is known of it.
            untried = {name for name in self._clashes if not added.get(name) and not self.samples[name]}
            self.troubles |= {name: self._clashes[name] for name in untried if name not in self.troubles}
            for name, fresh in added.items() if keep else ():
                self.samples[name] += fresh
        return added

    def _add(
        self, added: dict[str, list[PairSample]], pairs: int, overdue: Callable[[], bool], *, shared: bool
    ) -> None:
        """Add pairs of what can be measured beside others, or of what has to be alone."""
        done = 0
        while done < pairs and (left := self._left(added, shared=shared)) and not overdue():
            measured: list[dict[str, PairSample | PairTrouble]] = []
            try:
                self._measure_at_once(left, overdue, measured, most=pairs - done, shared=shared)
            finally:
                done += len(measured)
                self._number += len(measured)
                for name, result in ((name, result) for results in measured for name, result in results.items()):
                    if shared and (name in self._exclusive or may_clash(result)):
                        self._exclusive.add(name)
                        self._clashes |= {name: result} if isinstance(result, PairTrouble) else {}
                        added[name].clear()
                    elif isinstance(result, PairTrouble):
                        self.troubles[name] = result
                    else:
                        added[name].append(result)
                        self.notes |= {} if shared else {f"{name}: {_ALONE}": None}

    def _left(self, ids: Collection[str], *, shared: bool | None = None) -> dict[BenchmarkItem, int]:
        """Name what is still to be measured, with the calls of each that are to be timed one by one."""
        wanted = (item for item in self._chosen if item.id in ids and item.id not in self.troubles)
        return {
            item: self._singles.get(item.id, 0)
            for item in wanted
            if shared is None or shared is (item.id not in self._exclusive)
        }

    def _measure_at_once(
        self,
        chosen: Mapping[BenchmarkItem, int],
        overdue: Callable[[], bool],
        measured: list[dict[str, PairSample | PairTrouble]],
        *,
        most: int,
        shared: bool,
    ) -> None:
        """Measure as many pairs as there are cores, at most `most`; nothing is timed before all have started.

        Adds what each `measured`, from when it began: where Ctrl-C ends it, that is what was done by then.
        """
        at_once = max(1, min(most, len(cores()), _AT_ONCE)) if shared else 1
        numbers = range(self._number, self._number + at_once)
        machine, abandoned = SharedMachine(shared=shared), threading.Event()
        with (
            ending_leftovers(),
            ThreadPoolExecutor(len(numbers)) as threads,
            contextlib.ExitStack() as stack,  # inside: a thread that waits for a pair sees its end
        ):
            try:
                pairs = [PairProcess(self._setup, tuple(chosen), number, machine) for number in numbers]
                for pair in pairs:
                    stack.enter_context(pair)
                for pair in pairs:
                    pair.start()
                measured += [{} for _ in pairs]
                running = [
                    threads.submit(self._measure, chosen, pair, machine, overdue, abandoned, results)
                    for pair, results in zip(pairs, measured, strict=True)
                ]
                for one in running:
                    one.result()
            except BaseException:
                abandoned.set()
                raise

    def _on_progress(self, event: Event) -> None:
        with self._lock:
            self._tell(event)

    def _measure(
        self,
        chosen: Mapping[BenchmarkItem, int],
        pair: PairProcess,
        machine: SharedMachine,
        overdue: Callable[[], bool],
        abandoned: threading.Event,
        results: dict[str, PairSample | PairTrouble],
    ) -> None:
        """Measure each chosen benchmark once; where a benchmark ends the pair, what is left goes on in a new one.

        What is left when time is `overdue` is not begun. Of a pair that is `abandoned`, for it was ended from outside,
        no trouble is the benchmark's.
        """

        def over() -> bool:
            return abandoned.is_set() or overdue()

        unshareable: set[str] = set()
        started: PairProcess | None = pair
        while (left := {item: calls for item, calls in chosen.items() if item.id not in results}) and not over():
            before = len(results), len(unshareable)
            with started or PairProcess(self._setup, tuple(left), pair.number, machine) as process:
                process.start()
                if process.unshareable is not None:
                    unshareable.add(process.unshareable)
                    preload = tuple(name for name in self._setup.preload if name != process.unshareable)
                    self._setup = msgspec.structs.replace(self._setup, preload=preload)
                results_of = process.measure(left, over, self._on_progress) if process.unshareable is None else ()
                for name, result in results_of:
                    if abandoned.is_set() and isinstance(result, PairTrouble):
                        break
                    results[name] = result
                    self._on_progress(Advanced(what=name))
                self._keep(process)
            started = None
            if (len(results), len(unshareable)) == before and not over():
                raise MeasureError(f"no benchmark of the pair was started; {next(iter(left)).node_id} was first")
            if process.loss not in {"", *self._losses} and any(item.id not in results for item in chosen):
                self._losses.add(process.loss)  # of several pairs at once one tells it
                self._on_progress(Noted(message=f"{process.loss}; the rest continues in a new pair"))

    def _keep(self, process: PairProcess) -> None:
        """Keep what a pair told beside its times."""
        with self._lock:
            self.notes |= {f"{name}: {note}": None for name, notes in process.notes.items() for note in notes}
            self.further |= {item.id: item for item in process.further if item.id not in self.samples}
            for side, loaded in process.loaded.items():
                self.loaded[side] = joined([self.loaded.get(side), loaded]) or loaded


class CounterReader(Protocol[SampleT, PairT_co]):
    """What reads a counter of each benchmark in processes of one tree, where no time is measured."""

    name: ClassVar[str]

    def read(self, suite: TreeSuite, stage: str, on_progress: ProgressCallback) -> Mapping[str, Sequence[SampleT]]:
        """Read a suite's benchmarks in its tree; by id."""

    def pair(self, base: Sequence[SampleT], head: Sequence[SampleT]) -> PairT_co:
        """Put the readings of both sides next to each other, or say why there are none."""


def collect_counters(
    reader: CounterReader[SampleT, PairT_co],
    setup: PairSetup,
    chosen: tuple[BenchmarkItem, ...],
    on_progress: ProgressCallback,
) -> dict[str, PairT_co]:
    """Read a counter of each chosen benchmark in both trees, one after the other; by id."""
    base, head = (reader.read(setup.suite_of(side, chosen), f"{reader.name} of {side}", on_progress) for side in SIDES)
    return {item.id: reader.pair(base[item.id], head[item.id]) for item in chosen}
