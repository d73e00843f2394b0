"""The document of a whole measurement: the verdicts, and everything that was measured beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.instruments import METRICS
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.quantity import interval, percent, quantity
from hivegate.report.bundle import Bundle
from hivegate.report.escape import markdown_code, markdown_text
from hivegate.report.markdown import render_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.target_estimate import TargetEstimate
    from hivegate.model.verdict import GateResult, Verdict

Found = dict[str, Estimate | NoEstimate]  # by metric
SHOWN = ("p50", "throughput", "complexity")
_PER_BENCHMARK = SHOWN[:2]


def render_results(result: GateResult, answers: Sequence[TargetEstimate]) -> str:
    """Spell a result and a table of all benchmarks; `answers` are what its run says about the metrics `SHOWN`.

    Without answers the tables hold what the targets asked for, and say so.
    """
    measured = _measured(result, answers)
    lines = [
        "# Benchmark results",
        "",
        _commit(result),
        "",
        render_summary(Bundle(results=(result,))),
        *_note(result, answers),
    ]
    return "\n".join([*lines, *_benchmarks(measured), *_complexities(measured)]) + "\n"


def asked_plainly(verdict: Verdict) -> bool:
    """Tell whether a verdict's estimate is of a metric in `SHOWN` itself: no ratio, and not of one operation."""
    plain = verdict.relative_to is None and not verdict.per_operation
    return plain and verdict.metric in SHOWN and verdict.estimate is not None


def _measured(result: GateResult, answers: Sequence[TargetEstimate]) -> dict[str, Found]:
    measured: dict[str, Found] = {}
    for answer in answers:
        measured.setdefault(answer.benchmark, {})[answer.target.metric.name] = answer.found
    for verdict in result.verdicts:
        if asked_plainly(verdict) and verdict.metric and verdict.estimate:
            measured.setdefault(verdict.benchmark, {})[verdict.metric] = verdict.estimate
    return measured


def _commit(result: GateResult) -> str:
    commit = result.commit
    if commit is None:
        return "Of no commit that is known."
    branch = f" of {markdown_code(commit.branch)}" if commit.branch else ""
    dirty = ", with changes that are not committed" if commit.dirty else ""
    return f"Commit {markdown_code(commit.sha)}{branch}{dirty}."


def _note(result: GateResult, answers: Sequence[TargetEstimate]) -> Iterable[str]:
    statistics = result.run_statistics
    looks = f" over {statistics.looks} looks" if statistics.looks > 1 else ""
    yield "## Measured"
    yield ""
    yield f"Intervals hold with {percent(statistics.confidence)} confidence{looks}, by the spread between passes."
    yield "Throughput counts the operations that a benchmark declares for a call, by the mean."
    if not answers:
        yield "The run behind this result is not here, so only what targets ask for is listed."
    yield ""


def _benchmarks(measured: dict[str, Found]) -> Iterable[str]:
    yield "| benchmark | p50 of a call | interval | throughput |"
    yield "|---|---:|---:|---:|"
    for name, found in measured.items():
        if any(metric in found for metric in _PER_BENCHMARK):
            p50, interval_of_p50 = _cells(found, "p50")
            throughput, _ = _cells(found, "throughput")
            yield f"| {markdown_code(name)} | {p50} | {interval_of_p50} | {throughput} |"


def _complexities(measured: dict[str, Found]) -> Iterable[str]:
    rows = {name: found for name, found in measured.items() if isinstance(found.get("complexity"), Estimate)}
    if not rows:
        return
    yield from (
        "",
        "## Complexity",
        "",
        "The exponent of the p50 over the size of the input: 1 is linear, 2 quadratic.",
        "",
    )
    yield "| benchmarks | exponent | interval |"
    yield "|---|---:|---:|"
    for name, found in rows.items():
        exponent, ends = _cells(found, "complexity")
        yield f"| {markdown_code(name)} | {exponent} | {ends} |"


def _cells(found: Found, metric: str) -> tuple[str, str]:
    value = found.get(metric)
    if value is None:
        return "", ""
    if isinstance(value, NoEstimate):
        return markdown_text(f"none: {value.reason}", 400), ""
    dimension = METRICS[metric].dimension
    return markdown_text(quantity(value.value, dimension)), markdown_text(interval(value, dimension))
