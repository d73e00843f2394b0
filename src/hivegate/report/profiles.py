"""Profiles for a person at a terminal: the causes under each red verdict, the change that made them, what to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.quantity import part, quantity
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.profile import Cause, Explained, Increase, Profile, Profiles

_TOP = 3
_HUNK_LINES = 14
_PAGES = frozenset({"difference", "flame graph", "line profile", "stacks at the peak"})


def render_profiles(profiles: Profiles) -> str:
    """Spell the causes of each benchmark and where its pages are."""
    return "\n".join(_lines(profiles)) + "\n"


def _lines(profiles: Profiles) -> Iterable[str]:
    if profiles.base is not None:
        yield f"head against {printable(profiles.base)}"
        yield ""
    grouped: dict[str, list[Profile]] = {}
    for one in profiles.profiles:
        grouped.setdefault(one.benchmark, []).append(one)
    for benchmark, made in grouped.items():
        told = [one for one in profiles.explained if one.profiled == benchmark]
        yield from _benchmark(benchmark, made, told, profiles.folder)
        yield ""
    yield f"all of it: {profiles.folder}/index.html" if grouped else "nothing to profile"
    for note in profiles.notes:
        yield f"note: {printable(note, 1000)}"


def _benchmark(benchmark: str, made: Sequence[Profile], told: Sequence[Explained], folder: str) -> Iterable[str]:
    for one in told:
        yield f"{one.outcome.upper()}  {printable(one.key.benchmark)}  {printable(one.reason)}"
        for line in one.causes:
            yield f"  {line}"
    if not told:
        yield printable(benchmark)
    yield from _change(made)
    for profile in made:
        yield from _profile(profile, folder, briefly=bool(told))


def _change(made: Sequence[Profile]) -> Iterable[str]:
    """Spell the change that touches what grew most: usually the line that is to blame."""
    first = next((increase for one in made for increase in one.increases if increase.hunks), None)
    if first is not None:
        yield f"  changed in {_changed_place(first)}:"
        lines = first.hunks[0].split("\n")
        for line in lines[:_HUNK_LINES]:
            yield f"    {line[:1]}{_code(line[1:])}".rstrip()
        if len(lines) > _HUNK_LINES:
            yield f"    ... {len(lines) - _HUNK_LINES} lines more"


def _changed_place(increase: Increase) -> str:
    moved = f" (in base: {increase.before})" if increase.before else ""
    return printable(increase.through or f"{increase.function} {increase.file}:{increase.line}{moved}")


def _code(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + printable(line, 200) if line.strip() else ""


def _profile(one: Profile, folder: str, *, briefly: bool) -> Iterable[str]:
    yield f"  {printable(one.kind)}"
    if not briefly:
        yield from (f"    {_cause(cause)}" for cause in one.top[:_TOP])
    for name, path in one.files.items():
        if name in _PAGES:
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
    place = printable(cause.function) + (f" {printable(cause.file)}:{cause.line}" if cause.file else "")
    return f"{part(cause.share):>6} {place}{amount}{source}"
