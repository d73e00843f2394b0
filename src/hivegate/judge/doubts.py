"""What nobody proved to be the subject is not judged: the verdict on it is inconclusive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.model.reason import AdviceCode, Reason, ReasonCode
from hivegate.model.verdict import Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.subject import SubjectDoubt

_MEASURED = frozenset(
    {Outcome.PASSED, Outcome.FASTER, Outcome.FAILED, Outcome.SLOWER, Outcome.WAIVED, Outcome.UNCHANGED}
)


def doubted(verdict: Verdict, doubts: Sequence[SubjectDoubt], *, external: bool) -> Verdict:
    """Make a verdict inconclusive where there is a doubt about its subject; what is inconclusive stays so.

    `external` where the benchmark says that it measures what is not the project's.
    """
    for doubt in doubts:
        spared = (external and doubt.spares_external) or (verdict.outcome is Outcome.SLOWER and doubt.spares_slower)
        if not spared and (verdict.outcome in _MEASURED or _is_open(verdict)):
            return msgspec.structs.replace(
                verdict,
                outcome=Outcome.INCONCLUSIVE,
                severity=Severity.UNKNOWN,
                reason=Reason(code=ReasonCode.SUBJECT_UNPROVEN, text=doubt.text, hint=doubt.hint),
                advice=AdviceCode.OTHER,
                needs_more=False,
            )
    return verdict


def _is_open(verdict: Verdict) -> bool:
    measured = verdict.change is not None or verdict.estimate is not None
    return verdict.outcome is Outcome.INCONCLUSIVE and measured
