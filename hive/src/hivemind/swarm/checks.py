"""Check arguments once, where a value is built; types are not trusted, callers need not run a type checker."""

from __future__ import annotations

import math

from hivemind.primitives import fault_of
from hivemind.swarm.errors import PipelineError


def check_count(value: object, *, where: str) -> None:
    """Raise PipelineError unless `value` is a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise PipelineError(f"{where} is {value!a}; give a whole number from 1")


def check_number(value: object, *, least: float, where: str) -> None:
    """Raise PipelineError unless `value` is a finite number from `least`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise PipelineError(f"{where} is {value!a}; give a finite number from {least:g}")


def check_seconds(value: object, *, where: str) -> None:
    """Raise PipelineError unless `value` is a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise PipelineError(f"{where} is {value!a}; give a number of seconds above 0")


def check_name(value: object) -> None:
    """Raise PipelineError unless `value` can name a stage."""
    if not isinstance(value, str) or not value.strip():
        raise PipelineError(f"a stage is named {value!a}; give it a printable name that is not blank")
    if fault := fault_of(value):
        raise PipelineError(f"a stage is named {value!a}, which {fault}: give it a printable name")


def check_kind(value: object, kind: type | tuple[type, ...], *, where: str, allowed: str) -> None:
    """Raise PipelineError unless `value` is a `kind`."""
    if not isinstance(value, kind):
        raise PipelineError(f"{where} is {value!a}; give {allowed}")
