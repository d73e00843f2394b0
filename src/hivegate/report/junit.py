"""Results as JUnit XML, for services that list tests: one test case a verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.sax import saxutils

from hivegate.model.metric import Dimension
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.report.alterations import alteration_lines
from hivegate.report.escape import printable
from hivegate.report.headline import counts, machine, method
from hivegate.report.messages import label, reason_text
from hivegate.report.view import row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.report.bundle import Bundle

_LONGEST = 1000  # characters of a name or a message


def render_junit(bundle: Bundle) -> str:
    """Spell results as one test suite each.

    What breaks the gate is a failure, what is missing where that is refused is an error; what is only warned of, not
    judged, waived or without a target is skipped, and says why. The time of a case is that of one call in seconds.
    """
    suites = [_suite(one) for one in bundle.results]
    kinds = Counter(_kind(one) for one in bundle.verdicts)
    numbers = f'tests="{kinds.total()}" failures="{kinds["failure"]}" errors="{kinds["error"]}"'
    lines = [f'<testsuites name="hivegate" {numbers}>', *(line for suite in suites for line in suite), "</testsuites>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines]) + "\n"


def _suite(result: GateResult) -> Iterable[str]:
    kinds = Counter(map(_kind, result.verdicts))
    name = "targets" if result.base is None else f"against {result.base}"
    numbers = " ".join(
        f'{key}="{number}"'
        for key, number in (
            ("tests", kinds.total()),
            ("failures", kinds["failure"]),
            ("errors", kinds["error"]),
            ("skipped", kinds["skipped"]),
        )
    )
    yield f"  <testsuite name={_quoted(name)} {numbers}>"
    yield "    <properties>"
    for key, value in _properties(result):
        yield f"      <property name={_quoted(key)} value={_quoted(value)}/>"
    yield "    </properties>"
    for verdict in result.verdicts:
        yield from _case(verdict)
    yield "  </testsuite>"


def _properties(result: GateResult) -> Iterable[tuple[str, str]]:
    yield "outcome", result.outcome.value
    yield "exit status", str(result.exit_status)
    yield "counts", counts(result)
    yield "partial", "yes" if result.partial else "no"
    yield "method", method(result)
    if machine(result):
        yield "machine", machine(result)
    if result.commit is not None:
        yield "commit", result.commit.sha
    for line in alteration_lines(result.alterations):
        yield "alters its own judging", line
    for note in result.notes:
        yield "note", note


def _case(verdict: Verdict) -> Iterable[str]:
    suite, _, name = verdict.benchmark.partition("[")[0].rpartition("/")
    name += verdict.benchmark[len(suite) + len(name) + bool(suite) :]
    asked = ", ".join(part for part in (row(verdict).metric, verdict.tier) if part)
    seconds = _seconds(verdict)
    time = "" if seconds is None else f' time="{seconds:.9f}"'
    yield (
        f"    <testcase classname={_quoted(suite.replace('/', '.') or 'benchmarks')}"
        f" name={_quoted(f'{name}: {asked}' if asked else name)}{time}>"
    )
    kind = _kind(verdict)
    if kind:
        message = f"{label(verdict.outcome, verdict.severity).upper()}: {reason_text(verdict)}"
        detail = "" if kind == "skipped" else f' type="{verdict.outcome.value}"'
        yield f"      <{kind}{detail} message={_quoted(message)}/>"
    yield f"      <system-out>{_escaped(_facts(verdict))}</system-out>"
    yield "    </testcase>"


def _facts(verdict: Verdict) -> str:
    spelled = row(verdict)
    told = (
        ("benchmark", verdict.benchmark),
        ("title", verdict.name or ""),
        ("metric", spelled.estimator),
        ("limit", f"{spelled.limit}, {spelled.beyond}" if spelled.beyond else spelled.limit),
        ("measured", f"{spelled.value} ({spelled.interval}; {spelled.basis})" if spelled.value else ""),
        ("reason", spelled.reason),
        ("what to do", spelled.advice),
        ("where", spelled.where),
    )
    return "\n".join(f"{key}: {printable(value, _LONGEST)}" for key, value in told if value)


def _kind(verdict: Verdict) -> str:
    """Choose the element that tells what became of a case; none for what passed."""
    if verdict.severity is Severity.BROKEN:
        return "failure"
    if verdict.severity is Severity.UNKNOWN:
        return "error"
    return "" if verdict.outcome in {Outcome.PASSED, Outcome.FASTER} else "skipped"


def _seconds(verdict: Verdict) -> float | None:
    if verdict.change is not None:
        return None if verdict.change.exact else verdict.change.head_value
    timed = verdict.estimate is not None and verdict.dimension is Dimension.SECONDS
    return verdict.estimate.value if timed and verdict.estimate is not None else None


def _quoted(text: str) -> str:
    return saxutils.quoteattr(printable(text, _LONGEST))


def _escaped(text: str) -> str:
    return saxutils.escape(text)
