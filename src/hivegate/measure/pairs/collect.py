"""A comparison in progress: pairs gathered by benchmark, more of them where asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.pairs.start import PairResult, begun_together, measure_pair
from hivegate.model.events import Started
from hivegate.model.pairs import PairSample, PairTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import Pairing
    from hivegate.model.events import ProgressCallback


class PairCollector:
    """Pairs of two revisions, measured one after the other.

    `singles` tells of which benchmarks how many calls of a side are to be timed one by one.
    """

    def __init__(
        self,
        pairing: Pairing,
        chosen: tuple[BenchmarkItem, ...],
        on_progress: ProgressCallback,
        *,
        singles: Mapping[str, int],
    ) -> None:
        self._singles = singles
        self.samples: dict[str, list[PairSample]] = {one.id: [] for one in chosen}
        self.troubles: dict[str, PairTrouble] = {}
        self._pairing = pairing
        self._chosen = chosen
        self._on_progress = on_progress
        self._number = 0

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> dict[str, list[PairSample]]:
        """Measure so many pairs of the named benchmarks; one in trouble is not begun again. Stops when time is over.

        Returns what was measured, by id; `keep` adds it to the samples so far.
        """
        added: dict[str, list[PairSample]] = {one: [] for one in ids}
        self._announce(len(self._left(ids)), pairs)
        last = self._number + pairs
        while self._number < last and self._left(ids) and not overdue():
            wanted = self._left(ids)
            with begun_together(self._pairing, wanted, first=self._number, most=last - self._number) as begun:
                for pair in begun:
                    left = self._left(ids)
                    self._keep(
                        measure_pair(self._pairing, left, pair, overdue=overdue, on_progress=self._on_progress), added
                    )
        for name, fresh in added.items() if keep else ():
            self.samples[name] += fresh
        return added

    def _keep(self, result: PairResult, added: dict[str, list[PairSample]]) -> None:
        self._number += 1
        left = tuple(name for name in self._pairing.preload if name not in result.unfit)
        self._pairing = msgspec.structs.replace(self._pairing, preload=left)
        for name, found in result.found.items():
            if isinstance(found, PairTrouble):
                self.troubles[name] = found
            else:
                added[name].append(found)

    def _left(self, ids: set[str]) -> dict[BenchmarkItem, int]:
        """Name what is still to be measured, with the calls of each that are to be timed one by one."""
        wanted = (one for one in self._chosen if one.id in ids and one.id not in self.troubles)
        return {one: self._singles.get(one.id, 0) for one in wanted}

    def _announce(self, benchmarks: int, pairs: int) -> None:
        if benchmarks:
            stage = f"pairs {self._number + 1} to {self._number + pairs}"
            self._on_progress(Started(stage=stage, steps=benchmarks * pairs, unit="measurement"))
