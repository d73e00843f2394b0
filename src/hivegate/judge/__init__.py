"""Targets + what was measured -> GateResult: compares, computes nothing."""

from hivegate.judge.budgets import Budgets, by_instructions
from hivegate.judge.changes import Answered, allowed_ratio, answered, judge_changes
from hivegate.judge.targets import judge, undecided

__all__ = [
    "Answered",
    "Budgets",
    "allowed_ratio",
    "answered",
    "by_instructions",
    "judge",
    "judge_changes",
    "undecided",
]
