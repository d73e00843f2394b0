"""Base's rules and head's: whichever is stricter counts, and what was altered is listed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measured import TODAY
from tests.unit.judge.test_changes import change

from hivegate.judge import BudgetTable, altered_rules, judge_by_both, judge_changes
from hivegate.model.alteration import Alteration, AlterationKind, LoosenedRules
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.verdict import GateResult, Outcome, Severity
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from hivegate.model.targets import Targets

TOMORROW = TODAY + dt.timedelta(days=1)
WAIVER = f"waivers: [{{benchmark: a, reason: wanted, owner: me, expires: {TOMORROW}}}]"


def rules(text: str) -> Targets:
    """Read a targets.yaml."""
    return parse_targets(f"schema: 1\n{text}\n", "targets.yaml")


def judged(
    head: str, base: str | None, *, low: float = 1.15, high: float = 1.25, policy: LoosenedRules = LoosenedRules.REVIEW
) -> GateResult:
    """Judge the benchmark ``a``, which became slower by a fifth, by the rules of two revisions."""
    one = BenchmarkComparison(id="a", node_id="b.py::a", confirmed=True, change=change(low, high))
    run = Comparison(base="main", benchmarks=(one,))
    return judge_by_both(
        rules(head),
        None if base is None else rules(base),
        lambda targets: judge_changes(targets, run, today=TODAY),
        loosened=policy,
    )


STRICT, LOOSE = "budgets: [{benchmark: a, budget: 3 %}]", "budgets: [{benchmark: a, budget: 900 %}]"
LOOSENED = {
    "a budget": (LOOSE, STRICT),
    "a budget of all": ("budgets: [{benchmark: '*', budget: 900 %}]", ""),
    "a budget that is gone": ("", "budgets: [{benchmark: a, budget: 1 %}]"),
    "no comparison": ("budgets: [{benchmark: a, budget: none}]", STRICT),
    "a later entry": (f"{STRICT[:-1]}, {{benchmark: 'a*', budget: 900 %}}]", STRICT),
    "a noise floor": ("budgets: [{benchmark: a, budget: 3 %, noise_floor: 1 s}]", STRICT),
    "a waiver": (f"{STRICT}\n{WAIVER}", STRICT),
}


@pytest.mark.parametrize("name", [name for name in LOOSENED if name != "a budget that is gone"])
def test_what_passes_by_its_own_rules_alone_is_for_review(name: str) -> None:
    """It is neither passed nor red: exit 0, with base's limit, and both outcomes in the reason."""
    result = judged(*LOOSENED[name])
    assert (result.outcome, result.exit_status) == (Outcome.REVIEW, 0)
    assert [one.outcome for one in result.verdicts] == [Outcome.REVIEW]
    assert result.verdicts[0].reason.base == "slower"


@pytest.mark.parametrize("name", LOOSENED)
def test_a_policy_of_refusing_holds_base_s_rules(name: str) -> None:
    """Base's verdict stands."""
    result = judged(*LOOSENED[name], policy=LoosenedRules.REFUSE)
    assert (result.outcome, result.exit_status) == (Outcome.SLOWER, 1)


@pytest.mark.parametrize("name", [name for name in LOOSENED if name not in {"a budget that is gone", "no comparison"}])
def test_a_policy_of_accepting_takes_head_s(name: str) -> None:
    """Head's verdict stands."""
    assert judged(*LOOSENED[name], policy=LoosenedRules.ACCEPT).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", LOOSENED)
def test_what_loosens_is_listed_as_loosening(name: str) -> None:
    """Whatever it is, and whether or not it mattered."""
    head, base = LOOSENED[name]
    assert any(one.loosens for one in altered_rules(rules(base), rules(head)))


@pytest.mark.parametrize("name", LOOSENED)
def test_what_is_stricter_on_head_counts_at_once(name: str) -> None:
    """The same change the other way round is as red as it is by head's rules alone."""
    loose, strict = LOOSENED[name]
    assert judged(strict, loose).verdicts == judged(strict, None).verdicts


@given(st.sampled_from(list(LOOSENED)), st.booleans(), st.floats(0.5, 12), st.floats(1.0001, 2))
def test_two_rules_never_pass_what_base_s_refuse(name: str, swapped: bool, low: float, spread: float) -> None:  # noqa: FBT001
    """Whatever was measured and whichever is looser: never passed where base's rules call it slower."""
    head, base = reversed(LOOSENED[name]) if swapped else LOOSENED[name]
    both, by_base = (judged(head, base, low=low, high=low * spread), judged(base, None, low=low, high=low * spread))
    if by_base.outcome is Outcome.SLOWER:
        assert both.outcome in {Outcome.SLOWER, Outcome.REVIEW}
    assert max((one.severity for one in both.verdicts), default=Severity.NONE) >= min(
        max((one.severity for one in by_base.verdicts), default=Severity.NONE), Severity.WARNING
    )


@given(st.sampled_from(list(LOOSENED)), st.booleans())
def test_what_is_measured_decides_the_stricter_budget(name: str, swapped: bool) -> None:  # noqa: FBT001
    """Pairs are measured until the stricter of both is decided, in whichever revision it stands."""
    head, base = map(rules, reversed(LOOSENED[name]) if swapped else LOOSENED[name])
    both, alone = BudgetTable(head, base).of("a"), [BudgetTable(each).of("a") for each in (head, base)]
    assert both in alone
    assert both.slowdown == min(one.slowdown for one in alone)


def test_equal_rules_alter_nothing() -> None:
    """Comments, order of keys and lines are no alteration."""
    text = f"targets: [{{benchmark: a, max: 1 s}}]\n{STRICT}\n{WAIVER}"
    assert altered_rules(rules(text), rules(f"\n\n# moved\n{WAIVER}\n{STRICT}\n{text.splitlines()[0]}")) == ()


@pytest.mark.parametrize(
    ("base", "head", "kind", "loosens"),
    [
        ("confidence: 99 %", "confidence: 60 %", AlterationKind.POLICY, True),
        ("inconclusive: fail", "inconclusive: warn", AlterationKind.POLICY, True),
        ("inconclusive: warn", "inconclusive: fail", AlterationKind.POLICY, False),
        ("tiers: {must: fail}", "tiers: {must: note}", AlterationKind.POLICY, True),
        ("assumed_spread: 10 %", "assumed_spread: 1 %", AlterationKind.POLICY, True),
        ("targets: [{benchmark: a, max: 1 s}]", "targets: [{benchmark: a, max: 9 s}]", AlterationKind.TARGET, True),
        ("targets: [{benchmark: a, max: 9 s}]", "targets: [{benchmark: a, max: 1 s}]", AlterationKind.TARGET, False),
        (
            "targets: [{benchmark: a, metric: throughput, min: 9 /s}]",
            "targets: [{benchmark: a, metric: throughput, min: 1 /s}]",
            AlterationKind.TARGET,
            True,
        ),
        (
            "targets: [{benchmark: a, max: 1 s}]",
            "targets: [{benchmark: a, max: 1 s, min_cores: 512}]",
            AlterationKind.TARGET,
            True,
        ),
        (WAIVER, "", AlterationKind.WAIVER, False),
        (WAIVER.replace("reason", "limit: 5 %, reason"), WAIVER, AlterationKind.WAIVER, True),
    ],
)
def test_each_rule_that_was_altered_is_named(base: str, head: str, kind: AlterationKind, loosens: bool) -> None:  # noqa: FBT001
    """With its kind, and whether head allows more."""
    found = altered_rules(rules(base), rules(head))
    assert [(one.kind, one.loosens) for one in found] == [(kind, loosens)]
    assert isinstance(found[0], Alteration)
