"""Made histories whose steps are known: sizes 2-20 %, noise 0.5-10 %, outliers, drift."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

NOISES = (0.005, 0.01, 0.02, 0.05, 0.10)
SIZES = (0.02, 0.03, 0.05, 0.10, 0.20)
KINDS = {
    "plain": "normal noise",
    "outliers": "and 4 % of the points far off, four in five of them slow",
    "drift": "normal noise, and a slope of up to 10 % over the whole",
    "outliers and drift": "both",
    "waves": "normal noise, and a slow wave as high as it, 100 to 400 points long",
}
_LENGTHS = (80, 200, 500)
_NEAREST = 12  # points between steps, and from a step to either end
_STRAYS = 0.04


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A series and the indices of the first points of its new levels."""

    name: str
    values: list[float]
    steps: list[int]


def generate(seed: int, repeats: int) -> Iterator[Labelled]:
    """Make every combination of kind, noise and size `repeats` times; lengths and the number of steps are drawn.

    A series is named by its kind, and has none to four steps.
    """
    random = np.random.default_rng(seed)
    for kind, noise, size, _ in itertools.product(KINDS, NOISES, SIZES, range(repeats)):
        length = int(random.choice(_LENGTHS))
        steps = _places(random, length)
        logs = _disturbance(random, kind, noise, length)
        for place in steps:
            logs[place:] += random.choice([-1, 1]) * np.log1p(size)
        values = float(10 ** random.uniform(-8, 1)) * np.exp(logs)
        yield Labelled(name=kind, values=values.tolist(), steps=steps)


def _places(random: np.random.Generator, length: int) -> list[int]:
    places: list[int] = []
    for _ in range(int(random.integers(0, 5))):
        place = int(random.integers(_NEAREST, length - _NEAREST))
        if all(abs(place - other) >= _NEAREST for other in places):
            places.append(place)
    return sorted(places)


def _disturbance(random: np.random.Generator, kind: str, noise: float, length: int) -> npt.NDArray[np.float64]:
    logs = random.normal(0.0, noise, length)
    if "outliers" in kind:
        hit = random.random(length) < _STRAYS
        size = 4 * noise + random.exponential(0.3, length)
        logs += hit * size * random.choice([-0.3, 1.0], p=[0.2, 0.8], size=length)
    if "drift" in kind:
        logs += np.linspace(0.0, float(random.uniform(-0.1, 0.1)), length)
    if kind == "waves":
        period = float(random.uniform(100, 400))
        logs += noise * np.sin(2 * np.pi * (np.arange(length) / period + random.random()))
    return logs
