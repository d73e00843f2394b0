"""The proof of detection end to end: one tiny trial with the real commands, kept, resumed and rendered."""

from __future__ import annotations

import itertools
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detection import evidence
from detection.environments import Environments
from detection.plan import Share, draw
from detection.report import render
from detection.trials import Order, run_trials
from detection.workloads import WORKLOADS

if TYPE_CHECKING:
    from detection.evidence import Judged, Said

pytestmark = pytest.mark.timed

NAMES = [one.name for one in WORKLOADS]
# The first trial that makes the ranking slower by a tenth: few pairs decide.
TRIAL = next(number for number in itertools.count() if draw(number, NAMES)["order"] == Share(1, 10))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the evidence of this module."""
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def asked(folder: Path) -> list[Judged]:
    """Ask hivegate and pytest-benchmark about one benchmark of one trial."""
    return list(run_trials(_order(end=math.inf), _here(folder), folder))


def _order(*, end: float) -> Order:
    return Order(
        suites=("made",),
        every={"hivegate": 1, "pytest-benchmark": 1},
        trials=range(TRIAL, TRIAL + 1),
        end=end,
        only=frozenset({"order"}),
    )


def _here(folder: Path) -> Environments:
    """All tools run in the environment of the tests."""
    return Environments(Path(sys.executable), Path(sys.executable), folder)


def _only(asked: list[Judged], tool: str) -> Said:
    return next(one for one in asked if one.tool == tool).said[0]


def test_hivegate_finds_what_was_put_in(asked: list[Judged]) -> None:
    """A tenth more work is called slower, and the answer stands beside the truth."""
    said = _only(asked, "hivegate")
    assert (said.benchmark, said.kind, said.dose, said.budget) == ("order", "C extension", 10, 1)
    assert said.verdicts == {"hivegate compare": "slower"}
    assert said.ratio is not None
    assert abs(said.ratio - 1.1) < 0.05


def test_a_peer_is_understood(asked: list[Judged]) -> None:
    """pytest-benchmark's answer by its mean is the one that its own ratio gives."""
    said = _only(asked, "pytest-benchmark")
    assert said.ratio is not None
    assert set(said.verdicts) == {"mean:5%", "min:5%"}
    assert (said.verdicts["mean:5%"] == "slower") == (said.ratio > 1.05)


def test_what_is_known_is_not_asked_again(asked: list[Judged], folder: Path) -> None:
    """Every answer was kept at once, and a run that goes on asks nothing twice."""
    assert sorted(evidence.read(folder), key=lambda one: one.when) == sorted(asked, key=lambda one: one.when)
    assert list(run_trials(_order(end=math.inf), _here(folder), folder)) == []


def test_no_trial_is_begun_when_time_is_over(tmp_path: Path) -> None:
    """After the end nobody is asked."""
    assert list(run_trials(_order(end=time.monotonic() - 1), _here(tmp_path), tmp_path)) == []


def test_the_table_counts_it(asked: list[Judged]) -> None:
    """The page shows the one verdict of each tool."""
    page = render(asked)
    assert "| budget 1 %, 10 % | 100.0 % (20.7 to 100.0; 1 of 1)" in page
    assert "| pytest-benchmark mean:5% |" in page
