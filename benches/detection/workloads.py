"""The functions that are measured: of which kind each is, and how many equal units of work one call does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

SUBJECT = Path(__file__).with_name("subject")
_DOSES = SUBJECT / "doses.py"
_CONSTANT = re.compile(r"^([A-Z_]+) = (\d+)", re.MULTILINE)


class Workload(NamedTuple):
    """A function of the subject: its module, its kind, and whether a dose fits in."""

    name: str
    module: str
    kind: str
    dosed: bool = True


WORKLOADS = (
    Workload("tally", "tallies", "pure Python"),
    Workload("parse", "parsing", "pure Python"),
    Workload("build", "trees", "allocation"),
    Workload("pivot", "tables", "allocation"),
    Workload("round_trip", "codec", "C extension"),
    Workload("scan", "patterns", "C extension"),
    Workload("order", "ranking", "C extension"),
    Workload("single", "reads", "nanoseconds", dosed=False),
    Workload("attribute", "reads", "nanoseconds"),
    Workload("mapping", "reads", "nanoseconds"),
    Workload("journal", "files", "I/O"),
    Workload("store", "store", "I/O"),
    Workload("sleep", "waits", "sleeping"),
    Workload("answer", "waits", "threads"),
    Workload("gather", "pools", "threads"),
)


def dosed(doses: dict[str, int]) -> str:
    """Spell the subject's doses with so many percent more units for each function named.

    Every number of units is a multiple of a hundred, so that whole percents are exact.
    """

    def more(found: re.Match[str]) -> str:
        units = int(found[2])
        return f"{found[1]} = {units + units * doses.get(found[1].lower(), 0) // 100}"

    return _CONSTANT.sub(more, _DOSES.read_text(encoding="utf-8"))
