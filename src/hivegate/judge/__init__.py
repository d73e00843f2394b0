"""Targets + what was measured -> GateResult: compares, computes nothing."""

from hivegate.judge.changes import Answered, allowed_ratio, answered, budget_of, judge_changes, memory_budgets
from hivegate.judge.targets import judge, undecided

__all__ = [
    "Answered",
    "allowed_ratio",
    "answered",
    "budget_of",
    "judge",
    "judge_changes",
    "memory_budgets",
    "undecided",
]
