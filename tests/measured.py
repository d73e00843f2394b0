"""Runs and targets made by hand, in the real types, for the tests of what estimates, judges and reports."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hivegate.instruments import metric_named
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.reason import Reason, ReasonCode
from hivegate.model.run import Benchmark, Doubles, Environment, Run, Sample, TestOutcome
from hivegate.model.targets import Limit, Target, Targets
from hivegate.report.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.verdict import GateResult, Verdict

TODAY = dt.date(2026, 6, 1)


def sample(seconds: float | Sequence[float], index: int = 0, **fields: Any) -> Sample:  # noqa: ANN401  of Sample
    """Make the sample of one pass from its rounds, or from the one time that all of them had."""
    rounds = [seconds] if isinstance(seconds, int | float) else list(seconds)
    return Sample(**{"pass_index": index, "rounds": Doubles(rounds), "calls": 10, **fields})


def benchmark(name: str, passes: Iterable[float], **fields: Any) -> Benchmark:  # noqa: ANN401  of Benchmark
    """Make a benchmark of one round a pass; `fields` are those of `Benchmark`."""
    samples = tuple(sample(seconds, index) for index, seconds in enumerate(passes))
    return Benchmark(**{"id": name, "node_id": f"benches/{name}", "samples": samples, **fields})


def broken(name: str, outcome: TestOutcome = TestOutcome.CRASHED, detail: str = "signal 11") -> Benchmark:
    """Make a benchmark whose second of three passes went wrong."""
    bad = Sample(pass_index=1, outcome=outcome, detail=detail)
    return Benchmark(id=name, node_id=f"benches/{name}", samples=(sample(1.0), bad, sample(1.0, 2)))


def target(selector: str, metric: str = "p50", **fields: Any) -> Target:  # noqa: ANN401  of Target
    """Make a target; `maximum` and `minimum` make its limit."""
    known = metric_named(metric)
    bounds = {key: fields.pop(key) for key in ("maximum", "minimum") if key in fields}
    text = " and ".join(f"{key[:3]} {value:g}" for key, value in bounds.items())
    limit = Limit(dimension=fields.pop("dimension", known.dimension), text=text, **bounds)
    return Target(**{"benchmark": selector, "metric": known, "limit": limit, "where": "targets.yaml:4:5", **fields})


def targets(*given: Target, **fields: Any) -> Targets:  # noqa: ANN401  of Targets
    """Make a whole targets.yaml."""
    return Targets(**{"targets": given, "source": "targets.yaml", **fields})


def run(*benchmarks: Benchmark, **fields: Any) -> Run:  # noqa: ANN401  of Run
    """Make a run on a machine of four cores."""
    return Run(**{"benchmarks": benchmarks, "environment": Environment(cores=4, python="3.11.7"), **fields})


def gate(given: Targets, measured: Run, looks: int = 1) -> GateResult:
    """Answer and judge, as the flows do."""
    return judge(given, measured, estimate_targets(given, measured, looks=looks), today=TODAY, looks=looks)


def words(text: str, hint: str = "") -> Reason:
    """Make a reason that is words alone."""
    return Reason(code=ReasonCode.OTHER, text=text, hint=hint)


def bundle(*results: GateResult, **fields: Any) -> Bundle:  # noqa: ANN401  of Bundle
    """Bundle results for a report."""
    return Bundle(results=results, **fields)


def verdict(given: Targets, measured: Run) -> Verdict:
    """Judge what has one verdict."""
    (only,) = gate(given, measured).verdicts
    return only
