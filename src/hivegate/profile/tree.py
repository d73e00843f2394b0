"""Stacks grown together into a tree of calls, for drawing: one side, or two sides to be compared. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hivegate.profile.flame import Frame, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Node:
    """A function as called from its parent: per side what it took with its callees, and what it took itself.

    `lines` counts, on the last side, how much was spent at which line of it.
    """

    __slots__ = ("children", "frame", "lines", "own", "total", "width")

    def __init__(self, frame: Frame, sides: int) -> None:
        self.frame = frame
        self.total = [0.0] * sides
        self.own = [0.0] * sides
        self.width = 0.0
        self.lines: Counter[int] = Counter()
        self.children: dict[Frame, Node] = {}


def grow(sides: Sequence[Mapping[Stack, float]]) -> Node:
    """Grow the tree of all stacks; lines of a function are one node. O(frames)."""
    root = Node(Frame(""), len(sides))
    functions: dict[Frame, Frame] = {}  # by frame: making one takes longer than all else here
    for side, stacks in enumerate(sides):
        for stack, amount in stacks.items():
            node = root
            node.total[side] += amount
            for frame in stack:
                function = functions.get(frame) or functions.setdefault(frame, frame.function)
                node = node.children.get(function) or node.children.setdefault(function, Node(function, len(sides)))
                node.total[side] += amount
                if side == len(sides) - 1 and frame.line:
                    node.lines[frame.line] += amount  # type: ignore[assignment]  # typeshed counts with integers only
            node.own[side] += amount
    _widen(root)
    return root


def _widen(root: Node) -> None:
    # What a node takes on either side, so that its callees always fit under it: the sum of theirs and its own most.
    for _, node in reversed(list(_walk(root))):
        node.width = max(node.own) + sum(child.width for child in node.children.values())


def _walk(root: Node) -> Iterator[tuple[int, Node]]:
    # Depth first, the widest callee first; without recursion, because stacks of the subject may be deeper than ours.
    waiting = [(0, root)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        ordered = sorted(node.children.values(), key=lambda child: (child.width, child.frame))
        waiting += [(depth + 1, child) for child in ordered]


def rows(root: Node, most: int) -> list[tuple[int, Node]]:
    """List the nodes below the root with their depth, each before its callees, the widest first.

    Where there are more than `most`, the smallest are left out, each with its callees.
    """
    found = [(depth - 1, node) for depth, node in _walk(root) if depth]
    if len(found) <= most:
        return found
    least = sorted((node.width for _, node in found), reverse=True)[most]
    # A callee is never wider than its caller, so nobody loses a caller.
    return [(depth, node) for depth, node in found if node.width > least]
