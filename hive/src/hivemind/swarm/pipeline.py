"""A pipeline: stages whose dependencies were resolved and found sound."""

from __future__ import annotations

from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NoReturn

from hivemind.swarm.checks import check_kind
from hivemind.swarm.errors import PipelineError
from hivemind.swarm.stage import Stage

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
        needs = {name: _distinct(stage.after) for name, stage in named.items()}
        dependants = _dependants(needs)
        self.levels = _levels(needs, dependants)
        order = [name for level in self.levels for name in level]
        self.positions = positions = {name: position for position, name in enumerate(order)}
        self.stages = tuple([named[name] for name in order])
        self.dependencies = tuple([needs[name] for name in order])
        self.dependants = tuple([tuple([positions[each] for each in dependants[name]]) for name in order])
        self.waits = tuple([len(needed) for needed in self.dependencies])
        self.labels = tuple([f"stage {name}" for name in order])

    def __len__(self) -> int:
        """Return the number of stages."""
        return len(self.stages)

    def __repr__(self) -> str:
        """Show the levels."""
        return f"<Pipeline {' > '.join(', '.join(level) for level in self.levels)}>"


def _named(stages: Iterable[Stage]) -> dict[str, Stage]:
    named: dict[str, Stage] = {}
    for number, stage in enumerate(stages, 1):
        if type(stage) is not Stage:
            check_kind(stage, Stage, where=f"item {number} of the pipeline", allowed="a Stage")
        if stage.name in named:
            raise PipelineError(f"two stages are named {stage.name!a}; rename one, results are kept by name")
        named[stage.name] = stage
    if not named:
        raise PipelineError("the pipeline has no stage; give it at least one")
    return named


def _missing(name: str, needed: str, known: list[str]) -> str:
    close = get_close_matches(needed, known, n=1)
    hint = f"did you mean {close[0]!a}?" if close else f"the stages are {', '.join(map(ascii, known[:10]))}"
    return f"stage {name!a} comes after {needed!a}, which is not in the pipeline; {hint}"


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    return names if len(names) < 2 or len(set(names)) == len(names) else tuple(dict.fromkeys(names))  # noqa: PLR2004


def _dependants(needs: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Turn the graph round: from each stage to those that name it."""
    dependants: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in needs.items():
        for each in needed:
            if each not in dependants:
                raise PipelineError(_missing(name, each, list(needs)))
            dependants[each].append(name)
    return dependants


def _levels(needs: dict[str, tuple[str, ...]], dependants: dict[str, list[str]]) -> tuple[tuple[str, ...], ...]:
    """Peel off, level by level, what waits for nothing any more (Kahn 1962).

    graphlib peels just so, but keeps a node object for each stage; measured, it costs twice as much. What a circle
    leaves over is given to it, because it finds a path.
    """
    waits = {name: len(needed) for name, needed in needs.items()}
    ready = [name for name, count in waits.items() if not count]
    levels = []
    placed = 0
    while ready:
        levels.append(tuple(ready))
        placed += len(ready)
        following = []
        for name in ready:
            for dependant in dependants[name]:
                waits[dependant] -= 1
                if not waits[dependant]:
                    following.append(dependant)
        ready = following
    if placed < len(needs):
        _explain_circle(needs)
    return tuple(levels)


def _explain_circle(needs: dict[str, tuple[str, ...]]) -> NoReturn:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # graphlib lists each node before the one that needs it; read from the needing side it says who waits for whom.
        circle = " after ".join(ascii(name) for name in reversed(error.args[1]))
        raise PipelineError(f"the stages wait for each other in a circle: {circle}; remove one of these") from error
    raise AssertionError("stages that never become ready wait in a circle")
