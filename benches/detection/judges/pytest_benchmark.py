"""pytest-benchmark: base is saved, head compared with it; ``mean:5%`` as its documentation shows, and ``min:5%``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from detection.judges.opinion import PASSED, SLOWER, Case, Opinion, check_out, run

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS = ("mean", "min")
_LIMIT = "5%"
_FAILED = re.compile(r"^\s+(\S+) \(\S+\) - Field '(\w+)' has failed", re.MULTILINE)
_REGRESSED = (0, 1, 3)  # an uncaught PerformanceRegression ends pytest with 1 or 3


def judge(case: Case) -> dict[str, Opinion]:
    """Run the suite on base, then on head against it; both rules judge the same runs."""
    store = case.scratch / "store"
    command = [
        str(case.environments.subject),
        "-m",
        "pytest",
        "-q",
        case.suite,
        f"--benchmark-storage={store.as_uri()}",
    ]
    check_out(case, case.base)
    run([*command, "--benchmark-save=base"], case)
    check_out(case, case.head)
    fails = [
        "--benchmark-compare-fail",
        *(f"{field}:{_LIMIT}" for field in _FIELDS),
    ]  # given twice, the last would count
    said = run([*command, "--benchmark-save=head", "--benchmark-compare=0001", *fails], case, fine=_REGRESSED)
    failed = set(_FAILED.findall(said))
    if ("Performance has regressed" in said) != bool(failed):
        raise RuntimeError(f"pytest-benchmark's answer is not understood: {said[-3000:]}")
    base, head = (_means(store, name) for name in ("base", "head"))
    return {name: _opinion(name, failed, head[name][1] / base[name][1], head[name][0]) for name in head}


def _means(store: Path, saved: str) -> dict[str, tuple[str, float]]:
    found = json.loads(next(store.rglob(f"*_{saved}.json")).read_bytes())["benchmarks"]
    return {one["fullname"]: (one["name"], one["stats"]["mean"]) for one in found}


def _opinion(fullname: str, failed: set[tuple[str, str]], ratio: float, name: str) -> Opinion:
    return Opinion(
        {f"{field}:{_LIMIT}": SLOWER if {(name, field), (fullname, field)} & failed else PASSED for field in _FIELDS},
        ratio=ratio,
    )
