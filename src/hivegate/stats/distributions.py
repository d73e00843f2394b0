"""Tail probabilities and quantiles of the normal, Student's t and chi-squared distributions.

The standard library has the normal distribution alone, and SciPy takes more space than all of hivegate. The tests hold
these functions to SciPy's values.
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist

_NORMAL = NormalDist()
_SMALLEST = 1e-300  # takes the place of a zero denominator in a continued fraction
_PRECISION = 4e-16
_STEPS = 100  # of Newton's method, which takes about six
_SHARES = 10_000  # of a continued fraction, which takes about the square root of the degrees of freedom
_LARGE = 150.0  # the gamma function overflows beyond 171; from here on its ratio has a short series
_CENTRAL = 0.1  # below this tail probability, quantiles are solved on logarithmic scales


def normal_quantile(p: float) -> float:
    """Compute the value below which a standard normal variable lies with probability `p`."""
    return _NORMAL.inv_cdf(p)


def student_tail(t: float, freedom: float) -> float:
    """Compute the probability that Student's t with so many degrees of freedom lies above `t`.

    It is half the regularised incomplete beta function at freedom / (freedom + t²).
    """
    if t < 0:
        return 1.0 - student_tail(-t, freedom)
    square = t * t / freedom
    if math.isinf(square):
        return 0.0
    half = freedom / 2
    front = _student_front(half) * math.sqrt(square / (1 + square)) * math.exp(-half * math.log1p(square))
    below, above = 1 / (1 + square), square / (1 + square)
    if square > 1.5 / (half + 1):
        return front * _beta_fraction(below, above, half, 0.5) / 2
    return 0.5 - front * _beta_fraction(above, below, 0.5, half) / 2


@functools.lru_cache(maxsize=1024)
def student_quantile(tail: float, freedom: float) -> float:
    """Compute the value above which Student's t lies with probability `tail`.

    Newton's method approaches from one side: the tail is convex in t, and its logarithm concave in the logarithm of t.
    """
    if tail > 0.5:  # noqa: PLR2004  the other half is its mirror
        return -student_quantile(1.0 - tail, freedom)
    if tail >= _CENTRAL:
        t = 0.0
        for _ in range(_STEPS):
            step = (student_tail(t, freedom) - tail) / _student_density(t, freedom)
            t += step
            if abs(step) <= _PRECISION * t:
                break
        return t
    t = -normal_quantile(tail)
    for _ in range(_STEPS):
        above = student_tail(t, freedom)
        step = math.log(above / tail) * above / (t * _student_density(t, freedom))
        t *= math.exp(step)
        if abs(step) <= _PRECISION:
            break
    return t


def chi_squared_tail(x: float, freedom: int) -> float:
    """Compute the probability that chi-squared with so many degrees of freedom lies above `x`, by its finite sum."""
    half = x / 2
    if half <= 0:
        return 1.0
    powers = (number / 2 for number in range(freedom % 2, freedom - 1, 2))
    terms = (math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in powers)
    return min(1.0, math.fsum(terms) + (math.erfc(math.sqrt(half)) if freedom % 2 else 0.0))


def _student_density(t: float, freedom: float) -> float:
    half = freedom / 2
    return _student_front(half) / math.sqrt(freedom) * math.exp(-(half + 0.5) * math.log1p(t * t / freedom))


@functools.lru_cache(maxsize=1024)
def _student_front(half: float) -> float:
    """Compute 1 / B(half, 1/2), which is the ratio of the gamma function at half + 1/2 and at half, over √π."""
    if half <= _LARGE:
        return math.gamma(half + 0.5) / math.gamma(half) / math.sqrt(math.pi)
    series = 1 - (1 / 8 - (1 / 128 + (5 / 1024 - (21 / 32768 + 399 / 262144 / half) / half) / half) / half) / half
    return math.sqrt(half / math.pi) * series


def _beta_fraction(x: float, y: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function at `x`, `y` being 1 - x without rounding.

    The form of DiDonato and Morris (1992), which subtracts nothing that is nearly equal, by the method of Lentz.
    """
    value = ratio = a * (a * y - b * x + 1) / (a + 1)
    inverse = 0.0
    for m in range(1, _SHARES):
        share = (a + m - 1) * (a + b + m - 1) * m * (b - m) * (x / (a + 2 * m - 1)) ** 2
        whole = m + m * (b - m) * x / (a + 2 * m - 1) + (a + m) * (a * y - b * x + 1 + m * (2 - x)) / (a + 2 * m + 1)
        inverse = 1 / _nonzero(whole + share * inverse)
        ratio = _nonzero(whole + share / ratio)
        value *= ratio * inverse
        if abs(ratio * inverse - 1) <= _PRECISION:
            break
    return 1 / value


def _nonzero(number: float) -> float:
    return number if abs(number) > _SMALLEST else _SMALLEST
