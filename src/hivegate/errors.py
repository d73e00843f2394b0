"""The errors that hivegate raises, named by whose fault they are.

Only the command line turns them into exit statuses and text. Everything else that escapes is a defect of hivegate.
"""

from typing import ClassVar


class HivegateError(Exception):
    """Base of all errors: what was wrong, where, and what to do about it."""

    exit_status: ClassVar[int] = 2
    label: ClassVar[str] = "Error"

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Join place, message and hint: the first line names the fault, the second the likely fix."""
        return "\n  ".join(self._sentences())

    @property
    def note(self) -> str:
        """The same in one line, as sentences, for a place among other notes."""
        return ". ".join(self._sentences())

    def _sentences(self) -> list[str]:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return [head, self.hint] if self.hint else [head]


class UsageError(HivegateError):
    """The command line or the configuration asks for something that cannot be done."""

    label = "Usage error"


class TargetsError(HivegateError):
    """targets.yaml is invalid."""

    label = "Targets error"


class ResultsError(HivegateError):
    """A result file cannot be read as what it claims to be."""

    label = "Results error"


class MeasureError(HivegateError):
    """The suite could not be measured, so nothing can be judged."""

    exit_status = 3
    label = "Measuring failed"


class EmptySuiteError(MeasureError):
    """The suite has no benchmark."""


class ProfilerError(HivegateError):
    """A profiler could not do its work; a verdict never depends on it."""

    label = "Profiling failed"


class HistoryError(HivegateError):
    """The store of results and documents cannot be opened, read or written."""

    label = "History error"


class GithubError(HivegateError):
    """GitHub's API refuses, cannot be reached, or answers something else."""

    label = "GitHub error"
