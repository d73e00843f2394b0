"""What lies beside results and is none: recognised, and refused with what to give instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hivegate.ingest.document import Document

_CRITERION = "pass the folder that cargo bench wrote: target/criterion"
_ASV = "pass one of the result files next to it: results/MACHINE/COMMIT-….json"

# Keys of the top level that say what it is, keys that would make it something else, and what to do.
_OBJECTS = (
    (
        "schema verdicts",
        "",
        "a result of hivegate bench or check, not a run",
        "pass the run, or the benchmark tool's result",
    ),
    ("arch cpu machine ram", "results", "asv's description of a machine", _ASV),
    ("mean median", "std_dev", "a criterion estimate of a change, without times", _CRITERION),
    ("Mean Median", "StdDev", "a criterion estimate of a change, without times", _CRITERION),
    ("group_id full_id", "", "criterion's description of a benchmark", _CRITERION),
)
_TEXTS = (
    ("criterion's raw.csv", _CRITERION, re.compile(rb"group,function,value,")),
    (
        "criterion's outlier fences",
        _CRITERION,
        re.compile(rb"\s*\[(?:\s*-?\d[\d.e-]*\s*,){3}\s*-?\d[\d.e-]*\s*\]\s*\Z"),
    ),
)
_HEAD = 4096


def refuse_foreign(document: Document) -> None:
    """Raise `ResultsError` for what tools write beside their results."""
    if document.members is None:
        for what, hint, pattern in _TEXTS:
            if pattern.match(document.text[:_HEAD]):
                raise document.fault(f"is {what}", hint)
        return
    known = document.members.keys()
    for keys, others, what, hint in _OBJECTS:
        if set(keys.split()) <= known and not set(others.split()) & known:
            raise document.fault(f"is {what} ({document.some_keys()})", hint)
    if _describes_asv_benchmarks(document.members):
        raise document.fault("is asv's list of benchmarks, not a result", _ASV)


def _describes_asv_benchmarks(members: dict[str, msgspec.Raw]) -> bool:
    first = next(iter(members.values()), None)
    try:
        return (
            first is not None
            and {"code", "name", "param_names"} <= msgspec.json.decode(first, type=dict[str, msgspec.Raw]).keys()
        )
    except (msgspec.DecodeError, RecursionError):
        return False
