"""Measure, simulate and write the page: ``nox -s scale``, or of its parts: ``nox -s scale -- alarms trends``."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # PostgreSQL is started as the tests do
sys.path.insert(0, str(Path(__file__).parents[1]))

from scale import alarms, cost, merging, storage, trends
from scale.report import write_pages

_PROCESSES = 2
_NICE = 15
_SIMULATED = {"alarms": alarms.simulate, "trends": trends.simulate}
_MEASURED = {"merge": merging.measure, "storage": storage.measure, "cost": cost.measure}
_PARTS = (*_MEASURED, *_SIMULATED)


def main() -> None:
    """Make the evidence of the parts that were asked for, all where none is named, and write both pages from all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(_PARTS)}; 'report' alone writes the pages anew")
    asked = parser.parse_args().parts or _PARTS
    if unknown := set(asked) - {*_PARTS, "report"}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)} and report")
    for name in (one for one in _MEASURED if one in asked):
        _MEASURED[name]()
    context = get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=context, initializer=os.nice, initargs=(_NICE,)) as workers:
        for name in (one for one in _SIMULATED if one in asked):
            _SIMULATED[name](workers)
    write_pages()


if __name__ == "__main__":
    main()
