"""The first lines of every report: how many of what, how and where it was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.verdict import Outcome
from hivegate.report.quantity import percent

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult


def counts(result: GateResult) -> str:
    """Count the outcomes, the worst first."""
    order = (
        Outcome.FAILED,
        Outcome.SLOWER,
        Outcome.MISSING,
        Outcome.INVALID,
        Outcome.INCONCLUSIVE,
        Outcome.WAIVED,
        Outcome.FASTER,
        Outcome.PASSED,
    )
    counted = [(outcome, sum(one.outcome is outcome for one in result.verdicts)) for outcome in order]
    parts = [f"{number} {outcome.value}" for outcome, number in counted if number]
    if not parts:
        parts = ["no target was judged" if result.base is None else "nothing was compared"]
    if result.not_selected:
        parts.append(f"{len(result.not_selected)} not selected")
    if result.not_compared:
        parts.append(f"{len(result.not_compared)} without a budget")
    return ", ".join(parts)


def method(result: GateResult) -> str:
    """Say how it was measured."""
    if result.base is not None:
        return f"against {result.base}"
    statistics = result.run_statistics
    passes = f"{statistics.passes} passes" if statistics.passes != 1 else "one pass"
    looks = f" over {statistics.looks} looks" if statistics.looks > 1 else ""
    return f"{passes}, {percent(statistics.confidence)} confidence{looks}"


def machine(result: GateResult) -> str:
    """Say where it was measured."""
    known = result.environment
    cores = None if known.cores is None else f"{known.cores} cores"
    python = None if known.python is None else f"{known.implementation or 'Python'} {known.python}"
    return ", ".join(part for part in (python, known.cpu, cores) if part)
