"""What a file tells of rounds that it does not hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.ingest.units import time_in
from hivegate.model.run import Summary

if TYPE_CHECKING:
    from hivegate.ingest.document import Document


def summary_in(
    document: Document,
    at: str,
    *,
    seconds: float = 1.0,
    mean: float | None = None,
    median: float | None = None,
    least: float | None = None,
    most: float | None = None,
    spread: float | None = None,
) -> Summary:
    """Check figures of times in units of `seconds`; another than mean and median that is none is dropped.

    Raises `ResultsError` where mean or median is no time, or neither is there.
    """
    if mean is None and median is None:
        raise document.fault(f"{at}: contains neither times nor their mean or median; one of them is needed")
    typical = {"mean": mean, "median": median}
    figures = {
        name: time_in(document, f"{at}.{name}", seconds, value) for name, value in typical.items() if value is not None
    }
    for name, value in (("min", least), ("max", most), ("stddev", spread)):
        if value is None:
            continue
        if 0 < value * seconds < math.inf or (name == "stddev" and value == 0):
            figures[name] = value * seconds
        else:
            document.drop(f"{at}.{name}: is {value!r}")
    return Summary(**figures)
