"""A calibration for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.quantity import percent, quantity
from hivegate.report.escape import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.aa_test import BenchmarkSensitivity, Sensitivity

_NAME = 44
_HEAD = ("benchmark", "a call", "spread", "budget", "seen from", "least budget")


def render_aa_test(found: Sensitivity) -> str:
    """Spell what each benchmark's comparison can see, the noisiest first, then what cannot be judged by its budget."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Sensitivity) -> Iterable[str]:
    measured = sorted((one for one in found.benchmarks if not one.trouble), key=lambda one: -(one.spread or 0))
    rows = [_HEAD, *(_cells(one) for one in measured)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for name, *numbers in rows if measured else ():
        cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *cells))
    for one in measured:
        if one.too_tight:
            yield ""
            yield f"{printable(one.benchmark)}: its budget of {percent(one.budget)} cannot be judged here ({one.where})"
            yield f"  -> allow {_up(one.least_budget or 0)} or more, make a call do more work, or measure elsewhere"
    for one in found.benchmarks:
        if one.trouble:
            yield ""
            yield f"{printable(one.benchmark)}: not measured: {printable(one.trouble, 400)}"
    for note in found.notes:
        yield ""
        yield f"note: {printable(note, 400)}"


def _cells(one: BenchmarkSensitivity) -> tuple[str, ...]:
    shares = (one.spread, one.budget, one.visible, one.least_budget)
    seconds = quantity(one.seconds or 0.0, Dimension.SECONDS)
    return (shorten(printable(one.benchmark), _NAME), seconds, *(f"{(share or 0) * 100:.2f} %" for share in shares))


def _up(share: float) -> str:
    """Round a budget up to a tenth of a percent."""
    return f"{-(-share * 1000 // 1) / 10:.1f} %"
