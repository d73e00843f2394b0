"""Measure, simulate and write the page: ``nox -s scale``, or of its parts: ``nox -s scale -- alarms trends``.

Some five minutes on two idle cores. Recording pairs (``-- pairs``) takes as long again, and is done where asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # PostgreSQL is started as the tests do
sys.path.insert(0, str(Path(__file__).parents[1]))

from scale import alarms, cost, merging, pairs, storage, trends
from scale.report import write_pages

_PROCESSES = 2
_NICE = 15
_RECORDED = {"pairs": pairs.record}
_MEASURED = {"merge": merging.measure, "storage": storage.measure, "cost": cost.measure}
_SIMULATED = {"alarms": alarms.simulate, "trends": trends.simulate}
_USUAL = (*_MEASURED, *_SIMULATED)
_KNOWN = (*_USUAL, *_RECORDED, "report")


def main() -> None:
    """Make the evidence of the parts that were asked for, all usual ones where none is named, and write both pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(_KNOWN)}; report alone writes the pages anew")
    asked = parser.parse_args().parts or _USUAL
    if unknown := set(asked) - set(_KNOWN):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_KNOWN)}")
    for name, measure in (_RECORDED | _MEASURED).items():
        if name in asked:
            measure()
    context = get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=context, initializer=os.nice, initargs=(_NICE,)) as workers:
        for name, simulate in _SIMULATED.items():
            if name in asked:
                simulate(workers)
    write_pages()


if __name__ == "__main__":
    main()
