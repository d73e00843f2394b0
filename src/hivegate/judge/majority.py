"""The policy of a gate that decided less than half of what it was asked."""

from __future__ import annotations

import msgspec

from hivegate.model.targets import Effect
from hivegate.model.verdict import Outcome, Severity, Verdict, is_mostly_inconclusive


def weighed(verdicts: tuple[Verdict, ...], policy: Effect) -> tuple[Verdict, ...]:
    """Make what is inconclusive fail where most is, and the policy says so."""
    if policy is not Effect.FAIL or not is_mostly_inconclusive(verdicts):
        return verdicts
    return tuple(
        msgspec.structs.replace(one, severity=max(one.severity, Severity.UNKNOWN))
        if one.outcome is Outcome.INCONCLUSIVE and one.severity >= Severity.WARNING
        else one
        for one in verdicts
    )
