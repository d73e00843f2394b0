"""Numbers as people read them: three digits, a fitting unit, one unit for a value and its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension

if TYPE_CHECKING:
    from hivegate.model.estimate import Estimate

# Units from large to small; the first whose size the value reaches is used.
_UNITS: dict[Dimension, tuple[tuple[float, str], ...]] = {
    Dimension.SECONDS: ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
    Dimension.BYTES: ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")),
    Dimension.RATE: ((1e6, "Mop/s"), (1e3, "kop/s"), (1.0, "op/s")),
    Dimension.RATIO: ((0.01, "%"),),
    Dimension.COUNT: ((1e6, "M"), (1e3, "k"), (1.0, "")),
    Dimension.NUMBER: ((1.0, ""),),
}
_ANYTHING = 1000.0
_FACTOR = 2.0  # from so many times on a change is spelled as a factor
_WORDS = {Dimension.SECONDS: ("faster", "slower"), Dimension.RATE: ("slower", "faster")}  # of what is less, and more


def quantity(value: float, dimension: Dimension, *, like: float | None = None) -> str:
    """Spell a value; `like` picks the unit where another value sets it."""
    if not math.isfinite(value):
        return _beyond(value)
    size, unit = _unit(abs(value if like is None else like), dimension)
    return f"{_digits(value / size)} {unit}".rstrip()


def interval(estimate: Estimate, dimension: Dimension) -> str:
    """Spell the interval of an estimate in the unit of its value; one whose ends are both open is unknown."""
    if math.isinf(estimate.low) and math.isinf(estimate.high):
        return "interval unknown"
    size, unit = _unit(abs(estimate.value), dimension)
    low, high = (_digits(end / size) if math.isfinite(end) else _beyond(end) for end in (estimate.low, estimate.high))
    return f"{low} .. {high} {unit}".rstrip()


def round_quantity(value: float, dimension: Dimension, *, like: float) -> str:
    """Spell a round number, such as the tick of an axis, in the unit of `like` and without digits that it has not."""
    size, unit = _unit(abs(like), dimension)
    return f"{value / size:.6g} {unit}".rstrip()


def percent(share: float) -> str:
    """Spell a share that someone chose, such as a confidence, without digits that they did not write."""
    return f"{share * 100:.6g} %"


def signed(ratio: float, dimension: Dimension = Dimension.SECONDS) -> str:
    """Spell a ratio of head to base as a change: 1.02 is +2.00 %; from twice on as a factor, "58x faster".

    Percent saturate: what takes a hundredth and what takes a thousandth of the time are both -99 %.
    """
    size = change_size(ratio)
    if not size.endswith("x"):
        return size
    less, more = _WORDS.get(dimension, ("less", "as much"))
    return f"{size} {more if ratio > 1 else less}"


def moved_by(ratio: float, dimension: Dimension = Dimension.SECONDS) -> str:
    """Spell a change behind the verb *moved*: by +30 %, 58x faster."""
    text = signed(ratio, dimension)
    return f"by {text}" if text.endswith("%") else text


def change_size(ratio: float) -> str:
    """Spell the same without the word of a factor: +2.00 %, -30 %, 58x."""
    if math.isinf(ratio):
        return "+inf"
    if ratio >= _FACTOR or 0 < ratio <= 1 / _FACTOR:
        return _factor(max(ratio, 1 / ratio))
    change = (ratio - 1) * 100
    return f"{change:+.2f} %" if abs(round(change, 2)) < 10 else f"{change:+.0f} %"  # noqa: PLR2004  two digits say enough


def part(share: float) -> str:
    """Spell a share of a whole that was sampled; there is no more than all of it."""
    percents = min(1.0, max(0.0, share)) * 100
    return f"{percents:.1f} %" if percents < 9.95 else f"{percents:.0f} %"  # noqa: PLR2004  two digits say enough


def change_interval(low: float, high: float, dimension: Dimension = Dimension.SECONDS) -> str:
    """Spell the interval of a change, the word of two factors once: "57x .. 60x faster".

    What may be a thousand times less as well as more is said to be unknown: that is what two pairs leave.
    """
    if low < 1 / _ANYTHING and high > _ANYTHING:
        return "interval unknown"
    first, last = signed(low, dimension), signed(high, dimension)
    number, _, word = first.partition(" ")
    if word != "%" and word and last.endswith(f" {word}"):
        ends = (number, last) if low > 1 else (last.partition(" ")[0], first)
        return " .. ".join(ends)
    return f"{first} .. {last}"


def change_tick(ratio: float) -> str:
    """Spell a round ratio at an axis: percent, or a factor from twice on; a fraction is so many times less."""
    if ratio == 1:
        return "0"
    if 1 / _FACTOR < ratio < _FACTOR:
        return signed(ratio).replace(".00", "")
    return f"{ratio:.3g}x" if ratio > 1 else f"1/{1 / ratio:.3g}" if ratio > 0 else "-100 %"


def excess(share: float) -> str:
    """Spell by how much a limit is exceeded: a percentage that can be pictured, else a multiple."""
    return f"{_digits(share * 100)} %" if share < 1 else f"a factor of {_digits(1 + share)}"


def _factor(number: float) -> str:
    if number >= 1e6:  # noqa: PLR2004  what fits a column
        return f"{number:.2e}x"
    return f"{number:.1f}x" if number < 9.95 else f"{number:.0f}x"  # noqa: PLR2004  two digits say enough


def _beyond(value: float) -> str:
    if math.isnan(value):
        return "?"
    return "-inf" if value < 0 else "inf"


def _unit(value: float, dimension: Dimension) -> tuple[float, str]:
    units = _UNITS[dimension]
    return next((one for one in units if value >= one[0] * 0.9995), units[-1])


def _digits(number: float) -> str:
    """Keep three significant digits, and never an exponent for what fits a column."""
    if number == 0:
        return "0"
    if not 1e-4 <= abs(number) < 1e6:  # noqa: PLR2004  what fits a column
        return f"{number:.2e}"
    rounded = float(f"{number:.3g}")
    places = max(0, 2 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:.{places}f}"
