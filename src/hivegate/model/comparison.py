"""A comparison as the judge sees it."""

from __future__ import annotations

import msgspec

from hivegate.model.change import Change
from hivegate.model.pairs import NO_BENCHMARK, PairTrouble
from hivegate.model.reach import Unreached, UntestedFunction
from hivegate.model.run import Commit, Environment
from hivegate.model.shard import Shard
from hivegate.model.subject import LoadedFiles, SubjectDoubt


class CounterChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One metric of a benchmark that is read exactly, of memory or instructions.

    No change where it was not counted or something went wrong.
    """

    metric: str
    change: Change | None = None
    trouble: PairTrouble | None = None


class BaseSuiteChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What base's own benchmark files show of a benchmark in both revisions, and whether fresh pairs confirmed it.

    Where they measure base and cannot measure head, `trouble` says why.
    """

    change: Change | None = None
    confirmed: bool | None = None
    trouble: str = ""


class BenchmarkComparison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One benchmark of head, base or both; None for `in_base` where base's suite could not be asked.

    `confirmed` tells whether fresh pairs showed a slowdown again, None where they were not asked; `seconds` are
    those of all turns that were timed. `external` where it says that it measures what is not the project's, and
    `base_suite` where base's own benchmark files measured it, too. `unreached` where the change cannot reach it:
    then it has a change only where it was measured all the same.
    """

    id: str
    node_id: str
    change: Change | None = None
    trouble: PairTrouble | None = None
    in_base: bool | None = True
    in_head: bool = True
    confirmed: bool | None = None
    exact: tuple[CounterChange, ...] = ()
    seconds: float = 0.0
    external: bool = False
    base_suite: BaseSuiteChange | None = None
    unreached: Unreached | None = None

    @property
    def is_none(self) -> bool:
        """Tell whether a test is no benchmark, on neither side."""
        return self.trouble is not None and self.trouble.base == self.trouble.head == NO_BENCHMARK


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All benchmarks of two revisions; `base` names the revision as the reader knows it.

    `base_python` is the interpreter of base's own environment, where it had one.
    `not_compared` are those that targets.yaml gives no budget; `budget` is one that was given for all instead, and
    `by_instructions` tells that instructions were to be compared instead of time. `loaded` is what of the project each
    side loaded, and `doubts` are why none of it can pass. `interrupted` where a signal ended the measuring. `untested`
    are the functions that the change touches and no benchmark runs, where that was traced.
    """

    base: str
    created: str | None = None
    base_sha: str | None = None
    base_python: str | None = None
    benchmarks: tuple[BenchmarkComparison, ...]
    not_selected: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    budget: float | None = None
    by_instructions: bool = False
    shard: Shard | None = None
    commit: Commit | None = None
    environment: Environment = msgspec.field(default_factory=Environment)
    loaded: dict[str, LoadedFiles] = {}
    doubts: tuple[SubjectDoubt, ...] = ()
    interrupted: bool = False
    untested: tuple[UntestedFunction, ...] = ()
    notes: tuple[str, ...] = ()
