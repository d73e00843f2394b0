"""The public surface is what it says, and costs nothing until it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
import typing
from pathlib import Path

import msgspec
import pytest

import hivegate

FLOWS = [
    "aa_test",
    "add_runs",
    "advice_text",
    "bench",
    "check",
    "compare",
    "explain",
    "find_project",
    "find_trends",
    "list_benchmarks",
    "load_result",
    "load_targets",
    "measure_comparison",
    "merge",
    "profile_benchmarks",
    "read",
    "reason_text",
    "reference",
    "render_report",
    "run",
]


def hints_of(found: object) -> dict[str, object]:
    """Read the types of a function's parameters or a struct's fields; what is imported for checkers alone is known."""
    assert isinstance(found, type | types.FunctionType)
    known = {name: getattr(hivegate, name) for name in hivegate.__all__ if not name.startswith("_")}
    return typing.get_type_hints(found, localns={**known, "Path": Path})


def collect(hint: object, needed: set[type]) -> None:
    """Collect the classes of hivegate that a type is made of, and those of their fields."""
    if isinstance(hint, type) and hint.__module__.startswith("hivegate"):
        if hint in needed:
            return
        needed.add(hint)
        for field in hints_of(hint).values() if issubclass(hint, msgspec.Struct) else ():
            collect(field, needed)
    for argument in typing.get_args(hint):
        for one in argument if isinstance(argument, list) else (argument,):
            collect(one, needed)


def test_every_public_name_is_there() -> None:
    """Each name of ``__all__`` loads, under its own name, and ``dir`` lists the same names."""
    for name in hivegate.__all__:
        found = getattr(hivegate, name)
        assert isinstance(found, str) or name in {"Event", "ProgressCallback"} or found.__name__ == name
    assert dir(hivegate) == sorted(hivegate.__all__)


def test_the_flows_are_public() -> None:
    """A function that comes or goes is a change that users must read of."""
    assert [name for name in hivegate.__all__ if inspect.isfunction(getattr(hivegate, name))] == FLOWS


def test_what_a_public_name_needs_is_public() -> None:
    """Whoever calls a flow can write down each type that it takes, returns, or holds in a field."""
    public = {getattr(hivegate, name) for name in hivegate.__all__}
    needed: set[type] = set()
    for flow in FLOWS:
        for hint in hints_of(getattr(hivegate, flow)).values():
            collect(hint, needed)
    assert {one for one in needed if one not in public} == set()


def test_what_is_public_is_needed() -> None:
    """A public type is taken, returned or raised by a flow; the others are private."""
    needed: set[type] = {hivegate.HivegateError, *hivegate.HivegateError.__subclasses__()}
    for flow in FLOWS:
        for hint in hints_of(getattr(hivegate, flow)).values():
            collect(hint, needed)
    types = {getattr(hivegate, name) for name in hivegate.__all__ if isinstance(getattr(hivegate, name), type)}
    assert types - needed == set()


def test_another_name_is_an_attribute_error() -> None:
    """A name that is not public says so as any module does."""
    with pytest.raises(AttributeError, match="no attribute 'judgement'"):
        _ = hivegate.judgement


def test_importing_the_package_loads_nothing_else() -> None:
    """Importing hivegate loads no other module of it, nor any dependency."""
    code = "import sys, typing; before = set(sys.modules); import hivegate; print(*set(sys.modules) - before)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["hivegate"]
