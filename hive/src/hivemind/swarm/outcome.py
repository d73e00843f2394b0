"""What became of a run: one outcome a stage, and the report that holds them."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TypeVar

import msgspec

from hivemind.swarm.errors import StageError, describe

T = TypeVar("T")


class State(StrEnum):
    """How a stage ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one stage.

    `value` is its result where it succeeded; `reason` says in words why it did not, `error` is the exception if one
    was raised. `attempts` were made, 0 if it never started, the last of which took `seconds`.
    """

    stage: str
    state: State
    value: object = None
    reason: str = ""
    error: BaseException | None = None
    attempts: int = 0
    seconds: float = 0.0


class Report(msgspec.Struct, frozen=True, dict=True):
    """The outcomes of a run, in the pipeline's order."""

    outcomes: tuple[Outcome, ...]

    @cached_property
    def _by_stage(self) -> dict[str, Outcome]:
        return {outcome.stage: outcome for outcome in self.outcomes}

    def __getitem__(self, stage: str) -> Outcome:
        """Return one stage's outcome, in O(1) from the second time on; raises KeyError for an unknown name."""
        return self._by_stage[stage]

    def having(self, *states: State) -> tuple[Outcome, ...]:
        """Return the outcomes in any of `states`."""
        return tuple(outcome for outcome in self.outcomes if outcome.state in states)

    @property
    def faults(self) -> tuple[Outcome, ...]:
        """Return the outcomes that are the stage's own fault: failed, or timed out."""
        return self.having(State.FAILED, State.TIMED_OUT)

    @property
    def succeeded(self) -> bool:
        """Tell whether every stage did."""
        return all(outcome.state is State.SUCCEEDED for outcome in self.outcomes)

    def result(self, stage: str, kind: type[T]) -> T:
        """Return one stage's result; raises StageError unless it succeeded with a `kind`."""
        outcome = self[stage]
        if outcome.state is not State.SUCCEEDED:
            raise StageError(f"stage {stage!a} has no result: it {_told(outcome)}", stage=stage)
        if not isinstance(outcome.value, kind):
            found = type(outcome.value).__name__
            raise StageError(f"the result of stage {stage!a} is {found}, not {kind.__name__}", stage=stage)
        return outcome.value

    def summary(self) -> str:
        """Return in words which stages failed and why, and how many others did not run."""
        lost = [outcome for outcome in self.outcomes if outcome.state is not State.SUCCEEDED]
        faults = [outcome for outcome in lost if outcome.state in (State.FAILED, State.TIMED_OUT)]
        named = faults or lost
        if not named:
            return f"all {len(self.outcomes)} stages succeeded"
        told = "; ".join(f"{outcome.stage!a} {_told(outcome)}" for outcome in named)
        rest = len(lost) - len(named)
        return f"{len(named)} of {len(self.outcomes)} stages failed: {told}" + (
            f"; {rest} more did not run" * bool(rest)
        )


def _told(outcome: Outcome) -> str:
    reason = outcome.reason or (describe(outcome.error) if outcome.error else "")
    attempts = f" (attempt {outcome.attempts})" if outcome.attempts > 1 else ""
    return f"{outcome.state}{attempts}" + (f": {reason}" if reason else "")
