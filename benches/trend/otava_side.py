"""Runs Apache Otava, in an environment of its own: series on standard input, what each configuration finds on output.

It calls Otava's library as its command line does with these options.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

from otava.series import AnalysisOptions, Series  # type: ignore[import-not-found]  # not installed here

if TYPE_CHECKING:
    from collections.abc import Mapping


def _analyzed(values: list[float], options: AnalysisOptions) -> list[int]:
    series = Series("made", None, list(range(len(values))), {"metric": None}, {"metric": values}, {})
    found = series.analyze(options).change_points["metric"]
    return [int(one.index) for one in found]


def _options(fields: Mapping[str, Any]) -> AnalysisOptions:
    options = AnalysisOptions()
    for name, value in fields.items():
        setattr(options, name, value)
    return options


def main() -> None:
    """Answer with the indices found, by configuration and series, and the processor's seconds for the long one."""
    warnings.simplefilter("ignore")  # precision lost on constant data; it says so on every call
    asked = json.load(sys.stdin)
    found, seconds = {}, {}
    for name, fields in asked["configurations"].items():
        options = _options(fields)
        found[name] = [_analyzed(values, options) for values in asked["series"]]
        start = time.process_time()
        _analyzed(asked["long"], options)
        seconds[name] = time.process_time() - start
    json.dump({"found": found, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
