"""The evidence of what the history bears, for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Spelled = Callable[[Mapping[str, float]], str]

_STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_HEAD = """\
# What the history bears

Written by `nox -s proofs -- history` from [history.json](history.json); do not edit. The machine has two cores and runs
other work, which affects the wall time and not the CPU time of the command. [CHANGE_POINTS.md](CHANGE_POINTS.md)
compares change points, and [DASHBOARD.md](DASHBOARD.md) measures the dashboard."""
_SIZE = """
## A million estimates

2,000 runs of 500 benchmarks with noise, outliers, steps and a move of the machine, for `hivegate history import`.
"""
_TOGETHER = """
## Sixteen processes at once

{commands:.0f} times `hivegate history add`, by {processes:.0f} processes at once, each time with a separate run and
one that all add. Every run was stored once, and complete.

| | runs stored | of | seconds |
|---|---:|---:|---:|"""
_KILLED = """
## SIGKILL in the middle

Writers add run after run and are killed, in turns at any moment and after a statement of a transaction. After each kill
the database opens (SQLite's check finds no damage), and in the end it contains only complete runs, among them every one
that a writer had reported as stored.

| | killed | runs reported as stored | runs stored, all complete |
|---|---:|---:|---:|"""
_FULL = """
## A full disk

On a disk of 2 MiB, an import of 2,000 runs ends with status 2 and *its disk is full; nothing of
this was stored*. The {sqlite_runs:.0f} runs that were stored before are complete, on SQLite and on PostgreSQL."""


def render(known: Mapping[str, Mapping[str, float]]) -> str:
    """Spell the evidence as Markdown."""
    return "\n".join(_lines(known)) + "\n"


def _lines(known: Mapping[str, Mapping[str, float]]) -> Iterable[str]:
    yield _HEAD
    if sizes := [(title, known[part]) for part, title in _STORES.items() if part in known]:
        yield from _size(sizes)
    if told := known.get("together"):
        yield _TOGETHER.format(**told)
        expected = told["commands"] * (1 + 1 / told["processes"])
        for part, title in _STORES.items():
            yield f"| {title} | {told[f'{part}_runs']:.0f} | {expected:.0f} | {told[f'{part}_seconds']:.0f} |"
    if told := known.get("killed"):
        yield _KILLED
        for part, title in _STORES.items():
            counts = (f"{told[f'{part}_{name}']:.0f}" for name in ("kills", "said", "runs"))
            yield f"| {title} | {' | '.join(counts)} |"
    if told := known.get("full"):
        yield _FULL.format(**told)


def _size(sizes: list[tuple[str, Mapping[str, float]]]) -> Iterable[str]:
    yield _SIZE
    yield f"| | asked for | {' | '.join(title for title, _ in sizes)} |"
    yield "|---|---:|" + "---:|" * len(sizes)
    for what, asked, spell in (
        ("import of an export, estimates a second of the processor", "20,000", _rate("estimates", "import_cpu")),
        ("by the clock", "", _rate("estimates", "import_seconds")),
        ("the command in all; its processor time", "", _seconds("import_seconds", "import_cpu")),
        ("the same again, without new runs", "", _seconds("again_seconds")),
        (
            "import of pytest-benchmark's files, estimates a second of the processor",
            "20,000",
            _rate("others_estimates", "others_cpu"),
        ),
        ("by the clock", "", _rate("others_estimates", "others_seconds")),
        ("the command in all, 200,000 estimates; its processor time", "", _seconds("others_seconds", "others_cpu")),
        ("a trend of 2,000 runs, processor time, median of 9", "100 ms", _milliseconds("trend_cpu")),
        ("by the clock, median and least", "", _milliseconds("trend_median", "trend_least")),
        ("the first of them, which also imports libraries", "", _milliseconds("trend_first")),
        ("`history trend BENCHMARK` in all, least of 3", "", _seconds("trend_command")),
        ("processes that wanted the two cores meanwhile (load)", "", _load),
    ):
        yield f"| {what} | {asked} | {' | '.join(spell(one) for _, one in sizes)} |"


def _load(one: Mapping[str, float]) -> str:
    return f"{one['load']:.1f}" if "load" in one else "not known"


def _rate(count: str, seconds: str) -> Spelled:
    return lambda one: f"{one[count] / one[seconds]:,.0f}"


def _seconds(*names: str) -> Spelled:
    return lambda one: "; ".join(f"{one[name]:.1f} s" for name in names)


def _milliseconds(*names: str) -> Spelled:
    return lambda one: "; ".join(f"{1000 * one[name]:.0f} ms" for name in names)
