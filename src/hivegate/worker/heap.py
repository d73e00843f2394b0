"""The heap of a measured process: unlike others on purpose, so that no chance decides; and its garbage collector."""

from __future__ import annotations

import contextlib
import gc
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_JITTER_JUNK = 3000
_SIZES = range(16, 513, 16)  # the size classes of CPython's small-object allocator
_COUNTED_JUNK = 4000
_LARGEST = 480  # bytes, beside the 33 that a bytes object has: about what the small-object allocator serves


def jitter_heap(seed: int) -> list[object]:
    """Make junk objects of all size classes and free a quarter of them; returns those that stay.

    Without it code that head alone has moves every later object by the same amount in every pair, which read as up to
    2.1 % in benchmarks that it has nothing to do with.
    """
    chance = random.Random(seed)  # noqa: S311  no secret
    sizes = list(_SIZES)
    junk: list[object] = [bytes(chance.choice(sizes)) for _ in range(_JITTER_JUNK)]
    chance.shuffle(junk)
    return junk[_JITTER_JUNK // 4 :]


class CountedHeap:
    """A heap to make: of junk of all size classes, two thirds of it integers, a quarter is freed, by chance of a seed.

    Freed in the order in which it was made, so that what the allocator hands out next lies in a block with room: one
    that is full but for a place costs it 1 % of a loop over integers, and whether it has one at hand is chance.
    That is drawn once, before any fork: under valgrind it takes longer than the calls.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  no secret
        self._sizes = [0 if place % 3 else chance.randrange(1, _LARGEST) for place in range(_COUNTED_JUNK)]
        self._freed = sorted(chance.sample(range(_COUNTED_JUNK), _COUNTED_JUNK // 4))

    def make(self) -> list[object]:
        """Return the junk that stays."""
        junk: list[object] = [bytes(size) if size else _LARGEST + place for place, size in enumerate(self._sizes)]
        for place in self._freed:
            junk[place] = None
        return junk


@contextlib.contextmanager
def collector_as(fixture: Any) -> Iterator[None]:  # noqa: ANN401  pytest-benchmark is untyped
    """Keep the benchmark's own policy for the garbage collector."""
    collecting = gc.isenabled()
    if getattr(fixture, "_disable_gc", False):
        gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
