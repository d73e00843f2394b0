"""What a benchmark reaches, as far as a comparison speaks of it."""

from __future__ import annotations

import msgspec


class Unreached(msgspec.Struct, frozen=True, kw_only=True):
    """That a change cannot reach a benchmark: it ran so many functions of so many files, the same on both sides."""

    functions: int
    modules: int


class UntestedFunction(msgspec.Struct, frozen=True, kw_only=True):
    """A function that a change touches and no benchmark runs, with its file in the project and its lines."""

    name: str
    file: str
    first: int
    last: int
