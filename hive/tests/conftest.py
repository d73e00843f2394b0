"""How the properties are tried, and how work is counted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# How long one example takes, or is made, says how crowded the machine is.
settings.register_profile("crowded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("crowded")


@pytest.fixture
def steps_of() -> Callable[[Callable[[], object]], int]:
    """Return what counts the lines of Python and the calls of C functions of a call: the same on every machine."""
    return _steps_of


def _steps_of(call: Callable[[], object]) -> int:
    steps = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Callable[..., object]:
        nonlocal steps
        steps += event in ("line", "c_call")
        return count

    profiled, traced = sys.getprofile(), sys.gettrace()
    sys.setprofile(count)
    sys.settrace(count)  # type: ignore[arg-type]  # what a frame is traced by may be any callable
    try:
        call()
    finally:
        sys.settrace(traced)
        sys.setprofile(profiled)
    return steps
