"""Suites written for pytest-codspeed, measured by pytest-benchmark.

Where pytest-codspeed is installed it is switched off, for it would put a ``benchmark`` fixture of its own in the place
of pytest-benchmark's. What else it gives to suites stands here: a fixture by another name, and markers by which a test
that asks for no fixture is measured as a whole.
"""

from __future__ import annotations

from typing import Any

import pytest

_MARKERS = ("benchmark", "codspeed_benchmark")
_UNKNOWN = "max_rounds"  # its markers may say it, and pytest-benchmark refuses what it does not know


class CodspeedSuites:
    """Give suites what pytest-codspeed would: registered after it, so that this fixture wins."""

    def __init__(self) -> None:
        self._whole: set[str] = set()

    @pytest.fixture
    def codspeed_benchmark(self, benchmark: Any) -> Any:  # noqa: ANN401  pytest-benchmark is untyped
        """Be pytest-benchmark's fixture by pytest-codspeed's name."""
        return benchmark

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Make benchmarks of the tests that are marked and ask for no fixture."""
        for item in items:
            for marker in item.iter_markers("benchmark"):
                marker.kwargs.pop(_UNKNOWN, None)
            if isinstance(item, pytest.Function) and is_marked_alone(item):
                self._whole.add(item.nodeid)
                item.fixturenames = [*item.fixturenames, "benchmark"]  # a list of its own: its siblings share theirs

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: Any) -> bool | None:  # noqa: ANN401  hooks are typed by name
        """Give the whole test to the fixture that it does not ask for."""
        if pyfuncitem.nodeid not in self._whole:
            return None
        known = pyfuncitem.funcargs
        known["benchmark"](pyfuncitem.obj, **{name: known[name] for name in pyfuncitem._fixtureinfo.argnames})
        return True


def is_marked_alone(item: Any) -> bool:  # noqa: ANN401  any pytest item
    """Tell whether pytest-codspeed alone makes a benchmark of a test: by a marker, or by a fixture of its own."""
    asked = getattr(item, "fixturenames", ())
    marked = any(item.get_closest_marker(name) is not None for name in _MARKERS)
    return "benchmark" not in asked and (marked or "codspeed_benchmark" in asked)
