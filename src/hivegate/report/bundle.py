"""What one report tells of: the results of a gate's flows, and what explains them."""

from __future__ import annotations

import msgspec

from hivegate.model.profile import Profiles
from hivegate.model.verdict import GateResult, Outcome, Verdict

_WORST_FIRST = (Outcome.FAILED, Outcome.SLOWER, Outcome.CRASHED, Outcome.INCONCLUSIVE, Outcome.REVIEW, Outcome.PASSED)
_BROKEN, _UNKNOWN = 1, 3


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a file, whose path is relative to the root of the repository."""

    file: str
    line: int


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """One or more results; `profiles` tell causes where they are of these results.

    `profiles_at` is the folder of their files as seen from where the report will lie, None where it cannot be told.
    `artifacts` is the address of a page with the results and the profiles; `places` tells by node id where the function
    of a benchmark begins; `prefix` is the folder in the repository that results name their files from, "" or ending in
    a slash, and `source_at` the address below which the repository's files are shown at head's commit.
    """

    results: tuple[GateResult, ...]
    profiles: Profiles | None = None
    profiles_at: str | None = None
    artifacts: str | None = None
    places: dict[str, Place] = {}
    prefix: str = ""
    source_at: str | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst of all outcomes."""
        return min((one.outcome for one in self.results), key=_rank)

    @property
    def exit_status(self) -> int:
        """The worst of all exit statuses: what is broken weighs more than what is unknown."""
        statuses = {one.exit_status for one in self.results}
        return next((one for one in (_BROKEN, _UNKNOWN) if one in statuses), max(statuses))

    @property
    def partial(self) -> bool:
        """Whether any selection left benchmarks out."""
        return any(one.partial for one in self.results)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All verdicts of all results."""
        return tuple(verdict for one in self.results for verdict in one.verdicts)


def _rank(outcome: Outcome) -> int:
    return _WORST_FIRST.index(outcome) if outcome in _WORST_FIRST else len(_WORST_FIRST)
