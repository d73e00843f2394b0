"""Profiles for a person at a terminal: where the time and the memory go, and what to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.report.escape import printable
from hivegate.report.quantity import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.profile import Cause, Profile, Profiles

_TOP = 3


def render_profiles(profiles: Profiles) -> str:
    """Spell the top causes and the files of each benchmark."""
    return "\n".join(_lines(profiles)) + "\n"


def _lines(profiles: Profiles) -> Iterable[str]:
    seen: str | None = None
    for one in profiles.profiles:
        if one.benchmark != seen:
            if seen is not None:
                yield ""
            seen = one.benchmark
            yield printable(one.benchmark)
        yield from _profile(one, profiles.folder)
    if not profiles.profiles:
        yield "nothing to profile"
    else:
        yield ""
        yield f"all of it: {profiles.folder}/index.html"
    for note in profiles.notes:
        yield f"note: {printable(note, 1000)}"


def _profile(one: Profile, folder: str) -> Iterable[str]:
    yield f"  {printable(one.kind)}"
    for cause in one.top[:_TOP]:
        yield f"    {_cause(cause)}"
    for name, path in one.files.items():
        yield f"    {printable(name)}: {folder}/{path}"
    if one.note:
        yield f"    note: {printable(one.note, 1000)}"


def _cause(cause: Cause) -> str:
    amounts = []
    if cause.seconds_per_call is not None:
        amounts.append(f"{quantity(cause.seconds_per_call, Dimension.SECONDS)} a call")
    if cause.bytes_per_call is not None:
        amounts.append(f"{quantity(cause.bytes_per_call, Dimension.BYTES)} a call")
    source = f"  {printable(cause.source, 60)}" if cause.source else ""
    amount = f" ({', '.join(amounts)})" if amounts else ""
    place = f"{printable(cause.function)} {printable(cause.file)}:{cause.line}"
    return f"{cause.share:6.1%} {place}{amount}{source}"
