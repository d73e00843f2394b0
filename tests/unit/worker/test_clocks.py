"""The clocks of a round, beside a process that wants the same core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hivegate

_WORKER = Path(hivegate.__file__).parent / "worker"
_BUSY = "while True: pass"
# Both are pinned to one core; the second line printed is what the clocks say of work, the third of work and a wait.
_TIMED = """
import importlib.util, json, os, subprocess, sys, time
spec = importlib.util.spec_from_file_location("clocks", sys.argv[1])
clocks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clocks)
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
neighbour = subprocess.Popen([sys.executable, "-c", sys.argv[2]])
try:
    taken = clocks.Clocks()
    def work():
        end = time.thread_time() + 0.1
        while time.thread_time() < end: pass
    for waits in (0, 1):
        taken.reset()
        taken.start()
        work()
        time.sleep(0.1 * waits)
        taken.stop()
        print(json.dumps([taken.wall, taken.cpu, taken.delay, taken.switches]))
    taken.close()
finally:
    neighbour.kill()
    neighbour.wait()
"""

pytestmark = pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="no scheduler tells here")


def test_waits_are_told_from_others_work() -> None:
    """On a contended core, wall time is work, time in which others had the core, and waits; nothing is left over."""
    ended = subprocess.run(
        [sys.executable, "-c", _TIMED, str(_WORKER / "clocks.py"), _BUSY],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ},
    )
    (wall, cpu, delay, _), (wall_too, cpu_too, delay_too, switches_too) = map(json.loads, ended.stdout.splitlines())
    assert delay > 0.1 * wall  # the neighbour had its share
    assert abs(wall - cpu - delay) < 0.1 * wall  # but for interrupts, and what a hypervisor takes
    waited = wall_too - cpu_too - delay_too
    assert 0.09e9 < waited < 0.09e9 + 0.2 * wall_too
    assert switches_too >= 1


def test_a_process_that_was_waited_for_is_work_of_all_and_not_of_this_thread() -> None:
    """Of both clocks around one that computes for a tenth of a second, only that of the process holds its time."""
    code = """
import importlib.util, subprocess, sys
spec = importlib.util.spec_from_file_location("clocks", sys.argv[1])
clocks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clocks)
child = "import time\\nwhile time.process_time() < 0.1: pass"
for of_process in (False, True):
    taken = clocks.Clocks()
    taken.of_process = of_process
    taken.start()
    subprocess.run([sys.executable, "-c", child], check=True)
    taken.stop()
    taken.close()
    print(taken.cpu)
"""
    shown = subprocess.run(
        [sys.executable, "-c", code, str(_WORKER / "clocks.py")], capture_output=True, text=True, timeout=60, check=True
    )
    alone, both = map(int, shown.stdout.split())
    assert both - alone > 0.095e9


def test_what_was_replaced_before_the_worker_began_is_not_read() -> None:
    """As by a .pth of an installed package, which runs when Python starts; the subject keeps what was made of it."""
    code = """
import importlib.util, sys, time
time.perf_counter_ns = time.thread_time_ns = time.process_time_ns = still = lambda: 1
spec = importlib.util.spec_from_file_location("clocks", sys.argv[1])
clocks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clocks)
assert clocks.kept.perf_counter_ns() != clocks.kept.perf_counter_ns() != 1
assert clocks.kept.thread_time_ns is not still and clocks.kept.process_time_ns is not still
assert time.perf_counter_ns is still and sys.modules["time"] is time
"""
    subprocess.run([sys.executable, "-c", code, str(_WORKER / "clocks.py")], check=True)
