"""Pairs: two revisions measured side by side, in children of one parent."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.pairs.process import Pair, cores
from hivegate.model.events import Advanced, Noted
from hivegate.model.pairs import PairSample, PairTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import Pairing
    from hivegate.model.events import ProgressCallback


class PairResult(msgspec.Struct, frozen=True, kw_only=True):
    """One pair: for every benchmark, by id, a sample or why there is none; modules that must not be shared."""

    found: dict[str, PairSample | PairTrouble]
    unfit: tuple[str, ...]


@contextlib.contextmanager
def begun_together(
    pairing: Pairing, chosen: Mapping[BenchmarkItem, int], *, first: int, most: int
) -> Iterator[tuple[Pair, ...]]:
    """Begin as many pairs as there are cores, at most `most`: while they start, nothing is timed."""
    with contextlib.ExitStack() as stack:
        numbers = range(first, first + max(1, min(most, len(cores()))))
        begun = tuple(stack.enter_context(Pair(pairing, tuple(chosen), number)) for number in numbers)
        for pair in begun:
            pair.start()
        yield begun


def measure_pair(
    pairing: Pairing,
    chosen: Mapping[BenchmarkItem, int],
    pair: Pair,
    *,
    overdue: Callable[[], bool],
    on_progress: ProgressCallback,
) -> PairResult:
    """Walk the chosen benchmarks once side by side; a new pair is forked where a benchmark ends one.

    `chosen` tells how many calls of each are to be timed one by one. What is left when time is `overdue` is not begun.
    """
    found: dict[str, PairSample | PairTrouble] = {}
    unfit: list[str] = []
    begun: Pair | None = pair
    while (left := {one: singles for one, singles in chosen.items() if one.id not in found}) and not overdue():
        before = len(found), len(unfit)
        fit = tuple(name for name in pairing.preload if name not in unfit)
        with begun or Pair(msgspec.structs.replace(pairing, preload=fit), tuple(left), pair.number) as walking:
            walking.start()
            unfit += [] if walking.unfit is None else [walking.unfit]
            for name, sample in walking.walk(left, overdue) if walking.unfit is None else ():
                found[name] = sample
                on_progress(Advanced(what=name))
        begun = None
        if (len(found), len(unfit)) == before and not overdue():
            raise MeasureError(f"no benchmark of a pair was begun; {next(iter(left)).node_id} was first")
        if walking.lost and any(one.id not in found for one in chosen):
            on_progress(Noted(message=f"{walking.lost}; what is left goes on in a new pair"))
    return PairResult(found=found, unfit=tuple(unfit))
