"""Verdicts: what the judge says, with the numbers behind it."""

from __future__ import annotations

import enum

import msgspec

from hivegate.model.alteration import Alteration
from hivegate.model.change import Change
from hivegate.model.estimate import Estimate, SizeValues
from hivegate.model.metric import Dimension
from hivegate.model.reach import UntestedFunction
from hivegate.model.reason import AdviceCode, Reason
from hivegate.model.run import Commit, Environment
from hivegate.model.statistics import RunStatistics, Statistics
from hivegate.model.subject import LoadedFiles
from hivegate.model.target_estimate import PassLevel, Scaling
from hivegate.model.targets import Holds, Limit, RuleKind

# History: 1 first.
RESULT_SCHEMA = 1


class Outcome(enum.Enum):
    """What became of one target, budget or benchmark."""

    PASSED = "passed"
    FASTER = "faster"
    FAILED = "failed"
    SLOWER = "slower"
    INCONCLUSIVE = "inconclusive"
    CRASHED = "crashed"  # its test raised, died or hung
    MISSING = "missing"
    INVALID = "invalid"
    NEW = "new"
    WAIVED = "waived"
    UNCHANGED = "unchanged"  # the change cannot reach it, so it was not measured, or only to check that
    REVIEW = "review"  # it passes only by rules or benchmark files that the change itself brings along


class Severity(enum.IntEnum):
    """How much a verdict weighs in the exit status; the heaviest decides."""

    NONE = 0
    NOTE = 1
    WARNING = 2
    UNKNOWN = 3  # inconclusive where that must not be: exit 3
    BROKEN = 4  # failed or slower: exit 1


class VerdictKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a verdict judges, and by which entry of targets.yaml: no two verdicts of a result share a key.

    Whatever is said of a verdict elsewhere (its cause, since when, its anchor on a page) is joined to it by this.
    """

    benchmark: str
    kind: RuleKind
    metric: str | None = None
    per_operation: bool = False
    relative_to: str | None = None
    where: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, with its reason and what to do next; `report.messages` has the words of both.

    `metric` is the name that was asked for, `estimator` what stands for it: of rounds or of single calls, and in a
    comparison the same for all names of the typical time. `holds` says where the limit has to hold. `needs_more` where
    more passes may turn *inconclusive* into an answer. `values` are what the estimate rests on, one a pass or process;
    `sizes` are what an exponent was fitted to, in seconds. Where `estimate` is at the speed of the reference machine,
    `measured` is what it was here, `measured_outcome` what that would have been, and `scaling` how it was taken there.
    `levels` are those that passes fall into, where they are two. `noise_floor` is that of a budget, in the unit of the
    change's values. `causes` are the first lines of what a profile of the benchmark showed, where one was made; `since`
    says since when, where the history knows.
    """

    benchmark: str
    kind: RuleKind
    outcome: Outcome
    severity: Severity
    reason: Reason
    advice: AdviceCode | None = None
    name: str | None = None
    tier: str | None = None
    metric: str | None = None
    estimator: str | None = None
    per_operation: bool = False
    relative_to: str | None = None
    limit: Limit | None = None
    holds: Holds = Holds.TYPICALLY
    estimate: Estimate | None = None
    change: Change | None = None
    values: tuple[float, ...] = ()
    sizes: tuple[SizeValues, ...] = ()
    measured: Estimate | None = None
    measured_outcome: Outcome | None = None
    scaling: Scaling | None = None
    levels: tuple[PassLevel, ...] = ()
    dimension: Dimension = Dimension.SECONDS
    noise_floor: float = 0.0
    node_id: str | None = None
    where: str | None = None
    needs_more: bool = False
    causes: tuple[str, ...] = ()
    since: str | None = None

    @property
    def only_at_reference(self) -> bool:
        """Whether it is decided at the speed of the reference machine, and would not be so as measured here."""
        decided = self.outcome in {Outcome.PASSED, Outcome.FAILED}
        return decided and self.measured_outcome is not None and self.measured_outcome is not self.outcome

    @property
    def key(self) -> VerdictKey:
        """What it judges, and by which entry."""
        return VerdictKey(
            benchmark=self.benchmark,
            kind=self.kind,
            metric=self.metric,
            per_operation=self.per_operation,
            relative_to=self.relative_to,
            where=self.where,
        )


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """All verdicts of one gate; `partial` when a selection left benchmarks out, `interrupted` when a signal did.

    `base_python` is the interpreter of base's own environment, where it had one. `statistics` are what was decided by.
    `loaded` is what of the project was loaded, by side, where that is known. `alterations` are what the change alters
    about its own judging, where base's rules judged it. `untested` are the functions that the change touches and no
    benchmark runs, where that was traced.
    """

    schema: int = RESULT_SCHEMA
    created: str | None = None
    outcome: Outcome
    exit_status: int
    partial: bool
    not_selected: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...]
    environment: Environment
    commit: Commit | None = None
    base: str | None = None
    base_sha: str | None = None
    base_python: str | None = None
    statistics: Statistics = RunStatistics()
    loaded: dict[str, LoadedFiles] = {}
    alterations: tuple[Alteration, ...] = ()
    untested: tuple[UntestedFunction, ...] = ()
    notes: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def run_statistics(self) -> RunStatistics:
        """The statistics of a run; of a comparison, which has no passes, those of none."""
        return self.statistics if isinstance(self.statistics, RunStatistics) else RunStatistics()


_MOST_OPEN = 0.5
_EARNED = frozenset({Outcome.PASSED, Outcome.FASTER, Outcome.FAILED, Outcome.SLOWER, Outcome.WAIVED, Outcome.REVIEW})


def is_mostly_inconclusive(verdicts: tuple[Verdict, ...]) -> bool:
    """Tell whether more than half of what was judged stayed open; notes, as of too few cores, are not counted."""
    still_open = sum(one.outcome is Outcome.INCONCLUSIVE and one.severity >= Severity.WARNING for one in verdicts)
    return still_open > _MOST_OPEN * (still_open + sum(one.outcome in _EARNED for one in verdicts))


def summarize(verdicts: tuple[Verdict, ...], *, interrupted: bool = False) -> tuple[Outcome, int]:
    """Reduce verdicts to the gate's outcome and exit status.

    A gate in which nothing was measured for a target, be it that there is no target, is inconclusive: exit 3. One whose
    every measured target stayed open, or more than half of what was judged, is called inconclusive, but its exit status
    is 0 where the policies for that are to warn. What crashed is headed as that: exit 3. What passes only by its own
    rules is for review: exit 0, and never called passed. Where the change reaches nothing of what was to be measured,
    it is unchanged: exit 0, and not called passed either. What was `interrupted` never passes.
    """
    heaviest = max((one.severity for one in verdicts), default=Severity.UNKNOWN)
    if heaviest is Severity.BROKEN:
        broken = {one.outcome for one in verdicts if one.severity is Severity.BROKEN}
        return (Outcome.SLOWER if broken == {Outcome.SLOWER} else Outcome.FAILED), 1
    earned = any(one.outcome in _EARNED for one in verdicts)
    measured = any(one.estimate is not None or one.change is not None for one in verdicts)
    unchanged = any(one.outcome is Outcome.UNCHANGED for one in verdicts)
    if interrupted or heaviest is Severity.UNKNOWN or not (earned or measured or unchanged):
        crashed = not interrupted and any(one.outcome is Outcome.CRASHED for one in verdicts)
        return (Outcome.CRASHED if crashed else Outcome.INCONCLUSIVE), 3
    if any(one.outcome is Outcome.REVIEW for one in verdicts):
        return Outcome.REVIEW, 0
    if is_mostly_inconclusive(verdicts) or not (earned or unchanged):
        return Outcome.INCONCLUSIVE, 0
    return (Outcome.PASSED if earned else Outcome.UNCHANGED), 0
