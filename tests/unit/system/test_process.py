"""Processes end when they should, and nothing of them stays behind."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from hivegate.errors import UsageError
from hivegate.system import process

# A grandchild that ignores a polite signal, so that only the group's end reaches it.
GRANDCHILD = """
import os, pathlib, signal, sys, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path("grandchild").write_text(str(os.getpid()))
    signal.pause()
while not pathlib.Path("grandchild").exists():
    pass
"""


def test_output_and_status_come_back(tmp_path: Path) -> None:
    """What was printed on both streams and the exit status are known afterwards."""
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    ended = process.run([sys.executable, "-c", code], cwd=tmp_path)
    assert ended.returncode == 7
    assert sorted(ended.output.split()) == ["err", "out"]
    assert ended.cause == "ended with exit status 7"


def test_only_the_tail_of_much_output_is_kept(tmp_path: Path) -> None:
    """A process that prints megabytes costs no memory here, and its last words are kept."""
    ended = process.run([sys.executable, "-c", "print('x' * 5_000_000); print('last')"], cwd=tmp_path)
    assert len(ended.output) <= 64 * 1024
    assert ended.output.endswith("last\n")


def test_a_process_past_its_deadline_is_ended(tmp_path: Path) -> None:
    """A process that never ends is stopped when its time is up, and says so."""
    ended = process.run([sys.executable, "-c", "import signal; signal.pause()"], cwd=tmp_path, overdue=lambda: True)
    assert ended.timed_out
    assert ended.cause == "was stopped at its deadline"


def test_a_signal_is_named(tmp_path: Path) -> None:
    """A process that was killed names the signal."""
    ended = process.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], cwd=tmp_path)
    assert ended.cause == "was killed by SIGKILL"
    assert process.signal_name(99) == "signal 99"


def test_grandchildren_do_not_outlive_a_run(tmp_path: Path) -> None:
    """A grandchild that its parent left behind, and that ignores SIGTERM, is gone when `run` returns."""
    ended = process.run([sys.executable, "-c", GRANDCHILD], cwd=tmp_path, overdue=process.deadline(20))
    assert ended.returncode == 0
    assert not alive(int((tmp_path / "grandchild").read_text()))


def test_an_interrupt_takes_the_process_along(tmp_path: Path) -> None:
    """Ctrl-C while waiting ends the process group before the interrupt goes on."""
    (tmp_path / "pid").touch()
    code = "import os, pathlib, signal; pathlib.Path('pid').write_text(str(os.getpid())); signal.pause()"

    def interrupt() -> None:
        if (tmp_path / "pid").read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.run([sys.executable, "-c", code], cwd=tmp_path, on_tick=interrupt)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_the_polite_signal_is_the_callers(tmp_path: Path) -> None:
    """A program that writes its result on SIGINT gets SIGINT, and time to obey."""
    code = (
        "import pathlib, signal, sys\n"
        "def obey(*_): pathlib.Path('result').write_text('kept'); sys.exit(0)\n"
        "signal.signal(signal.SIGINT, obey)\n"
        "pathlib.Path('ready').touch()\n"
        "while True: signal.pause()\n"
    )
    process.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        overdue=(tmp_path / "ready").exists,
        polite=signal.SIGINT,
    )
    assert (tmp_path / "result").read_text() == "kept"


def test_a_program_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    """A missing program is a usage error, not a traceback."""
    with pytest.raises(UsageError, match="no-such-program"):
        process.run(["no-such-program"], cwd=tmp_path)


def alive(pid: int) -> bool:
    """Tell whether a process still runs after a moment; one that only waits to be reaped by its adopter does not."""
    end = process.deadline(10)
    while not end():
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state == "Z":
            return False
    return True
