"""Quantities as people write them: ``100 ms``, ``10 MB``, ``2 %``, ``100 op/s``."""

from __future__ import annotations

import re
from fractions import Fraction

import msgspec

from hivegate.model.metric import Dimension
from hivegate.targets.wording import shown

# One spelling for the parser and the JSON Schema; ASCII digits, so that both read the same.
NUMBER = r"(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
SPACE = "[ \u00a0\u202f]*"
SMALLEST, LARGEST = 1e-30, 1e30  # what lies outside is a typing error
LONGEST_QUANTITY = 40  # characters; a number of a million digits is not a limit
_QUANTITY = re.compile(rf"(?P<number>-?{NUMBER}){SPACE}(?P<unit>.*)", re.DOTALL)


_GREEK_MICRO = "\u03bcs"


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """How a quantity is written: the factor of each unit to the base unit, ``""`` where it needs none."""

    what: str
    units: dict[str, Fraction]
    example: str
    signed: bool = False

    def allowed(self) -> str:
        """Return what may be written."""
        units = [unit for unit in self.units if unit and unit != _GREEK_MICRO]
        if not units:
            return f"{self.what} without a unit"
        bare = ", or without a unit" if "" in self.units else ""
        return f"{self.what} in {', '.join(units)}{bare}"


def _factors(**factors: str) -> dict[str, Fraction]:
    return {unit: Fraction(factor) for unit, factor in factors.items()}


_MICRO = {"µs": Fraction("1e-6"), _GREEK_MICRO: Fraction("1e-6")}  # keyboards have the one or the other
_BARE = {"": Fraction(1)}
_PERCENT = {"%": Fraction(1, 100)}
GRAMMARS: dict[Dimension, Grammar] = {
    Dimension.SECONDS: Grammar(
        what="a time",
        units={**_factors(ns="1e-9", us="1e-6", ms="1e-3", s="1", min="60"), **_MICRO},
        example="ms",
    ),
    Dimension.BYTES: Grammar(
        what="an amount of memory",
        units=_factors(B="1", kB="1e3", KB="1e3", MB="1e6", GB="1e9", KiB=str(2**10), MiB=str(2**20), GiB=str(2**30)),
        example="MB",
    ),
    Dimension.RATE: Grammar(
        what="a rate",
        units={
            unit: Fraction(factor)
            for unit, factor in {
                "op/s": "1",
                "ops/s": "1",
                "/s": "1",
                "kop/s": "1e3",
                "Mop/s": "1e6",
                "op/min": "1/60",
            }.items()
        },
        example="op/s",
    ),
    Dimension.RATIO: Grammar(what="a ratio", units={**_PERCENT, **_BARE}, example="%"),
    Dimension.COUNT: Grammar(what="a count", units=_BARE, example=""),
    Dimension.NUMBER: Grammar(what="a number", units=_BARE, example="", signed=True),
}
# A part of a whole, where a bare 2 could mean 2 % or the double: only % is allowed.
SHARE = Grammar(what="a share", units=_PERCENT, example="%")

# Of options and settings, which are longer than any call: `m` is minutes there, too.
DURATION = Grammar(what="a duration", units=_factors(ms="1e-3", s="1", m="60", min="60", h="3600"), example="s")

_SPELLED_OUT = {
    "ns": ("nsec", "nanos", "nanosecond", "nanoseconds"),
    "us": ("usec", "micros", "microsecond", "microseconds"),
    "ms": ("msec", "msecs", "millis", "millisecond", "milliseconds"),
    "s": ("sec", "secs", "second", "seconds"),
    "min": ("m", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
    "B": ("byte", "bytes"),
    "MB": ("m", "meg", "mbyte", "megabyte", "megabytes"),
    "GB": ("g", "gbyte", "gigabyte", "gigabytes"),
    "op/s": ("hz", "rps", "qps", "ops", "op", "ops/sec", "per second", "operations/s"),
    "%": ("percent", "pct", "per cent"),
}


class QuantityError(ValueError):
    """A quantity that cannot be read: what is allowed, and what was likely meant."""

    def __init__(self, allowed: str, hint: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.hint = hint


def parse_quantity(text: str, grammar: Grammar) -> float:
    """Read a quantity in base units, correctly rounded; raises `QuantityError`."""
    found = _QUANTITY.fullmatch(text) if len(text) <= LONGEST_QUANTITY else None
    if found is None:
        raise QuantityError(grammar.allowed(), _no_number(text, grammar))
    factor = grammar.units.get(found["unit"])
    if factor is None:
        raise QuantityError(grammar.allowed(), _other_unit(found["number"], found["unit"], grammar))
    digits = found["number"].replace("_", "")
    number = Fraction(digits)
    if number and not SMALLEST <= abs(float(digits)) <= LARGEST:
        raise QuantityError(grammar.allowed(), f"use a number between {SMALLEST:g} and {LARGEST:g}")
    if found["number"].startswith("-") and not grammar.signed:
        raise QuantityError(grammar.allowed(), "this quantity is never below 0: delete the minus sign")
    return float(number * factor)


def _no_number(text: str, grammar: Grammar) -> str:
    if len(text) > LONGEST_QUANTITY:
        return f"use at most {LONGEST_QUANTITY} characters"
    return f"write a number{' and its unit' if grammar.example else ''}: {f'10 {grammar.example}'.rstrip()}"


def _other_unit(number: str, unit: str, grammar: Grammar) -> str:
    if unit.startswith(","):
        return f"use a decimal point, not a comma: {number}.{unit[1:]}"
    if not unit:
        likely = number
        if grammar is SHARE and abs(Fraction(number.replace("_", ""))) < 1:
            likely = f"{float(number.replace('_', '')) * 100:g}"
        return f"a unit is required; did you mean {likely} {grammar.example}?"
    for one in grammar.units:
        if one and (one.lower() == unit.lower() or unit.lower() in _SPELLED_OUT.get(one, ())):
            return f"did you mean {number} {one}?"
    for other in GRAMMARS.values():
        if unit in other.units:
            return f"{unit} is a unit of {other.what.split()[-1]}; {grammar.what} is needed here"
    bare = f"did you mean {number}?" if "" in grammar.units else f"for example {number} {grammar.example}"
    return f"unknown unit {shown(unit)}; {bare}"
