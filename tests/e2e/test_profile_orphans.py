"""Nothing is left behind, however a profile ends."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.e2e.profile_project import make_project, setting_of, task_of
from tests.processes import naming, staying

from hivegate.errors import ProfilerError
from hivegate.profile.pyspy import find_pyspy, record

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")

FLOW = """
import sys
from pathlib import Path
from hivegate.flows.profile.flow import profile_suite
from hivegate.measure.subject import Subject
from hivegate.profile.plan import Choice
subject = Subject(project=Path(sys.argv[1]), python=sys.executable, paths=("benches",), roots=("benches",))
profile_suite(subject, Path(sys.argv[1], "profiles"), lambda event: None, choice=Choice(selectors=("all/endless",)))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project whose processes can be told by their commands, because their plans lie in it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return make_project(tmp_path / "project")


def test_killing_pyspy_ends_its_benchmark_too(project: Path) -> None:
    """The benchmark would sleep on for a minute; it is gone, and the reason is told."""
    with pytest.raises(ProfilerError, match="SIGKILL"):
        record(task_of("kills_pyspy"), setting_of(project), find_pyspy())
    assert staying(naming, project.parent) == []


def test_a_benchmark_without_end_is_stopped(project: Path) -> None:
    """Its time is over, py-spy is asked politely, and the whole group is gone."""
    with pytest.raises(ProfilerError, match="was stopped after"):
        record(task_of("hangs"), setting_of(project, seconds=0.5, patience=3), find_pyspy())
    assert staying(naming, project.parent) == []


def test_an_interrupt_leaves_no_process(project: Path) -> None:
    """Ctrl-C in the middle of a benchmark with a process of its own ends all of them."""
    flow = subprocess.Popen([sys.executable, "-c", FLOW, str(project)], stderr=subprocess.PIPE, start_new_session=True)
    end = time.monotonic() + 300
    while not (project / "running").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert len(naming(project.parent)) >= 3, "the flow, py-spy, the benchmark and its pool should be running"
    flow.send_signal(signal.SIGINT)
    _, complaint = flow.communicate(timeout=300)
    assert b"KeyboardInterrupt" in complaint
    assert staying(naming, project.parent) == []


ON_FAIL = """
import sys
from pathlib import Path
from hivegate.cli.output import print_result
from hivegate.flows.profile.flow import profile_failures
from hivegate.flows.project import Project
from hivegate.measure.subject import Subject
from hivegate.model.reason import Reason, ReasonCode
from hivegate.model.run import Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
project = Project(folder=Path(sys.argv[1]))
subject = Subject(project=project.folder, python=sys.executable, paths=("benches",), roots=("benches",))
red = Verdict(
    benchmark="all/endless",
    kind=RuleKind.TARGET,
    outcome=Outcome.FAILED,
    severity=Severity.BROKEN,
    reason=Reason(code=ReasonCode.ABOVE_LIMIT),
)
result = GateResult(
    outcome=Outcome.FAILED, exit_status=1, partial=False, verdicts=(red,), environment=Environment()
)
told = profile_failures(project, subject, "bench", result, None, lambda event: None)
print_result(told, json_path=None, verbose=False, quiet=False)
sys.exit(told.exit_status)
"""


def test_an_interrupt_while_what_failed_is_profiled_leaves_the_verdict(project: Path) -> None:
    """No process is left; the verdict is told with a note, and its exit status is what it was."""
    command = [sys.executable, "-c", ON_FAIL, str(project)]
    flow = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 300
    while not (project / "running").exists() and time.monotonic() < end:
        time.sleep(0.05)
    flow.send_signal(signal.SIGINT)
    told, complaint = flow.communicate(timeout=300)
    assert flow.returncode == 1, complaint
    assert told.startswith("FAILED")
    assert "note: profiling was interrupted" in " ".join(told.split())
    assert "interrupted; not profiled: all/endless" in (project / ".hivegate/profiles/index.html").read_text()
    assert staying(naming, project.parent) == []
