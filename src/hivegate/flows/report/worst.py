"""hivegate verdict: several results, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.flows.workspace import load_result
from hivegate.model.verdict import GateResult, Outcome, summarize
from hivegate.report.headline import counts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WORST_FIRST = (1, 2, 3, 0)


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What one file says, and the exit status that it asks for."""

    source: str
    outcome: str
    said: str
    exit_status: int


def hear(paths: Sequence[Path]) -> tuple[Word, ...]:
    """Read results; one that is missing, malformed, partial, or at odds with itself speaks against the whole."""
    return tuple(_hear(path) for path in paths)


def worst(words: Sequence[Word]) -> int:
    """Find the exit status of all: failed weighs more than unreadable, that more than inconclusive."""
    return min((one.exit_status for one in words), key=_WORST_FIRST.index, default=3)


def check_sound(result: GateResult, *, where: str) -> GateResult:
    """Pass a result on whose outcome follows from its verdicts; raises `ResultsError` for any other."""
    outcome, exit_status = summarize(result.verdicts)
    if (result.outcome, result.exit_status) != (outcome, exit_status):
        raise ResultsError(
            f"says {result.outcome.value} and exit status {result.exit_status}, "
            f"but its verdicts say {outcome.value} and {exit_status}",
            where=where,
            hint="hivegate writes no such result; it was changed",
        )
    if result.partial != bool(result.not_selected):
        raise ResultsError("is partial without naming what was not selected, or the reverse", where=where)
    return result


def _hear(path: Path) -> Word:
    try:
        result = check_sound(load_result(path), where=str(path))
    except ResultsError as fault:
        return Word(source=path.name, outcome="unreadable", said=str(fault), exit_status=fault.exit_status)
    if result.partial and result.outcome is Outcome.PASSED:
        said = f"a selection left {len(result.not_selected)} benchmarks out; a part is no verdict on the whole"
        return Word(source=path.name, outcome="partial", said=said, exit_status=3)
    return Word(
        source=path.name, outcome=result.outcome.value, said=counts(result), exit_status=result.exit_status or 0
    )
