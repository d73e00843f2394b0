"""Profiles: where the time and the memory of a benchmark go."""

from __future__ import annotations

import msgspec

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


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one profiler saw of one benchmark.

    `files` are paths from the folder of `Profiles` by what they are; `samples` are those that fell on the benchmark,
    in `calls` calls; `note` says what the reader must know, above all why a profile is missing or less than wanted.
    A profile without files was not made.
    """

    benchmark: str
    kind: str
    files: dict[str, str] = {}
    samples: int = 0
    calls: int = 0
    seconds_per_call: float | None = None
    top: tuple[Cause, ...] = ()
    note: str = ""


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """All profiles of one flow, the folder that holds them, and what could not be profiled."""

    schema: int = PROFILE_SCHEMA
    folder: str
    profiles: tuple[Profile, ...]
    notes: tuple[str, ...] = ()
