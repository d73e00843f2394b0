"""What profiles say of a verdict's benchmark, with links to their files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.quantity import part, quantity
from hivegate.report.top_causes import nearest_first

if TYPE_CHECKING:
    from hivegate.model.profile import Cause, Increase, Profile
    from hivegate.model.verdict import VerdictKey
    from hivegate.report.bundle import Bundle

_MOST_PROFILES = 6  # of one verdict; a group covers many sizes
_MOST_CAUSES = 5


class CauseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One place that takes much; `width` is its share as a bar."""

    share: str
    width: str
    amount: str
    code: str
    place: str


class IncreaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One place that takes more of a call in head than in base."""

    more: str
    code: str
    place: str
    sides: str


class Profiled(msgspec.Struct, frozen=True, kw_only=True):
    """One profile: what made it, its files as (name, address), its causes, and what grew since base."""

    benchmark: str
    kind: str
    links: tuple[tuple[str, str], ...]
    causes: tuple[CauseRow, ...]
    increases: tuple[IncreaseRow, ...]
    note: str


def profiled(verdict: VerdictKey, bundle: Bundle) -> tuple[Profiled, ...]:
    """Find the profiles of a verdict's benchmark, or of all sizes of a group, those of its metric first.

    Without a folder that holds their files, or where a path leaves it, there is no link.
    """
    made = bundle.profiles.profiles if bundle.profiles else ()
    found = nearest_first(verdict.metric, [one for one in made if matches(verdict.benchmark, one.benchmark)])
    return tuple(_profiled(one, bundle.profiles_at) for one in found[:_MOST_PROFILES])


def _profiled(one: Profile, folder: str | None) -> Profiled:
    links = ((name, _address(folder, path)) for name, path in one.files.items())
    return Profiled(
        benchmark=one.benchmark,
        kind=one.kind,
        links=tuple((name, address) for name, address in links if address),
        causes=tuple(_row(cause) for cause in one.top[:_MOST_CAUSES]),
        increases=tuple(_increase(increase, one.unit) for increase in one.increases[:_MOST_CAUSES]),
        note=one.note,
    )


def _address(folder: str | None, path: str) -> str:
    """Spell a relative address; the path comes from a file that may be hostile, so it can be no scheme and no host."""
    parts = path.replace("\\", "/").split("/")
    if folder is None or ".." in parts or not path or parts[0] == "":
        return ""
    return quote(f"./{folder}/{'/'.join(parts)}", errors="replace")


def _increase(one: Increase, unit: str) -> IncreaseRow:
    dimension = Dimension.BYTES if unit == "bytes" else Dimension.SECONDS
    base, head, delta = (quantity(amount, dimension) for amount in (one.base, one.head, one.delta))
    return IncreaseRow(
        more=f"+{delta}",
        code=one.source or one.function,
        place=_place(one.file, one.line),
        sides=f"{base} -> {head} a call",
    )


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if file else "built in, or the benchmark itself"


def _row(cause: Cause) -> CauseRow:
    amounts = []
    if cause.seconds_per_call is not None:
        amounts.append(quantity(cause.seconds_per_call, Dimension.SECONDS))
    if cause.bytes_per_call is not None:
        amounts.append(quantity(cause.bytes_per_call, Dimension.BYTES))
    return CauseRow(
        share=part(cause.share),
        width=f"{min(1.0, max(0.0, cause.share)):.2%}",
        amount=", ".join(amounts),
        code=cause.source or cause.function,
        place=_place(cause.file, cause.line),
    )
