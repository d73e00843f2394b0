"""A verdict that was written down is judged again from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs
from tests.measured import benchmark, gate, run, target, targets
from tests.results import changed, green, hostile, needing_more, red
from tests.unit.judge.test_changes import budget, change, judged

from hivegate.judge import contradiction
from hivegate.model.metric import Dimension
from hivegate.model.targets import Holds, Limit
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable


def verdict(**fields: Any) -> Verdict:  # noqa: ANN401  a verdict's fields
    """Judge a change and alter the verdict as a forger would."""
    [made] = judged(targets(budgets=(budget(0.03),)), change=change(1.15, 1.25)).verdicts
    assert made.outcome is Outcome.SLOWER
    return structs.replace(made, **fields)


LOOSE = Limit(maximum=9.0, dimension=Dimension.RATIO, text="800 % slower")
FORGED: dict[str, dict[str, Any]] = {
    "severity": {"severity": Severity.NONE},
    "outcome": {"outcome": Outcome.PASSED, "severity": Severity.NONE},
    "outcome alone": {"outcome": Outcome.PASSED},
    "faster": {"outcome": Outcome.FASTER, "severity": Severity.NONE, "limit": LOOSE},
    "new": {"outcome": Outcome.NEW, "severity": Severity.BROKEN},
    "missing without weight": {"outcome": Outcome.MISSING, "severity": Severity.NONE},
    "waived without weight": {"outcome": Outcome.WAIVED, "severity": Severity.NONE},
    "review without weight": {"outcome": Outcome.REVIEW, "severity": Severity.NONE},
    "no numbers": {"outcome": Outcome.PASSED, "severity": Severity.NONE, "change": None},
    "no limit": {"outcome": Outcome.PASSED, "severity": Severity.NONE, "limit": None},
    "an interval without its value": {
        "outcome": Outcome.PASSED,
        "severity": Severity.NONE,
        "change": structs.replace(change(0.99, 1.01), ratio=1.2),
    },
}


@pytest.mark.parametrize("name", FORGED)
def test_what_does_not_follow_from_its_numbers_is_refused(name: str) -> None:
    """Whichever field was changed."""
    assert contradiction(verdict(**FORGED[name]))


def test_an_inconclusive_target_does_not_become_a_pass_by_its_values() -> None:
    """That every pass lies within is enough only where the limit has to hold in every pass."""
    (near,) = gate(targets(target("a", maximum=1.02)), run(benchmark("a", [1.0, 1.01, 0.95, 1.0, 0.97]))).verdicts
    assert near.outcome is Outcome.INCONCLUSIVE
    forged = structs.replace(near, outcome=Outcome.PASSED, severity=Severity.NONE)
    assert contradiction(forged)
    assert not contradiction(structs.replace(forged, holds=Holds.EVERY_PASS))
    assert contradiction(structs.replace(forged, holds=Holds.EVERY_PASS, values=(*near.values, 1.5)))


@pytest.mark.parametrize("made", [green, red, needing_more, changed, hostile])
def test_what_hivegate_judged_contradicts_nothing(made: Callable[[], GateResult]) -> None:
    """Every verdict that the tests make by judging; those of the guard are held to it too."""
    assert [contradiction(one) for one in made().verdicts if contradiction(one)] == []
