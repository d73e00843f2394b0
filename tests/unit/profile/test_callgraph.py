"""Stacks out of cProfile's call graph."""

import msgspec
import pytest

from hivegate.model.protocol import FunctionTimes
from hivegate.profile.callgraph import unfold
from hivegate.profile.flame import MARKER, Flame


def graph(*entries: tuple[str, float, float, dict[str, float]]) -> Flame:
    """Write (function, own seconds, total seconds, seconds of callees) as the worker records them."""
    known = msgspec.convert(
        [
            {
                "function": [name, f"{name}.py", 1],
                "own": own,
                "total": total,
                "callees": [[callee, f"{callee}.py", 1, seconds] for callee, seconds in callees.items()],
            }
            for name, own, total, callees in entries
        ],
        tuple[FunctionTimes, ...],
    )
    return unfold(known, benchmark="suite/one", per_call=1.0, shorten=lambda path: path)


def paths(flame: Flame) -> dict[str, int]:
    """Spell the stacks below the root."""
    return {"/".join(frame.name for frame in stack[1:]): count for stack, count in flame.stacks.items()}


def test_a_shared_callee_is_divided_among_its_callers() -> None:
    """What a callee calls follows the shares of its callers."""
    flame = graph(
        (MARKER, 0.0, 10.0, {"a": 6.0, "b": 4.0}),
        ("a", 3.0, 6.0, {"shared": 3.0}),
        ("b", 3.0, 4.0, {"shared": 1.0}),
        ("shared", 2.0, 4.0, {"leaf": 2.0}),
        ("leaf", 2.0, 2.0, {}),
    )
    assert paths(flame) == {
        "a": 3000,
        "b": 3000,
        "a/shared": 1500,
        "a/shared/leaf": 1500,
        "b/shared": 500,
        "b/shared/leaf": 500,
    }


def test_recursion_ends_and_keeps_the_whole() -> None:
    """A function that calls itself through another is not followed round, and no time is lost."""
    flame = graph(
        (MARKER, 0.0, 10.0, {"a": 10.0}),
        ("a", 4.0, 10.0, {"b": 9.0}),
        ("b", 6.0, 9.0, {"a": 7.0}),
    )
    assert sum(flame.stacks.values()) == pytest.approx(10_000, rel=0.01)


def test_without_the_marker_there_is_nothing() -> None:
    """A graph of something else has no benchmark in it."""
    assert graph(("a", 1.0, 1.0, {})).stacks == {}
