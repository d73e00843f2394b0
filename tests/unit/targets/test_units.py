"""Quantities: what is written, in base units."""

from __future__ import annotations

import pytest

from hivegate.model.metric import Dimension
from hivegate.targets.units import GRAMMARS, SHARE, Grammar, QuantityError, parse_quantity

TIME, MEMORY, RATE = GRAMMARS[Dimension.SECONDS], GRAMMARS[Dimension.BYTES], GRAMMARS[Dimension.RATE]
RATIO, COUNT, NUMBER = GRAMMARS[Dimension.RATIO], GRAMMARS[Dimension.COUNT], GRAMMARS[Dimension.NUMBER]


@pytest.mark.parametrize(
    ("text", "grammar", "value"),
    [
        ("100 ms", TIME, 0.1),
        ("3ms", TIME, 0.003),
        ("1.5\u00a0us", TIME, 1.5e-6),
        ("20 ns", TIME, 2e-8),
        ("7 µs", TIME, 7e-6),
        ("7 \u03bcs", TIME, 7e-6),
        (".5 s", TIME, 0.5),
        ("5. s", TIME, 5.0),
        ("1e3 ms", TIME, 1.0),
        ("1_000 ms", TIME, 1.0),
        ("2 min", TIME, 120.0),
        ("10 MB", MEMORY, 10e6),
        ("1 kB", MEMORY, 1e3),
        ("1 KB", MEMORY, 1e3),
        ("4 KiB", MEMORY, 4096.0),
        ("2 GiB", MEMORY, 2.0**31),
        ("100 op/s", RATE, 100.0),
        ("3 Mop/s", RATE, 3e6),
        ("6 op/min", RATE, 0.1),
        ("57 %", RATIO, 0.57),
        ("0.9", RATIO, 0.9),
        ("29%", SHARE, 0.29),
        ("65", COUNT, 65.0),
        ("-1.5", NUMBER, -1.5),
        ("1.0e-05", NUMBER, 1e-5),
    ],
)
def test_a_quantity_is_read_in_base_units_correctly_rounded(text: str, grammar: Grammar, value: float) -> None:
    """The value is the nearest double of what was written, so 57 % equals 0.57."""
    assert parse_quantity(text, grammar) == value


@pytest.mark.parametrize(
    ("text", "grammar", "hint"),
    [
        ("5", TIME, "a unit is required; did you mean 5 ms?"),
        ("10", MEMORY, "a unit is required; did you mean 10 MB?"),
        ("100", RATE, "a unit is required; did you mean 100 op/s?"),
        ("0.02", SHARE, "a unit is required; did you mean 2 %?"),
        ("2", SHARE, "a unit is required; did you mean 2 %?"),
        ("5 MS", TIME, "did you mean 5 ms?"),
        ("5 msec", TIME, "did you mean 5 ms?"),
        ("5 Seconds", TIME, "did you mean 5 s?"),
        ("10 mb", MEMORY, "did you mean 10 MB?"),
        ("10 megabytes", MEMORY, "did you mean 10 MB?"),
        ("100 Hz", RATE, "did you mean 100 op/s?"),
        ("2 percent", SHARE, "did you mean 2 %?"),
        ("10 MB", TIME, "MB is a unit of memory; a time is needed here"),
        ("10 ms", RATIO, "ms is a unit of time; a ratio is needed here"),
        ("10 %", TIME, "% is a unit of ratio; a time is needed here"),
        ("10 parsecs", TIME, "unknown unit 'parsecs'; for example 10 ms"),
        ("10 apples", COUNT, "unknown unit 'apples'; did you mean 10?"),
        ("1,5 ms", TIME, "use a decimal point, not a comma: 1.5 ms"),
        ("fast", TIME, "write a number and its unit: 10 ms"),
        ("many", COUNT, "write a number: 10"),
        ("+5 ms", TIME, "write a number and its unit: 10 ms"),
        ("-5 ms", TIME, "this quantity is never below 0: delete the minus sign"),
        ("-0 ms", TIME, "this quantity is never below 0: delete the minus sign"),
        ("1e31 s", TIME, "use a number between 1e-30 and 1e+30"),
        ("1e999", NUMBER, "use a number between 1e-30 and 1e+30"),
        ("1e-999 s", TIME, "use a number between 1e-30 and 1e+30"),
        ("1e-31 s", TIME, "use a number between 1e-30 and 1e+30"),
        ("9" * 41, COUNT, "use at most 40 characters"),
        ("1e9999 s", TIME, "unknown unit '9 s'; for example 1e999 ms"),
        ("1__0 ms", TIME, "unknown unit '__0 ms'; for example 1 ms"),
        ("\u0663 ms", TIME, "write a number and its unit: 10 ms"),
        ("nan", NUMBER, "write a number: 10"),
        ("inf s", TIME, "write a number and its unit: 10 ms"),
        ("10 ms ", TIME, "unknown unit 'ms '; for example 10 ms"),
        ("10\nms", TIME, "unknown unit '\\nms'; for example 10 ms"),
    ],
)
def test_a_quantity_that_cannot_be_read_is_refused_with_the_likely_meaning(
    text: str, grammar: Grammar, hint: str
) -> None:
    """Never a guess: what is allowed is said, and what was likely meant."""
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, grammar)
    assert caught.value.hint == hint
    assert caught.value.allowed == grammar.allowed()


@pytest.mark.parametrize(
    ("grammar", "allowed"),
    [
        (TIME, "a time in ns, us, ms, s, min, µs"),
        (MEMORY, "an amount of memory in B, kB, KB, MB, GB, KiB, MiB, GiB"),
        (RATE, "a rate in op/s, ops/s, /s, kop/s, Mop/s, op/min"),
        (RATIO, "a ratio in %, or without a unit"),
        (SHARE, "a share in %"),
        (COUNT, "a count without a unit"),
    ],
)
def test_what_is_allowed_names_the_units(grammar: Grammar, allowed: str) -> None:
    """The list of units is that of the grammar, each once for a reader's eye."""
    assert grammar.allowed() == allowed
