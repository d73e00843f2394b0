"""Profiles: where the time and the memory of a benchmark go."""

from __future__ import annotations

import msgspec

from hivegate.model.verdict import VerdictKey

# History: 1 first.
PROFILE_SCHEMA = 1


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place in the code that takes much of a benchmark; `share` is of the benchmark's own time or memory.

    `seconds_per_call` and `bytes_per_call` are None, and `source`, the line's text, is empty where that profiler does
    not tell. `file` never names a folder outside the project.
    """

    function: str
    file: str
    line: int
    source: str = ""
    share: float
    seconds_per_call: float | None = None
    bytes_per_call: float | None = None


class Increase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place in the code that takes more of a call in head than in base, `error` being the standard error of that.

    `line` is where it grew most and `source` its text in head. `hunks` are those of git's difference that touch the
    function; where none does, they may touch `through`, the nearest function that calls it and has changed. `before` is
    its file in base, where that was another one.
    """

    function: str
    file: str
    before: str = ""
    line: int
    source: str = ""
    base: float
    head: float
    error: float
    hunks: tuple[str, ...] = ()
    through: str = ""

    @property
    def delta(self) -> float:
        """What head takes more than base."""
        return self.head - self.base


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one profiler saw of one benchmark.

    `files` are paths from the folder of `Profiles` by what they are; `samples` are those that fell on the benchmark,
    in `calls` calls; `note` says what the reader must know, above all why a profile is missing or less than wanted.
    A profile without files was not made. Where base was profiled too, `increases` are the places that surely take more
    than there, the most first, in seconds or bytes of a call as `unit` says.
    """

    benchmark: str
    kind: str
    files: dict[str, str] = {}
    samples: int = 0
    calls: int = 0
    seconds_per_call: float | None = None
    top: tuple[Cause, ...] = ()
    compared: bool = False
    unit: str = "seconds"
    increases: tuple[Increase, ...] = ()
    note: str = ""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """The first lines of the cause of verdict `key`; `profiled` is the benchmark that stands for a group of sizes."""

    key: VerdictKey
    profiled: str
    outcome: str
    reason: str
    causes: tuple[str, ...]


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """All profiles of one flow, the folder that holds them, and what could not be profiled.

    `base` names the revision that head was profiled against, None where there was none.
    """

    schema: int = PROFILE_SCHEMA
    folder: str
    profiles: tuple[Profile, ...]
    base: str | None = None
    explained: tuple[Explained, ...] = ()
    notes: tuple[str, ...] = ()
