"""Why a profile was not made, from the record of the loop and the end of the process."""

import pytest

from hivegate.errors import ProfilerError
from hivegate.profile.loop import BenchmarkError, why_not
from hivegate.system.process import Finished

Events = dict[str, dict[str, object]]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ({"unable": {"why": "pytest-benchmark not installed for python"}}, "not installed"),
        ({"uncollected": {"detail": "Traceback\nImportError: no module"}, "ended": {}}, "ImportError: no module"),
        ({"ended": {"exit_status": 5}}, "does not find it"),
        ({"started": {}, "finished": {"outcome": "measured", "detail": ""}}, "without calling its benchmark"),
        ({"started": {}, "finished": {"outcome": "skipped", "detail": "no GPU"}}, "skipped: no GPU"),
    ],
)
def test_a_benchmark_that_did_not_run_is_to_blame(events: Events, reason: str) -> None:
    """The record tells how it ended; no other profiler needs to be asked."""
    fault = why_not(events, Finished(returncode=0, output=""), 60)
    assert isinstance(fault, BenchmarkError)
    assert reason in str(fault)


@pytest.mark.parametrize(
    ("events", "finished", "reason"),
    [
        ({}, Finished(returncode=1, output="Error: EPERM\n"), "Error: EPERM"),
        ({"started": {}}, Finished(returncode=-9, output=""), "SIGKILL"),
        ({"started": {}}, Finished(returncode=-2, output="", timed_out=True), "stopped after 60 s"),
    ],
)
def test_a_loop_that_was_cut_is_the_profilers_fault(events: Events, finished: Finished, reason: str) -> None:
    """Another profiler may do better."""
    fault = why_not(events, finished, 60)
    assert isinstance(fault, ProfilerError)
    assert not isinstance(fault, BenchmarkError)
    assert reason in str(fault)
