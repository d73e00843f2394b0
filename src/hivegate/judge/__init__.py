"""Targets + what was measured -> GateResult: compares, computes nothing."""

from hivegate.judge.budgets import budget_of, by_instructions, exact_budgets
from hivegate.judge.changes import Answered, allowed_ratio, answered, judge_changes
from hivegate.judge.targets import judge, undecided

__all__ = [
    "Answered",
    "allowed_ratio",
    "answered",
    "budget_of",
    "by_instructions",
    "exact_budgets",
    "judge",
    "judge_changes",
    "undecided",
]
