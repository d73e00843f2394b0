"""py-spy and its fallbacks on a real project."""

import platform
import sys
from pathlib import Path

import pytest
from tests.e2e.profile_project import make_project, setting_of, task_of

from hivegate.errors import ProfilerError
from hivegate.profile.callgraph import count_calls
from hivegate.profile.flame import PROCESSES, Flame, hottest
from hivegate.profile.loop import BenchmarkError
from hivegate.profile.pyspy import Manner, Recording, find_pyspy, record

pytestmark = pytest.mark.timed

# Refuses ptrace as a container without the right to it does, then becomes py-spy.
REFUSING = """#!{python}
import ctypes, os, struct, sys
instructions = [(0x20, 0, 0, 0), (0x15, 0, 1, 101), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in instructions))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv({pyspy!r}, [{pyspy!r}, *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project once."""
    return make_project(tmp_path_factory.mktemp("project"))


def recorded(project: Path, name: str, *, seconds: float = 0.8) -> Recording:
    """Record one benchmark of the project."""
    return record(task_of(name), setting_of(project, seconds=seconds), find_pyspy())


def functions(flame: Flame) -> set[str]:
    """Name all functions of a flame."""
    return {frame.name for stack in flame.stacks for frame in stack}


def test_the_hottest_function_is_the_one_that_takes_the_time(project: Path) -> None:
    """Among others one function does nearly all the work, and its lines are told, not those of pytest."""
    flame = recorded(project, "both").flame
    first = hottest(flame)[0]
    assert (first.frame.name, first.frame.file) == ("hot", "benches/work.py")
    assert first.frame.line in {7, 8}
    assert first.own > 0.6 * flame.kept
    assert flame.kept < flame.seen
    assert not any("pytest" in frame.file or "hivegate" in frame.file for stack in flame.stacks for frame in stack)


def test_setup_and_teardown_are_no_part_of_a_pedantic_benchmark(project: Path) -> None:
    """Both take a good part of the loop here, and neither is in the benchmark's flame nor in its time."""
    recording = recorded(project, "setup")
    assert "hot" in functions(recording.flame)
    assert "prepare" not in functions(recording.flame)
    assert recording.looped.seconds < 0.95 * recording.looped.elapsed


def test_waiting_is_seen_although_it_takes_no_cpu(project: Path) -> None:
    """A benchmark that sleeps is recorded again with idle threads, and every wait is met by a sample or more."""
    recording = recorded(project, "sleep", seconds=0.4)
    assert recording.flame.kept >= recording.looped.calls  # each is of four intervals of the sampler's
    assert any("waits" in note for note in recording.notes)


def test_native_frames_are_shown_and_stops_are_no_waiting(project: Path) -> None:
    """C functions stand below what calls them; a process that py-spy stops for long does not wait."""
    setting = setting_of(project, seconds=0.8)
    recording = record(task_of("both"), setting, find_pyspy(), Manner(native=True), rate=100)
    files = {frame.file for stack in recording.flame.stacks for frame in stack}
    assert "hot" in functions(recording.flame)
    assert any(not file.endswith(".py") for file in files)
    assert recording.notes == ()


def test_a_builtin_as_target_is_the_benchmark_itself(project: Path) -> None:
    """What has no Python frame is told under the benchmark's own name instead of being lost."""
    flame = recorded(project, "builtin").flame
    assert [hot.frame.name for hot in hottest(flame)] == ["all/builtin"]
    assert flame.kept > 20


def test_work_of_other_processes_stands_under_their_own_root(project: Path) -> None:
    """The function that a pool runs is under the processes' root, without the pytest that forked them."""
    flame = recorded(project, "processes", seconds=0.4).flame
    beside = [stack for stack in flame.stacks if stack[0].name == PROCESSES]
    assert any(frame.name == "hot" for stack in beside for frame in stack)
    assert not any(frame.name == "hot" for stack in flame.stacks if stack[0].name == flame.benchmark for frame in stack)
    assert not any("_pytest" in frame.file for stack in beside for frame in stack)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "ZeroDivisionError"),
        ("consumes", r"after \d calls: IndexError"),
    ],
)
def test_a_benchmark_that_does_not_run_is_named_as_the_cause(project: Path, name: str, reason: str) -> None:
    """py-spy ends with 0 all the same; the loop's record tells the truth."""
    with pytest.raises(BenchmarkError, match=reason):
        recorded(project, name)


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the filter is written for Linux on x86-64"
)
def test_where_ptrace_is_refused_the_running_process_is_read(project: Path, tmp_path: Path) -> None:
    """The second try does not stop the process; its note says why it may err."""
    refusing = tmp_path / "refusing-py-spy"
    refusing.write_text(REFUSING.format(python=sys.executable, pyspy=find_pyspy()), encoding="utf-8")
    refusing.chmod(0o755)
    recording = record(task_of("both"), setting_of(project), str(refusing))
    assert hottest(recording.flame)[0].frame.name == "hot"
    assert "ptrace is not permitted" in recording.notes[0]


def test_a_profiler_that_breaks_is_not_the_benchmarks_fault(project: Path, tmp_path: Path) -> None:
    """What it printed last is the reason."""
    broken = tmp_path / "py-spy"
    broken.write_text("#!/bin/sh\necho 'Error: Unsupported version of Python'\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(ProfilerError, match="Unsupported version") as caught:
        record(task_of("both"), setting_of(project), str(broken))
    assert not isinstance(caught.value, BenchmarkError)


def test_the_fallback_finds_the_same_function(project: Path) -> None:
    """It needs no right at all and tells the same culprit, with its share of the benchmark's time."""
    flame, looped = count_calls(task_of("both"), setting_of(project))
    first = hottest(flame)[0]
    assert (first.frame.name, first.frame.file) == ("hot", "benches/work.py")
    assert first.own > 0.6 * flame.kept
    assert looped.calls > 1
    assert sum(flame.stacks.values()) == pytest.approx(10_000, rel=0.01)
