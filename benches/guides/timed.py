"""What each of the scenarios times, by the words of its own test, and how much of it is only waiting for a timer."""

from __future__ import annotations

import ast
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from guides.measured import GUIDES, ROOT
from guides.spelling import spell, table

if TYPE_CHECKING:
    from guides.measured import Measured

_FILE = GUIDES / "waiting.json"
_TESTS = ROOT / "hive" / "tests"
_WHOLE = "bench_integrated.py::test_integrated_suite"


def timed(measured: Measured) -> str:
    """List the scenarios: what a timed call does, the share of timers that run out, and p50 by size."""
    shares = json.loads(_FILE.read_text(encoding="utf-8"))
    rows = []
    for scenario, share in shares.items():
        found = measured.group(scenario) or {"": measured.level(scenario)}
        sizes = [f"{size + ': ' if size else ''}{spell(found[size])}" for size in sorted(found, key=_by_size)]
        rows.append((f"`{scenario}`", _said(scenario), f"{share:.1%}", "; ".join(sizes)))
    return table(("scenario", "a timed call", "waiting", "p50 by size"), rows)


def record() -> None:
    """Call each scenario once and keep which share of it slept: of a test, its preparation included."""
    known = runpy.run_path(str(_TESTS / "test_scenarios.py"))  # the hive's own test says which there are
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        environment = os.environ | {"WAITING": str(found), "PYTHONPATH": str(_TESTS)}
        tests = sorted({*known["listed"](known["SCENARIOS"]), _WHOLE})
        command = ["-m", "pytest", "-q", "-p", "waiting", "-p", "no:cacheprovider", "--benchmark-disable", *tests]
        subprocess.run([sys.executable, *command], cwd=ROOT / "benches", env=environment, check=True)  # noqa: S603
        times = json.loads(found.read_text(encoding="utf-8"))
    shares = {_scenario(test): round(asleep / taken, 4) for test, (asleep, taken) in sorted(times.items())}
    _FILE.write_text(json.dumps(shares, indent=0) + "\n", encoding="utf-8")


def _scenario(test: str) -> str:
    file, _, name = test.partition("::")
    suite = file.removeprefix("bench_").removesuffix(".py")
    return f"{suite}/{name.removeprefix('test_').partition('[')[0]}"


def _said(scenario: str) -> str:
    """Read the first sentence of a benchmark's docstring."""
    suite, _, name = scenario.partition("/")
    tree = ast.parse((ROOT / "benches" / f"bench_{suite}.py").read_text(encoding="utf-8"))
    function = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == f"test_{name}")
    said = " ".join((ast.get_docstring(function) or "").split("\n\n")[0].split())
    return said.rstrip(".")


def _by_size(size: str) -> tuple[float, str]:
    return (float(size), "") if size.isdigit() else (float("inf"), size)
