"""The contract of the fixture (docs/reference/worker.md): all six loops make the same of each way to use it."""

from __future__ import annotations

import functools
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from tests.contracts import LOOPS, Reading, names, read

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMED = {"rounds", "single calls", "pairs"}
_MADE = "only its making would be timed"
_MEASURED = (
    *("plain", "extra_info", "after", "ran", "generator", "stopped", "device", "process_time", "limited"),
    *("limited_iterations", "two_calls", "once", "torn_down", "set_up", "renamed", "woven", "marked", "measured"),
    *("mapped", "zipped", "asked_later", "submitted", "cloned", "cloned#2", "prints", "last"),
    *("held_state", "deep_coroutine", "coroutine_function", "service", "set_up_awaited"),
    *("awaits", "awaits_limited", "awaits_two"),
)
# What cannot be measured: the outcome, and a part of the reason.
_REFUSED = {
    **dict.fromkeys(
        (
            *("lambda", "method", "pedantic_coroutine", "set_up_coroutine", "once_coroutine"),
            *("async_generator", "awaitable", "future", "several_coroutines", "named_coroutines", "held_coroutine"),
        ),
        ("failed", _MADE),
    ),
    "awaits_not": ("not measured", "its test does not await what benchmark(hop) returns"),
    "awaits_raising": ("failed", "ZeroDivisionError"),
    "stopped_timer": ("invalid", "is no clock while the test replaces the functions of time"),
    "catches": ("not measured", "caught what its benchmark raised"),
    "set_up_twice": ("failed", "Can't use `args` or `kwargs` if `setup` returns the arguments"),
    "no_rounds": ("failed", "Must have positive int for `rounds`"),
    "disabled": ("not measured", "its test disables the fixture"),
    "twice": ("failed", "Fixture can only be used once"),
    "raises": ("failed", "ZeroDivisionError"),
    "raises_later": ("failed", ""),
    "asserts": ("failed", "assert 19900 == -1"),
    "undecodable": ("failed", r"ValueError: caf\udce9"),
    "skips": ("skipped", r"caf\udce9"),
    "expected": ("skipped", "xfail: ZeroDivisionError"),
    "forgets": ("not measured", "the test passed without calling its benchmark fixture"),
    "other": ("no benchmark", ""),
    "unstable": ("failed", "assert 1 > 1"),
    "retried": ("failed", "a plugin of the suite ran the test 2 times"),
    "leaves": ("failed", "SystemExit: 3"),
    "renames": ("invalid", "its id changes from process to process"),
}
_ENDED = {"exits": "Exit: enough", "interrupts": "KeyboardInterrupt: stop"}
# A clock that shows nothing matters only where time is measured.
_STILL = ("still", "unmoved", "backwards")
# valgrind makes everything 50 times as long: there, one of each kind.
_COUNTED = (
    "plain",
    "lambda",
    "generator",
    "stopped",
    "still",
    "limited",
    "once",
    "cloned",
    "cloned#2",
    "other",
    "unstable",
    "last",
)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Reading]:
    """Give what a loop makes of a benchmark; each loop runs once, on all of them."""

    @functools.cache
    def readings(loop: str) -> dict[str, Reading]:
        only = _COUNTED if loop == "instructions" else ()
        return read(loop, tmp_path_factory.mktemp("contract"), sys.executable, only)

    return lambda loop, name: readings(loop)[name]


def _cases() -> list[object]:
    loops = [
        pytest.param(
            loop,
            marks=[pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")]
            if loop == "instructions"
            else [],
        )
        for loop in LOOPS
    ]
    return [
        pytest.param(loop.values[0], name, marks=loop.marks, id=f"{loop.values[0]}-{name}")
        for loop in loops
        for name in (_COUNTED if loop.values[0] == "instructions" else names())
    ]


@pytest.mark.parametrize(("loop", "name"), _cases())
def test_every_loop_keeps_the_contract(loop: str, name: str, reading: Callable[[str, str], Reading]) -> None:
    """Measured, or refused with the same outcome and reason; and what one test does costs no other its reading."""
    found = reading(loop, name)
    if name in _ENDED:
        assert found.outcome != "measured"
        assert _ENDED[name] in found.detail
    elif name in _STILL:
        assert found.outcome == ("invalid" if loop in _TIMED else "measured"), found
        assert ("stood still or went back" in found.detail) == (loop in _TIMED)
    elif name in _REFUSED:
        outcome, detail = _REFUSED[name]
        assert found.outcome == outcome, found
        assert detail in found.detail
    else:
        assert found.outcome == "measured", found


def test_every_test_of_the_suite_has_an_expectation() -> None:
    """Nothing is measured by the way."""
    assert {*_MEASURED, *_REFUSED, *_ENDED, *_STILL} == set(names())


@pytest.mark.parametrize("loop", ["rounds", "single calls", "pairs"])
def test_the_suites_own_timer_counts(loop: str, reading: Callable[[str, str], Reading]) -> None:
    """A device's clock says half a second for each call, whatever passes here."""
    assert reading(loop, "device").seconds == pytest.approx(0.5)


def test_pedantic_is_called_as_often_as_its_author_said(reading: Callable[[str, str], Reading]) -> None:
    """Its queue would raise on one call more: those that warm up are not timed, all others are."""
    assert reading("pairs", "limited").calls == 30
    assert reading("pairs", "once").calls == 1
    assert 0 < (reading("pairs", "awaits_limited").calls or 0) <= 30
    assert 0 < (reading("pairs", "cloned#2").calls or 0) <= 30
    assert 0 < (reading("pairs", "limited_iterations").calls or 0) < 40


@pytest.mark.parametrize("loop", ["rounds", "memory", "profile"])
def test_what_is_worth_knowing_is_a_note(loop: str, reading: Callable[[str, str], Reading]) -> None:
    """A generator may be what is meant, so it is measured; what a benchmark declares comes along, and later too."""
    (note,) = reading(loop, "generator").notes
    assert "rows returns a generator, and only its making is timed" in note
    assert "returns a map, and only its making is timed" in reading(loop, "mapped").notes[0]
    assert "returns a zip, and only its making is timed" in reading(loop, "zipped").notes[0]
    assert "returns a Future whose work is not done" in reading(loop, "submitted").notes[0]
    assert reading(loop, "extra_info").declared == {"size": "64x64", "operations": 20}
    assert reading(loop, "after").declared == {"operations": 10}
    assert (reading(loop, "cloned").declared, reading(loop, "cloned#2").declared) == ({}, {"operations": 7})
    assert reading(loop, "plain").notes == ()
