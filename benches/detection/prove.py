"""Prove how often hivegate and its peers are right: ``nox -s detection``, or ``python benches/detection/prove.py``.

Every trial makes a git project in two revisions whose difference is known, and asks hivegate, pytest-benchmark, asv and
pyperf whether the second is slower. Answers are kept one by one; what the evidence holds already is not asked again, so
an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection import evidence
from detection.company import BUSY, NOBODY
from detection.environments import make_environments
from detection.exactness import count, read_counted, write_counted
from detection.judges import JUDGES
from detection.report import render
from detection.suites import SUITES
from detection.trials import Order, run_trials

_ROOT = Path(__file__).parents[2]
_SHARED = "shared"  # the folder of what was asked at default priority, in company that was chosen
_EVERY = "hivegate:1,pytest-benchmark:4,asv:8,pyperf:12"


def main() -> int:
    """Run trials until time is over, keep their answers, and write the table."""
    given = _arguments()
    end = time.monotonic() + 60 * given.minutes
    counted = given.evidence / "doses.json"
    if given.count:
        write_counted(counted, list(count(given.count, instructions=True)))
    elif not given.report:
        environments = make_environments(given.environments)
        part, parts = (int(one) for one in given.part.split("/"))
        order = Order(
            suites=tuple(given.suites.split(",")),
            every=_every(given.every),
            trials=range(part, given.trials, parts),
            end=end,
            only=frozenset(given.only.split(",")) if given.only else frozenset(),
            company=given.company,
        )
        for judged in run_trials(order, environments, given.evidence / _SHARED if given.company else given.evidence):
            print(f"{judged.suite} {judged.trial} {judged.tool}: {judged.seconds:.0f} s", flush=True)  # noqa: T201  a command's output
    shared = evidence.read(given.evidence / _SHARED)
    text = render(evidence.read(given.evidence), read_counted(counted), shared)
    given.table.write_text(text, encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, help="after which no trial is begun")
    parser.add_argument("--report", action="store_true", help="only write the table from the evidence")
    parser.add_argument("--count", type=int, metavar="PERCENT", help="only count the work of head dosed so, and write")
    parser.add_argument("--every", default=_EVERY, help=f"tools, and which trials each is asked about: {_EVERY}")
    parser.add_argument("--suites", default="made", help=f"suites that take turns, of {', '.join(SUITES)}")
    parser.add_argument("--company", default="", choices=(NOBODY, BUSY), help="what else runs, at default priority")
    parser.add_argument("--only", default="", help="benchmarks of the made suite, by name; all where none is named")
    parser.add_argument("--trials", type=int, default=10_000, help="the number of the trial before which to stop")
    parser.add_argument("--part", default="0/1", help="0/2 and 1/2 are two runs side by side")
    parser.add_argument("--evidence", type=Path, default=_ROOT / "docs" / "performance" / "detection")
    parser.add_argument("--table", type=Path, default=_ROOT / "docs" / "performance" / "DETECTION.md")
    parser.add_argument("--environments", type=Path, default=_ROOT / ".hivegate" / "detection")
    return parser.parse_args()


def _every(text: str) -> dict[str, int]:
    every = {tool: int(number or 1) for tool, _, number in (one.partition(":") for one in text.split(","))}
    if unknown := set(every) - set(JUDGES):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(JUDGES)}")
    return every


if __name__ == "__main__":
    sys.exit(main())
