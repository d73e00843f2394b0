"""Kept runs as lists for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.quantity import quantity
from hivegate.model.record import environment_key, environment_title
from hivegate.report.escape import printable, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.model.record import Record, StoredEnvironment, StoredRun

_SHORT = 12  # digits of a commit that tell it from all others
_LONGEST = 200


def render_runs(environments: Sequence[StoredEnvironment], runs: Sequence[StoredRun], *, limit: int) -> str:
    """Spell the machines, a line each, and the first runs of a list."""
    machines = [("key", "runs", "newest", "machine")]
    machines += [
        (one.key, str(one.runs), one.newest[:10], printable(environment_title(one.environment), _LONGEST) or "unknown")
        for one in environments
    ]
    rows: list[tuple[str, ...]] = [("run", "revision", "commit", "branch", "verdict", "machine", "subject")]
    rows += [_run(one) for one in runs[:limit]]
    more = f"and {len(runs) - limit} older\n" if len(runs) > limit else ""
    return without_commands(f"{_columns(machines)}\n{_columns(rows)}{more}")


def render_record(number: int, record: Record) -> str:
    """Spell one run: what, where, when, what was judged and what was measured."""
    at = record.commit
    commit = "unknown" if at is None else printable(f"{at.sha}{'-dirty' * at.dirty} {at.branch or ''}")
    outcome = "" if record.outcome is None else f"; {record.outcome.value}"
    machine = printable(environment_title(record.environment), _LONGEST)
    lines = [
        f"run {number}: {printable(record.source)}{outcome}",
        f"  commit: {commit} {printable(record.subject or '', _LONGEST)}".rstrip(),
        f"  committed: {record.committed or 'unknown'}; measured: {record.created or 'unknown'}",
        f"  machine: {environment_key(record.environment)} {machine}",
        *([f"  report: {printable(record.report, 2000)}"] if record.report else []),
    ]
    judged = [
        (one.outcome.value, printable(one.benchmark), printable(one.reason, _LONGEST))
        for one in record.judged
        if one.outcome.value not in {"passed", "new"}
    ]
    measured = [
        (quantity(one.value, one.metric.dimension), one.metric.name, printable(one.benchmark, _LONGEST))
        for one in record.levels
    ]
    return without_commands("\n".join(lines) + "\n" + _columns(judged, "  ") + _columns(measured, "  ") + "\n")


def _run(run: StoredRun) -> tuple[str, ...]:
    mark = "-dirty" if run.dirty else ""
    return (
        str(run.id),
        run.moment[:16].replace("T", " "),
        printable((run.commit or "-")[:_SHORT] + mark),
        printable(run.branch or "-", 30),
        "-" if run.outcome is None else run.outcome.value,
        run.environment,
        printable(run.subject or "", 60),
    )


def _columns(rows: Iterable[tuple[str, ...]], indent: str = "") -> str:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{indent}{line.rstrip()}\n" for line in lines)
