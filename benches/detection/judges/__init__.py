"""The tools that are compared, a file each: each is called as its documentation tells its users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detection.judges import asv, hivegate, pyperf, pytest_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable

    from detection.judges.opinion import Case, Opinion

JUDGES: dict[str, Callable[[Case], dict[str, Opinion]]] = {
    "hivegate": hivegate.judge,
    "pytest-benchmark": pytest_benchmark.judge,
    "asv": asv.judge,
    "pyperf": pyperf.judge,
}
