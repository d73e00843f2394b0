"""The errors of the swarm, one root and one leaf for each cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.primitives import HiveError, InvalidValueError

if TYPE_CHECKING:
    from hivemind.swarm.outcome import Report


class PipelineError(InvalidValueError):
    """Report a pipeline, stage or limit that cannot be: the author's fault."""


class StageError(HiveError):
    """Report what went wrong in one stage; `stage` is its name."""

    def __init__(self, message: str, *, stage: str) -> None:
        super().__init__(message)
        self.stage = stage


class StageTimeoutError(StageError, TimeoutError):
    """Report a stage that took longer than its budget, in seconds."""

    def __init__(self, *, stage: str, budget: float) -> None:
        super().__init__(f"stage {stage!a} took longer than its {budget:g} s", stage=stage)
        self.budget = budget


class PipelineFailedError(HiveError):
    """Report a run in which stages failed; the message names each, `report` holds every stage's outcome."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary())
        self.report = report


class ArtifactError(InvalidValueError):
    """Report an artifact that cannot be written or read without loss."""


class QualityError(HiveError):
    """Report generated code that does not do what the vocabulary says."""


def describe(error: BaseException, limit: int = 300) -> str:
    """Return an error's type and message, escaped and shortened to fit into another message."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  a foreign __str__ may raise anything; the error being reported matters more
        text = ""
    # Control characters could forge lines of a log; our own messages hold none, but those of stages may.
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[:limit])
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
