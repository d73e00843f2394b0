"""Targets + what was measured -> GateResult: compares, computes nothing."""

from hivegate.judge.budgets import BudgetTable, by_instructions
from hivegate.judge.changes import BudgetDecision, allowed_ratio, decide, judge_changes
from hivegate.judge.consistency import contradiction
from hivegate.judge.rules import altered_rules, judge_by_both
from hivegate.judge.targets import judge, needing_more

__all__ = [
    "BudgetDecision",
    "BudgetTable",
    "allowed_ratio",
    "altered_rules",
    "by_instructions",
    "contradiction",
    "decide",
    "judge",
    "judge_by_both",
    "judge_changes",
    "needing_more",
]
