"""Why a profile was not made, from the record of the loop and the end of the process."""

import pytest

from hivegate.errors import ProfilerError
from hivegate.model.protocol import (
    BenchmarkEnd,
    BenchmarkStart,
    CollectionFailure,
    Event,
    ProfileFailure,
    SessionEnd,
    StartFailure,
)
from hivegate.model.run import TestOutcome
from hivegate.profile.loop import BenchmarkError, why_not
from hivegate.system.process import Finished

_NODE = "benches/bench_a.py::bench_a"
_START = BenchmarkStart(node_id=_NODE)


def end(outcome: TestOutcome, detail: str = "") -> BenchmarkEnd:
    """Make the end of the benchmark."""
    return BenchmarkEnd(node_id=_NODE, outcome=outcome, detail=detail)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([StartFailure(why="pytest-benchmark not installed for python", hint="install it")], "not installed"),
        (
            [CollectionFailure(node_id=_NODE, detail="Traceback\nImportError: no module"), SessionEnd(exit_status=2)],
            "ImportError: no module",
        ),
        ([SessionEnd(exit_status=5)], "does not find it"),
        ([_START, end(TestOutcome.MEASURED)], "without calling its benchmark"),
        ([_START, end(TestOutcome.SKIPPED, "no GPU")], "skipped: no GPU"),
        (
            [_START, ProfileFailure(node_id=_NODE, calls=7), end(TestOutcome.FAILED, "boom")],
            "failed after 7 calls: boom",
        ),
    ],
)
def test_a_benchmark_that_did_not_run_is_to_blame(events: list[Event], reason: str) -> None:
    """The record shows how it ended; no other profiler needs to be asked."""
    fault = why_not(events, Finished(returncode=0, output=""), 60)
    assert isinstance(fault, BenchmarkError)
    assert reason in str(fault)


@pytest.mark.parametrize(
    ("events", "finished", "reason"),
    [
        ([], Finished(returncode=1, output="Error: EPERM\n"), "Error: EPERM"),
        ([_START], Finished(returncode=-9, output=""), "SIGKILL"),
        ([_START], Finished(returncode=-2, output="", timed_out=True), "stopped after 60 s"),
    ],
)
def test_a_loop_that_was_cut_is_the_profilers_fault(events: list[Event], finished: Finished, reason: str) -> None:
    """Another profiler may do better."""
    fault = why_not(events, finished, 60)
    assert isinstance(fault, ProfilerError)
    assert not isinstance(fault, BenchmarkError)
    assert reason in str(fault)
