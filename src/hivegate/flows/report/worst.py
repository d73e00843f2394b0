"""Combine several results into one exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.flows.workspace import load_result
from hivegate.judge import contradiction
from hivegate.model.verdict import GateResult, summarize
from hivegate.report.headline import counts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WORST_FIRST = (1, 2, 3, 0)


class ResultSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What one result file holds, in words, and the exit status that it asks for."""

    source: str
    outcome: str
    text: str
    exit_status: int


def summarize_results(paths: Sequence[Path]) -> tuple[ResultSummary, ...]:
    """Read results; one that is missing, malformed, partial or inconsistent does not pass."""
    return tuple(_summary(path) for path in paths)


def worst(summaries: Sequence[ResultSummary]) -> int:
    """Find the exit status of all: failed weighs more than unreadable, that more than inconclusive."""
    return min((summary.exit_status for summary in summaries), key=_WORST_FIRST.index, default=3)


def check_sound(result: GateResult, *, where: str) -> GateResult:
    """Pass a result on whose verdicts follow from their numbers, and whose outcome follows from its verdicts.

    Raises `ResultsError` for any other.
    """
    for verdict in result.verdicts:
        if said := contradiction(verdict):
            raise ResultsError(
                f"{verdict.benchmark}: {said}", where=where, hint="hivegate writes no such result; it was changed"
            )
    outcome, exit_status = summarize(result.verdicts, interrupted=result.interrupted)
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


def _summary(path: Path) -> ResultSummary:
    try:
        result = check_sound(load_result(path), where=str(path))
    except ResultsError as fault:
        return ResultSummary(source=path.name, outcome="unreadable", text=str(fault), exit_status=fault.exit_status)
    if result.partial and result.exit_status == 0:
        text = f"a selection left {len(result.not_selected)} benchmarks out; a part is not a verdict on the whole suite"
        return ResultSummary(source=path.name, outcome="partial", text=text, exit_status=3)
    return ResultSummary(
        source=path.name, outcome=result.outcome.value, text=counts(result), exit_status=result.exit_status or 0
    )
