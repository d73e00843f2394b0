"""What the guard's recorder measures: two revisions of a small project, or a suite in passes."""

from __future__ import annotations

from typing import Any

import msgspec

TOY = """
HEAD = {head}

def spin(turns):
    total = 0
    for turn in range(turns):
        total += turn
    return total

def dosed(turns, by):
    return spin(int(turns * (by if HEAD else 1)))

if HEAD:
    only_head = spin
"""
SETTINGS = "[project]\nname = 'toy'\nversion = '0'\n[tool.hivegate]\ntimeout = 20.0\n"
IMPORTS = "import itertools, json, os, random, signal, threading, time, tracemalloc\nimport pytest, toy\n"
_HEADER = "schema: 1\n"


class Comparison(msgspec.Struct, frozen=True):
    """Two revisions to be measured side by side, and how their pairs are to be judged.

    `files` are of both revisions and `head` of head alone, None where it lacks a file of base. `singles` are the calls
    to be timed one by one, `exact` names what is read exactly beside times. The time is over after `most` pairs at the
    latest. `calms` tells that head becomes as fast
    as base once the pairs that count are measured, for the file named by CALM is there then.
    """

    benches: str
    judgements: dict[str, dict[str, Any]]
    files: dict[str, str] = {}
    head: dict[str, str | None] = {}
    singles: dict[str, int] = {}
    exact: tuple[str, ...] = ()
    most: int = 16
    calms: bool = False
    selectors: tuple[str, ...] = ()


class Measured(msgspec.Struct, frozen=True):
    """A suite to be measured in passes, and how its run is to be judged."""

    benches: str
    judgements: dict[str, dict[str, Any]]
    passes: int = 4
    timeout: float = 20.0
    selectors: tuple[str, ...] = ()


def budgets(text: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
    """Make a judgement of the entries of `regressions`, with the waivers and all else that follow them."""
    return {"targets": _HEADER + (f"regressions:\n{text}" if text else ""), **more}


def targets(text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
    """Make a judgement of the rest of a targets.yaml."""
    return {"targets": _HEADER + text, **more}


def every(budget: str, more: str = "") -> dict[str, Any]:
    """Make a judgement of one budget for all."""
    return budgets(f"  - {{benchmark: '*', budget: {budget}{more}}}\n")


def functions(**calls: str) -> str:
    """Write benchmarks of one line each."""
    return "".join(f"def bench_{name}(benchmark):\n    {call}\n" for name, call in calls.items())


def once(call: str) -> str:
    """Write the call of a benchmark that is called once a pair, which costs little time."""
    return f"benchmark.pedantic({call}, rounds=1)"
