"""Small trees of objects, made and dropped."""

from __future__ import annotations

from .doses import BUILD


class Node:
    """A place in a tree."""

    def __init__(self, depth: int) -> None:
        self.name = f"node {depth}"
        self.children = [Node(depth - 1), Node(depth - 1)] if depth else []

    def count(self) -> int:
        """Count the nodes below and this one."""
        return 1 + sum(one.count() for one in self.children)


def build() -> int:
    """Build so many trees and count their nodes."""
    total = 0
    for _ in range(BUILD):
        total += Node(3).count()
    return total
