"""Whether a verdict that somebody wrote down follows from its own numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.instruments import instrument_of, metric_named
from hivegate.model.reason import ReasonCode
from hivegate.model.targets import Holds, RuleKind
from hivegate.model.verdict import Outcome, Severity, Verdict

if TYPE_CHECKING:
    from hivegate.model.change import Change
    from hivegate.model.estimate import Estimate
    from hivegate.model.targets import Limit

# How much each outcome can weigh; a tier makes a failed target a warning or a note.
_WEIGHTS = {
    Outcome.PASSED: {Severity.NONE},
    Outcome.FASTER: {Severity.NONE},
    Outcome.FAILED: {Severity.NOTE, Severity.WARNING, Severity.BROKEN},
    Outcome.SLOWER: {Severity.BROKEN},
    Outcome.INCONCLUSIVE: {Severity.NOTE, Severity.WARNING, Severity.UNKNOWN},
    Outcome.CRASHED: {Severity.UNKNOWN},
    Outcome.MISSING: {Severity.UNKNOWN},
    Outcome.INVALID: {Severity.UNKNOWN},
    Outcome.NEW: {Severity.NONE},
    Outcome.WAIVED: {Severity.NOTE},
    Outcome.REVIEW: {Severity.WARNING},
    Outcome.UNCHANGED: {Severity.NONE},
}
_ROUNDED = 1e-6
_HOLDS = {Outcome.PASSED, Outcome.FASTER}


def contradiction(verdict: Verdict) -> str:
    """Say in what a verdict contradicts its own interval, limit or weight; "" where it does not."""
    if verdict.severity not in _WEIGHTS[verdict.outcome]:
        return f"is {verdict.outcome.value} and weighs {verdict.severity.value}"
    numbers = verdict.change or verdict.estimate
    if verdict.outcome is Outcome.NEW and numbers is not None and verdict.limit is not None and verdict.change is None:
        return "is new, yet has a limit and a value"
    change = verdict.change
    if change is not None and not math.isclose(change.head_value, change.base_value * change.ratio, rel_tol=_ROUNDED):
        return "has values whose ratio is another one"
    if verdict.outcome not in _HOLDS:
        unreached = verdict.reason.code is ReasonCode.UNREACHED and verdict.kind is RuleKind.BUDGET
        wrong = verdict.outcome is Outcome.UNCHANGED and not unreached
        return "is unchanged for another reason than that the change cannot reach it" if wrong else ""
    if numbers is None or verdict.limit is None:
        return f"is {verdict.outcome.value} without numbers or a limit"
    if verdict.change is not None:
        held = _within_budget(verdict, verdict.change, verdict.limit)
    else:
        held = verdict.estimate is not None and _holds(verdict, verdict.estimate, verdict.limit)
    return "" if held else f"is {verdict.outcome.value}, but its interval says otherwise"


def _holds(verdict: Verdict, estimate: Estimate, limit: Limit) -> bool:
    """Hold an estimate against its limit: the whole interval, or each pass where the limit holds in every pass."""
    if verdict.holds is Holds.EVERY_PASS:
        return bool(verdict.values) and all(_within(value, limit) for value in verdict.values)
    return _within(estimate.low, limit) and _within(estimate.high, limit)


def _within(value: float, limit: Limit) -> bool:
    return (limit.minimum is None or limit.minimum <= value) and (limit.maximum is None or value <= limit.maximum)


def _within_budget(verdict: Verdict, change: Change, limit: Limit) -> bool:
    """Hold a change against its budget, or against the noise floor where its reason names that."""
    if limit.maximum is None or not change.low <= change.ratio <= change.high:
        return False
    if verdict.outcome is Outcome.FASTER:
        return change.high < 1 / limit.maximum
    if change.high < limit.maximum:
        return True
    if verdict.reason.code is not ReasonCode.WITHIN_NOISE_FLOOR or change.base_value <= 0:
        return False
    metric = metric_named(verdict.metric or "")
    floor = max(verdict.noise_floor, instrument_of(metric).floor(metric))
    return change.high < 1 + floor / change.base_value
