"""One series across environments: what each costs, learned where they take turns, and left open where they do not.

Environments differ by factors, such as the processor and the kernel. Two levels of a factor between which runs switch
to and fro can be told apart from the code: their distance is learned from neighbouring runs. A switch that happened
once cannot; it stays in the series, and is a cause that competes with the commits of the same days.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hivegate.model.trend import Boundary

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

_TURNS = 4  # switches between two levels that make them comparable
_RARE = 8  # runs in a row that are too few for a boundary on either side
_NEAR = 4  # runs apart that are still neighbours
_FITS = 12
_EXACT = 1e-4
_UNLIKE = 2.5  # times the noise: what neighbours differ by beyond their factors


class Factor(NamedTuple):
    """A factor of the environment: its level in each run, and which levels are comparable, by the number of a group."""

    name: str
    levels: tuple[str, ...]
    group: dict[str, int]

    def boundaries(self) -> list[Boundary]:
        """Find the switches between levels that are not comparable."""
        return [
            Boundary(run=place, factor=self.name, old=old, new=new)
            for place, (old, new) in enumerate(itertools.pairwise(self.levels), 1)
            if self.group[old] != self.group[new]
        ]


def make_factor(name: str, levels: Sequence[str]) -> Factor:
    """Group the levels between which runs take turns, the groups that are joined already as one."""
    group = {level: number for number, level in enumerate(dict.fromkeys(levels))}
    while True:
        turns: dict[tuple[int, int], int] = {}
        for old, new in itertools.pairwise(levels):
            one, other = sorted((group[old], group[new]))
            if one != other:
                turns[one, other] = turns.get((one, other), 0) + 1
        joined = next((pair for pair, count in turns.items() if count >= _TURNS), None)
        if joined is None:
            return Factor(name, tuple(levels), group)
        group = {level: joined[0] if number == joined[1] else number for level, number in group.items()}


def strangers(factors: Sequence[Factor]) -> set[int]:
    """Find the runs in an environment that came and went, too rarely to compare it."""
    found: set[int] = set()
    for factor in factors:
        switches = factor.boundaries()
        for one, other in itertools.pairwise(switches):
            back = factor.group[one.old] == factor.group[other.new]
            if back and other.run - one.run < _RARE:
                found.update(range(one.run, other.run))
    return found


def learn_offsets(
    logs: npt.NDArray[np.float64], runs: npt.NDArray[np.int64], factors: Sequence[Factor], at: int
) -> npt.NDArray[np.float64] | None:
    """Learn by how much each point is higher than it would be in the environment of the run `at`.

    By least absolute differences of neighbours, so that steps of the code on the way do not count. None where what is
    left is far noisier than neighbours in one environment are: then the factors do not explain the differences.
    """
    columns: list[npt.NDArray[np.float64]] = []
    apart = np.zeros((len(factors), len(logs)), dtype=np.int64)
    for number, factor in enumerate(factors):
        here = [factor.levels[run] for run in runs]
        apart[number] = [factor.group[level] for level in here]
        for group in dict.fromkeys(apart[number].tolist()):
            of = [level for level in dict.fromkeys(here) if factor.group[level] == group]
            home = factor.levels[at] if factor.levels[at] in of else max(of, key=here.count)
            columns += [np.array([level == one for level in here], dtype=np.float64) for one in of if one != home]
    if not columns:
        return np.zeros(len(logs))
    design = np.stack(columns, axis=1)
    rows, gaps, still = [], [], []
    for lag in range(1, min(_NEAR, len(logs) - 1) + 1):
        step, gap = design[lag:] - design[:-lag], logs[lag:] - logs[:-lag]
        same = (apart[:, lag:] == apart[:, :-lag]).all(axis=0)
        turned = (step != 0).any(axis=1)
        rows.append(step[same & turned])
        gaps.append(gap[same & turned])
        still.append(gap[same & ~turned])
    steps, gap, quiet = np.concatenate(rows), np.concatenate(gaps), np.concatenate(still)
    if not len(gap):
        return np.zeros(len(logs))
    cost: npt.NDArray[np.floating] = np.zeros(design.shape[1])
    for _ in range(_FITS):
        weight = 1 / np.sqrt(np.maximum(np.abs(gap - steps @ cost), _EXACT))
        cost = np.linalg.lstsq(steps * weight[:, None], gap * weight, rcond=None)[0]
    rest = float(np.median(np.abs(gap - steps @ cost)))
    if len(quiet) >= len(cost) and rest > _UNLIKE * max(float(np.median(np.abs(quiet))), _EXACT):
        return None
    found: npt.NDArray[np.float64] = design @ cost
    return found
