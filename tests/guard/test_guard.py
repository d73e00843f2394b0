"""The guard of a refactoring: recorded measurements have the outcomes, numbers and exit statuses that they had."""

from __future__ import annotations

import pytest
from tests.guard import files
from tests.guard.judged import check, judged, result_files

RECORDINGS = [(kind, name) for kind in files.KINDS for name in files.names(kind)]


@pytest.mark.parametrize(("kind", "name"), RECORDINGS)
def test_a_recording_is_judged_as_it_was(kind: str, name: str) -> None:
    """Pairs through the looks and their confirmation, passes through the targets, and histories give the same."""
    expected = files.load(files.expectation(kind))[name]
    assert list(files.differences(expected, judged(kind, name))) == []


@pytest.mark.parametrize("name", result_files())
def test_a_result_file_is_judged_as_it_was(name: str) -> None:
    """`hivegate check` ends with the same status, and with the same result where it judges."""
    expected = files.load(files.expectation("cases"))[name]
    assert list(files.differences(expected, check(name))) == []


@pytest.mark.parametrize("kind", files.KINDS)
def test_nothing_is_expected_of_what_is_not_there(kind: str) -> None:
    """Every expectation has its recording, so that none is lost unseen."""
    assert sorted(files.load(files.expectation(kind))) == files.names(kind)


def test_the_recordings_are_as_many_and_as_various_as_promised() -> None:
    """At least forty comparisons of twenty measured pairs of revisions, and fifteen runs, with every outcome."""
    compared, runs = (files.load(files.expectation(kind)) for kind in ("comparisons", "runs"))
    results = [one for ways in compared.values() for one in ways.values()]
    assert len(compared) >= 20
    assert len(results) >= 40
    assert len(runs) >= 15
    outcomes = {verdict["outcome"] for one in results for verdict in one["verdicts"]}
    assert outcomes == {"passed", "slower", "faster", "not judged", "crashed", "missing", "new", "waived", "invalid"}
    judged_runs = [one for ways in runs.values() for stages in ways.values() for one in stages]
    metrics = {verdict["metric"] for one in judged_runs for verdict in one["verdicts"]}
    assert metrics >= {
        "mean", "median", "p50", "p90", "p95", "p99", "min", "max", "cv", "throughput", "cpu_time", "peak_memory",
        "allocations", "instructions", "growth", "creep", "requests",
    }  # fmt: skip
