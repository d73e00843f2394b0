"""A performance regression gate for Python projects that decides right on noisy machines.

Each flow is a function of these names, and the command of the same name is a call of it. A name is loaded when it is
first used, so that importing the package costs nothing.
"""

TYPE_CHECKING = False  # typing's own takes as long to import as Python to start; type checkers know the name

if TYPE_CHECKING:
    from hivegate.errors import (
        HistoryError,
        HivegateError,
        MeasureError,
        ProfilerError,
        ResultsError,
        TargetsError,
        UsageError,
    )
    from hivegate.flows.bench.check import CheckOptions, check
    from hivegate.flows.bench.flow import BenchOptions, BenchResult, bench
    from hivegate.flows.bench.run import RunOptions, list_benchmarks, run
    from hivegate.flows.compare.aa_test import AaTestOptions, aa_test
    from hivegate.flows.compare.flow import CompareOptions, CompareResult, compare, measure_comparison
    from hivegate.flows.explain import explain
    from hivegate.flows.history.runs import AddedRuns, AddOptions, add_runs
    from hivegate.flows.history.series import TrendOptions
    from hivegate.flows.history.trends import find_trends
    from hivegate.flows.merge import MergeOptions, merge
    from hivegate.flows.profile.flow import ProfileOptions, profile_benchmarks
    from hivegate.flows.project import Project, Settings, find_project
    from hivegate.flows.reference import ReferenceOptions, ReferenceResult, reference
    from hivegate.flows.report.render import ReportOptions, render_report
    from hivegate.flows.workspace import load_result
    from hivegate.ingest import read
    from hivegate.model.aa_test import BenchmarkSensitivity, Sensitivity
    from hivegate.model.alteration import Alteration, AlterationKind, LoosenedRules
    from hivegate.model.change import Change, Clock
    from hivegate.model.comparison import BaseSuiteChange, BenchmarkComparison, Comparison, CounterChange
    from hivegate.model.estimate import Estimate, SizeValues
    from hivegate.model.events import Advanced, Began, Decided, Event, Noted, ProgressCallback, Started
    from hivegate.model.explanation import Explanation
    from hivegate.model.metric import Dimension, Metric
    from hivegate.model.pairs import PairTrouble
    from hivegate.model.profile import Cause, Explained, Increase, Profile, Profiles
    from hivegate.model.reach import Unreached, UntestedFunction
    from hivegate.model.reason import AdviceCode, Reason, ReasonCode, WaiverNote
    from hivegate.model.record import MachineTrends, StoredEnvironment, StoredRun
    from hivegate.model.run import (
        Benchmark,
        Commit,
        Doubles,
        Environment,
        InstructionSample,
        MemorySample,
        Run,
        Sample,
        Speed,
        Summary,
        TestOutcome,
    )
    from hivegate.model.shard import Shard
    from hivegate.model.statistics import ComparisonStatistics, RunStatistics
    from hivegate.model.subject import LoadedFiles, SubjectDoubt
    from hivegate.model.target_estimate import PassLevel, Scaling
    from hivegate.model.targets import (
        AtSpeed,
        Budget,
        Effect,
        Holds,
        Limit,
        MovedLimit,
        RuleKind,
        SpeedReference,
        Target,
        Targets,
        Waiver,
    )
    from hivegate.model.trend import Boundary, ChangeCause, ChangePoint, CommitEvidence, Drift, Point, Series, Trend
    from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, VerdictKey
    from hivegate.report.messages import advice_text, reason_text
    from hivegate.targets import load_targets

__version__ = "0.1.0"

# Where each public name is; tests/unit/test_facade.py holds this, the imports above and `__all__` together.
_HOMES = {
    "hivegate.errors": (
        "HistoryError",
        "HivegateError",
        "MeasureError",
        "ProfilerError",
        "ResultsError",
        "TargetsError",
        "UsageError",
    ),
    "hivegate.flows.bench.check": ("CheckOptions", "check"),
    "hivegate.flows.bench.flow": ("BenchOptions", "BenchResult", "bench"),
    "hivegate.flows.bench.run": ("RunOptions", "list_benchmarks", "run"),
    "hivegate.flows.compare.aa_test": ("AaTestOptions", "aa_test"),
    "hivegate.flows.compare.flow": ("CompareOptions", "CompareResult", "compare", "measure_comparison"),
    "hivegate.flows.explain": ("explain",),
    "hivegate.flows.history.runs": ("AddOptions", "AddedRuns", "add_runs"),
    "hivegate.flows.history.series": ("TrendOptions",),
    "hivegate.flows.history.trends": ("find_trends",),
    "hivegate.flows.merge": ("MergeOptions", "merge"),
    "hivegate.flows.profile.flow": ("ProfileOptions", "profile_benchmarks"),
    "hivegate.flows.project": ("Project", "Settings", "find_project"),
    "hivegate.flows.reference": ("ReferenceOptions", "ReferenceResult", "reference"),
    "hivegate.flows.report.render": ("ReportOptions", "render_report"),
    "hivegate.flows.workspace": ("load_result",),
    "hivegate.ingest": ("read",),
    "hivegate.model.aa_test": ("BenchmarkSensitivity", "Sensitivity"),
    "hivegate.model.alteration": ("Alteration", "AlterationKind", "LoosenedRules"),
    "hivegate.model.change": ("Change", "Clock"),
    "hivegate.model.comparison": ("BaseSuiteChange", "BenchmarkComparison", "Comparison", "CounterChange"),
    "hivegate.model.estimate": ("Estimate", "SizeValues"),
    "hivegate.model.events": ("Advanced", "Began", "Decided", "Event", "Noted", "ProgressCallback", "Started"),
    "hivegate.model.explanation": ("Explanation",),
    "hivegate.model.metric": ("Dimension", "Metric"),
    "hivegate.model.pairs": ("PairTrouble",),
    "hivegate.model.profile": ("Cause", "Explained", "Increase", "Profile", "Profiles"),
    "hivegate.model.reach": ("Unreached", "UntestedFunction"),
    "hivegate.model.reason": ("AdviceCode", "Reason", "ReasonCode", "WaiverNote"),
    "hivegate.model.record": ("MachineTrends", "StoredEnvironment", "StoredRun"),
    "hivegate.model.run": (
        "Benchmark",
        "Commit",
        "Doubles",
        "Environment",
        "InstructionSample",
        "MemorySample",
        "Run",
        "Sample",
        "Speed",
        "Summary",
        "TestOutcome",
    ),
    "hivegate.model.shard": ("Shard",),
    "hivegate.model.statistics": ("ComparisonStatistics", "RunStatistics"),
    "hivegate.model.subject": ("LoadedFiles", "SubjectDoubt"),
    "hivegate.model.target_estimate": ("PassLevel", "Scaling"),
    "hivegate.model.targets": (
        "AtSpeed",
        "Budget",
        "Effect",
        "Holds",
        "Limit",
        "MovedLimit",
        "RuleKind",
        "SpeedReference",
        "Target",
        "Targets",
        "Waiver",
    ),
    "hivegate.model.trend": (
        "Boundary",
        "ChangeCause",
        "ChangePoint",
        "CommitEvidence",
        "Drift",
        "Point",
        "Series",
        "Trend",
    ),
    "hivegate.model.verdict": ("GateResult", "Outcome", "Severity", "Verdict", "VerdictKey"),
    "hivegate.report.messages": ("advice_text", "reason_text"),
    "hivegate.targets": ("load_targets",),
}

__all__ = [
    "AaTestOptions",
    "AddOptions",
    "AddedRuns",
    "Advanced",
    "AdviceCode",
    "Alteration",
    "AlterationKind",
    "AtSpeed",
    "BaseSuiteChange",
    "Began",
    "BenchOptions",
    "BenchResult",
    "Benchmark",
    "BenchmarkComparison",
    "BenchmarkSensitivity",
    "Boundary",
    "Budget",
    "Cause",
    "Change",
    "ChangeCause",
    "ChangePoint",
    "CheckOptions",
    "Clock",
    "Commit",
    "CommitEvidence",
    "CompareOptions",
    "CompareResult",
    "Comparison",
    "ComparisonStatistics",
    "CounterChange",
    "Decided",
    "Dimension",
    "Doubles",
    "Drift",
    "Effect",
    "Environment",
    "Estimate",
    "Event",
    "Explained",
    "Explanation",
    "GateResult",
    "HistoryError",
    "HivegateError",
    "Holds",
    "Increase",
    "InstructionSample",
    "Limit",
    "LoadedFiles",
    "LoosenedRules",
    "MachineTrends",
    "MeasureError",
    "MemorySample",
    "MergeOptions",
    "Metric",
    "MovedLimit",
    "Noted",
    "Outcome",
    "PairTrouble",
    "PassLevel",
    "Point",
    "Profile",
    "ProfileOptions",
    "ProfilerError",
    "Profiles",
    "ProgressCallback",
    "Project",
    "Reason",
    "ReasonCode",
    "ReferenceOptions",
    "ReferenceResult",
    "ReportOptions",
    "ResultsError",
    "RuleKind",
    "Run",
    "RunOptions",
    "RunStatistics",
    "Sample",
    "Scaling",
    "Sensitivity",
    "Series",
    "Settings",
    "Severity",
    "Shard",
    "SizeValues",
    "Speed",
    "SpeedReference",
    "Started",
    "StoredEnvironment",
    "StoredRun",
    "SubjectDoubt",
    "Summary",
    "Target",
    "Targets",
    "TargetsError",
    "TestOutcome",
    "Trend",
    "TrendOptions",
    "Unreached",
    "UntestedFunction",
    "UsageError",
    "Verdict",
    "VerdictKey",
    "Waiver",
    "WaiverNote",
    "__version__",
    "aa_test",
    "add_runs",
    "advice_text",
    "bench",
    "check",
    "compare",
    "explain",
    "find_project",
    "find_trends",
    "list_benchmarks",
    "load_result",
    "load_targets",
    "measure_comparison",
    "merge",
    "profile_benchmarks",
    "read",
    "reason_text",
    "reference",
    "render_report",
    "run",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415  only where a name is used

    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
