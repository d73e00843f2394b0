"""A pipeline: stages whose dependencies were resolved and found sound."""

from __future__ import annotations

from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from hivegate.hive.swarm.checks import check_kind
from hivegate.hive.swarm.errors import PipelineError
from hivegate.hive.swarm.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable


class Pipeline:
    """Stages in a valid order: names are unique, every dependency exists, and nothing waits for itself.

    Immutable, so any number of runs share it. Raises PipelineError naming the stage at fault. Time: linear in the
    stages and their dependencies.
    """

    __slots__ = ("dependants", "dependencies", "labels", "levels", "positions", "stages", "waits")

    stages: tuple[Stage, ...]
    """The stages, each after what it needs; among equals as given."""
    levels: tuple[tuple[str, ...], ...]
    """The names by depth: a level's stages need only earlier levels."""
    positions: dict[str, int]
    """Where in `stages` each name is."""
    dependencies: tuple[tuple[str, ...], ...]
    """For each stage the names it comes after, each once."""
    dependants: tuple[tuple[int, ...], ...]
    """For each stage the positions of those that come after it."""
    waits: tuple[int, ...]
    """For each stage how many others it waits for."""
    labels: tuple[str, ...]
    """What each stage's task is called."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        named = _named(stages)
        needs = {name: tuple(dict.fromkeys(stage.after)) for name, stage in named.items()}
        self.levels = _levels(needs)
        order = [name for level in self.levels for name in level]
        self.positions = {name: position for position, name in enumerate(order)}
        self.stages = tuple(named[name] for name in order)
        self.dependencies = tuple(needs[name] for name in order)
        self.waits = tuple(map(len, self.dependencies))
        self.labels = tuple(f"stage {name}" for name in order)
        dependants: list[list[int]] = [[] for _ in order]
        for position, needed in enumerate(self.dependencies):
            for name in needed:
                dependants[self.positions[name]].append(position)
        self.dependants = tuple(map(tuple, dependants))

    def __len__(self) -> int:
        """Return the number of stages."""
        return len(self.stages)

    def __repr__(self) -> str:
        """Show the levels."""
        return f"<Pipeline {' > '.join(', '.join(level) for level in self.levels)}>"

    def downstream(self, position: int) -> list[int]:
        """Return the positions of everything that needs a stage, directly or not."""
        found: dict[int, None] = {}
        ahead = list(self.dependants[position])
        while ahead:
            each = ahead.pop()
            if each not in found:
                found[each] = None
                ahead.extend(self.dependants[each])
        return list(found)


def _named(stages: Iterable[Stage]) -> dict[str, Stage]:
    named: dict[str, Stage] = {}
    for number, stage in enumerate(stages, 1):
        check_kind(stage, Stage, where=f"item {number} of the pipeline", allowed="a Stage")
        if stage.name in named:
            raise PipelineError(f"two stages are named {stage.name!a}; rename one, results are kept by name")
        named[stage.name] = stage
    if not named:
        raise PipelineError("the pipeline has no stage; give it at least one")
    for name, stage in named.items():
        for needed in stage.after:
            if needed not in named:
                raise PipelineError(_missing(name, needed, list(named)))
    return named


def _missing(name: str, needed: str, known: list[str]) -> str:
    close = get_close_matches(needed, known, n=1)
    hint = f"did you mean {close[0]!a}?" if close else f"the stages are {', '.join(map(ascii, known[:10]))}"
    return f"stage {name!a} comes after {needed!a}, which is not in the pipeline; {hint}"


def _levels(needs: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        # graphlib lists each node before the one that needs it; read from the needing side it says who waits for whom.
        circle = " after ".join(ascii(name) for name in reversed(error.args[1]))
        raise PipelineError(f"the stages wait for each other in a circle: {circle}; remove one of these") from error
    levels = []
    while ready := sorter.get_ready():
        sorter.done(*ready)
        levels.append(ready)
    return tuple(levels)
