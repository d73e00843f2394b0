"""What a file tells of rounds that it does not hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

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
    """Check figures of times in units of `seconds`; raises `ResultsError` where there is neither mean nor median."""
    if mean is None and median is None:
        raise document.fault(f"{at}: contains neither times nor their mean or median; one of them is needed")
    told = {"mean": mean, "median": median, "min": least, "max": most}
    figures = {name: None if value is None else value * seconds for name, value in told.items()}
    for name, value in figures.items():
        if value is not None and not 0 < value < math.inf:
            raise document.fault(f"{at}.{name}: is {told[name]!r}; expected a finite number above 0")
    deviation = None if spread is None else spread * seconds
    if deviation is not None and not 0 <= deviation < math.inf:
        raise document.fault(f"{at}.stddev: is {spread!r}; expected a finite number of at least 0")
    return Summary(**figures, stddev=deviation)
