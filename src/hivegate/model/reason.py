"""Reasons: why a verdict is what it is, and what to do next, as codes with numbers; `report.messages` has the words."""

from __future__ import annotations

import datetime as dt
import enum

import msgspec


class ReasonCode(enum.Enum):
    """Why a verdict is what it is; programs read the value, which keeps its meaning within a schema of results."""

    # Targets
    WITHIN_LIMIT = "within-limit"
    ABOVE_LIMIT = "above-limit"
    BELOW_LIMIT = "below-limit"
    LIMIT_IN_INTERVAL = "limit-in-interval"
    WAIVED_LIMIT_IN_INTERVAL = "waived-limit-in-interval"
    ONE_SAMPLE = "one-sample"
    INTERFERENCE = "interference"
    TOO_FEW_CORES = "too-few-cores"
    BEYOND_IN_PASSES = "beyond-in-passes"
    BEYOND_IN_CONTENDED_PASSES = "beyond-in-contended-passes"
    NO_SPEED_OF_PYTHON = "no-speed-of-python"
    NO_TARGET = "no-target"

    # Budgets
    WITHIN_BUDGET = "within-budget"
    WITHIN_NOISE_FLOOR = "within-noise-floor"
    ABOVE_BUDGET = "above-budget"
    FASTER_THAN_BUDGET = "faster-than-budget"
    BUDGET_IN_INTERVAL = "budget-in-interval"
    ONE_PAIR = "one-pair"
    NOT_CONFIRMED = "not-confirmed"
    NOT_COMPARABLE = "not-comparable"
    NOT_COUNTED = "not-counted"
    NO_PAIR = "no-pair"
    INTERRUPTED = "interrupted"
    ONLY_IN_BASE = "only-in-base"
    ONLY_IN_HEAD = "only-in-head"
    FAILED_ON_HEAD = "failed-on-head"
    FAILED_ON_BASE = "failed-on-base"

    UNREACHED = "unreached"
    UNREACHED_YET_SLOWER = "unreached-yet-slower"

    # Both
    WAIVED = "waived"
    SUBJECT_UNPROVEN = "subject-unproven"
    OWN_RULES = "own-rules"
    BASE_SUITE = "base-suite"
    BASE_SUITE_FAILED = "base-suite-failed"

    # Tests that were not measured in every pass
    TEST_FAILED = "test-failed"
    TEST_SKIPPED = "test-skipped"
    TEST_CRASHED = "test-crashed"
    TEST_TIMED_OUT = "test-timed-out"
    BENCHMARK_NOT_CALLED = "benchmark-not-called"
    NOT_MEASURED = "not-measured"

    # Values that cannot be judged
    UNKNOWN_BENCHMARK = "unknown-benchmark"
    UNKNOWN_PARTNER = "unknown-partner"
    METRIC_NOT_MEASURED = "metric-not-measured"
    TOO_FEW_CALLS = "too-few-calls"
    ONE_ROUND = "one-round"
    NO_OPERATIONS = "no-operations"
    NO_REFERENCE = "no-reference"
    NO_RATIO = "no-ratio"
    NO_TIME = "no-time"
    IMPOSSIBLE_VALUE = "impossible-value"
    INVALID_ENTRY = "invalid-entry"
    PASSES_MIXED = "passes-mixed"
    UNUSABLE_SIZES = "unusable-sizes"
    TOO_FEW_SIZES = "too-few-sizes"
    NO_HISTORY = "no-history"
    SHORT_HISTORY = "short-history"

    OTHER = "other"  # in words alone


class AdviceCode(enum.Enum):
    """What to do next; the value keeps its meaning as that of a reason does."""

    PROFILE = "profile"
    SEE_TREND = "see-trend"
    MEASURE_AGAIN = "measure-again"
    MEASURE_TWICE = "measure-twice"
    MORE_PASSES = "more-passes"
    MORE_PAIRS = "more-pairs"
    MORE_RUNS = "more-runs"
    MORE_RESULTS = "more-results"
    MORE_TIME = "more-time"
    CALM_MACHINE = "calm-machine"
    READ_REFERENCE = "read-reference"
    OTHER_METRIC = "other-metric"
    BUILD_BASE = "build-base"
    JUDGE_ALONE = "judge-alone"
    CHECK_SHARED = "check-shared"
    CHECK_SHARED_OR_JUDGE_ALONE = "check-shared-or-judge-alone"
    BASE_FAILED = "base-failed"
    NEVER_PASSES = "never-passes"

    OTHER = "other"  # in words alone


class WaiverNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A waiver that did not help: it `expired` on that day, or what was measured exceeds what it accepts."""

    owner: str
    expires: dt.date
    expired: bool = False


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code, and the numbers and texts that its sentence needs.

    `text` is of the benchmark, its owner or its data: an error, a waiver's reason, what a value lacks; `hint` is advice
    of that kind. `base` is what became of the other side. `quietest` is the share of the CPU that the pass with the
    least interference got, and `contended` of `passes` had some. `waivers` are those that did not help. `functions` of
    `modules` are what ran of a benchmark that the change cannot reach.
    """

    code: ReasonCode
    text: str = ""
    hint: str = ""
    base: str = ""
    cores_needed: int = 0
    cores: int | None = None
    passes: int = 0
    contended: int = 0
    quietest: float = 0.0
    owner: str = ""
    expires: dt.date | None = None
    metrics: tuple[str, ...] = ()
    waivers: tuple[WaiverNote, ...] = ()
    functions: int = 0
    modules: int = 0
