"""The first lines of every report: how many of what, how and where it was measured."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from hivegate.model.quantity import percent
from hivegate.model.verdict import Outcome
from hivegate.report.messages import LABELS, label

if TYPE_CHECKING:
    from hivegate.model.subject import LoadedFiles
    from hivegate.model.verdict import GateResult


_PLURAL = frozenset({"warning", "note", "source file", "compiled file", "file"})


def counts(result: GateResult) -> str:
    """Count the verdicts by their labels, the worst first."""
    numbers = Counter(label(verdict.outcome, verdict.severity) for verdict in result.verdicts)
    only = Counter(label(verdict.outcome, verdict.severity) for verdict in result.verdicts if verdict.only_at_reference)
    parts = [
        counted(name, numbers[name]) + (f", {only[name]} of them only at reference speed" if only[name] else "")
        for name in LABELS
        if numbers[name] and name != Outcome.NEW.value
    ]
    if not parts:
        parts = ["no target was judged" if result.base is None else "nothing was compared"]
    if result.not_selected:
        parts.append(f"{len(result.not_selected)} not selected")
    if result.not_compared:
        parts.append(f"{len(result.not_compared)} without a budget")
    if result.interrupted:
        parts.append("interrupted")
    return ", ".join(parts)


def counted(name: str, number: int) -> str:
    """Say how many verdicts have a label."""
    return f"{number} {name}{'s' * (number != 1 and name in _PLURAL)}"


def method(result: GateResult) -> str:
    """Say how it was measured, and what of the project was loaded."""
    return "; ".join(part for part in (_method(result), subject(result)) if part)


def subject(result: GateResult) -> str:
    """Say which files of the project were loaded, side by side where they differ; "" where nobody knows."""
    sides = {side: _files(loaded) for side, loaded in result.loaded.items()}
    if len(set(sides.values())) == 1:
        return f"loaded {next(iter(sides.values()))}"
    return "loaded " + ", ".join(f"on {side} {files}" for side, files in sorted(sides.items())) if sides else ""


def _files(loaded: LoadedFiles) -> str:
    parts = [counted("source file", loaded.sources)] if loaded.sources or not (loaded.compiled or loaded.copies) else []
    if loaded.compiled:
        parts.append(counted("compiled file", len(loaded.compiled)))
    if loaded.copies:
        parts.append(f"{counted('file', loaded.copies)} of {loaded.origin.partition(',')[0] or 'an installed copy'}")
    return " and ".join(parts) + ("" if loaded.copies and loaded.origin else " of the project")


def _method(result: GateResult) -> str:
    if result.base is not None:
        return f"against {result.base}"
    statistics = result.run_statistics
    passes = f"{statistics.passes} passes" if statistics.passes != 1 else "one pass"
    looks = f" over {statistics.looks} looks" if statistics.looks > 1 else ""
    return f"{passes}, {percent(statistics.confidence)} confidence{looks}"


def machine(result: GateResult) -> str:
    """Say where it was measured."""
    known = result.environment
    cores = None if known.cores is None else f"{known.cores} cores"
    python = None if known.python is None else f"{known.implementation or 'Python'} {known.python}"
    speeds = [verdict.scaling.speed for verdict in result.verdicts if verdict.scaling is not None]
    speed = f"{median(speeds):.2f} of the reference machine's speed" if speeds else None
    return ", ".join(part for part in (python, known.cpu, cores, speed) if part)
