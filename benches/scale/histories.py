"""Histories of one benchmark on one machine in which the code never changes: log levels, a row a benchmark.

A run differs from the next by three percent: what the medians of jobs on shared machines were seen to do. Trends know
no scale, but for steps of less than a hundredth, which they do not tell of.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from scale.noise import Logs

_SPREAD = 0.03
_MEMORY = 0.5
_APART = 0.05  # of two hosts of one kind
_STAYS = 0.9  # of the same host again


def _normal(chance: np.random.Generator, series: int, runs: int) -> Logs:
    return _SPREAD * chance.normal(size=(series, runs))


def _heavy(chance: np.random.Generator, series: int, runs: int) -> Logs:
    logs: Logs = _SPREAD / math.sqrt(3.0) * chance.standard_t(3, size=(series, runs))
    return logs


def _drifting(chance: np.random.Generator, series: int, runs: int) -> Logs:
    """Let the machine get slower or faster by one standard deviation a hundred runs."""
    way: Logs = np.arange(runs) / 100 * chance.choice((-1.0, 1.0), size=(series, 1))
    return _normal(chance, series, runs) + _SPREAD * way


def _autocorrelated(chance: np.random.Generator, series: int, runs: int) -> Logs:
    logs = chance.normal(size=(series, runs))
    for run in range(1, runs):
        logs[:, run] = _MEMORY * logs[:, run - 1] + math.sqrt(1 - _MEMORY**2) * logs[:, run]
    spread: Logs = _SPREAD * logs
    return spread


def _two_hosts(chance: np.random.Generator, series: int, runs: int) -> Logs:
    """Draw each run's host anew: two hosts of one kind that differ by five percent."""
    return _normal(chance, series, runs) + _APART * (chance.random((series, runs)) < 0.5)


def _two_hosts_in_turn(chance: np.random.Generator, series: int, runs: int) -> Logs:
    """Keep to a host for ten runs at a time: levels that are real, and not the code's."""
    moves = chance.random((series, runs)) > _STAYS
    return _normal(chance, series, runs) + _APART * (np.cumsum(moves, axis=1) % 2)


HISTORIES: dict[str, Callable[[np.random.Generator, int, int], Logs]] = {
    "normal": _normal,
    "heavy-tailed": _heavy,
    "drifting": _drifting,
    "autocorrelated": _autocorrelated,
    "two hosts by chance": _two_hosts,
    "two hosts by turns": _two_hosts_in_turn,
}
