"""A throw-away project whose benchmarks are hard to profile, each in its own way."""

import sys
from pathlib import Path

from hivegate.measure.subject import Subject
from hivegate.profile.loop import Setting
from hivegate.profile.plan import ProfileTask

WORK = """
import json


def hot(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def cold(n):
    return json.dumps(list(range(n)))


def both():
    cold(20)
    return hot(5000)


def prepare():
    return [str(i) for i in range(1_500)]
"""

BENCHES = r"""
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import work

STATE = [1] * 5
HOSTILE = ["a/../../b", "\"'`$(x)", "</script><script>alert(1)</script>" + "x" * 300, "new\nline", "\u202etxt.exe"]


def bench_both(benchmark):
    benchmark(work.both)


def bench_setup(benchmark):
    benchmark.pedantic(work.hot, setup=lambda: (work.prepare() and (8_000,), {}), teardown=lambda n: work.prepare())


def bench_sleep(benchmark):
    benchmark(time.sleep, 0.02)


def bench_builtin(benchmark):
    benchmark(sorted, list(range(20_000)))


def bench_fails(benchmark):
    benchmark(lambda: 1 / 0)


def bench_consumes(benchmark):
    benchmark(STATE.pop)


def bench_never_calls(benchmark):
    pass


def bench_processes(benchmark):
    with ProcessPoolExecutor(2) as pool:
        benchmark(lambda: list(pool.map(work.hot, [20_000] * 4)))


def bench_threads(benchmark):
    with ThreadPoolExecutor(2, thread_name_prefix="swarm") as pool:
        benchmark(lambda: list(pool.map(work.hot, [20_000] * 4)))


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE)
def bench_hostile(benchmark, text):
    benchmark(work.hot, 500)


def bench_counted(benchmark):
    with Path("counted").open("a") as file:
        file.write("once\n")
    benchmark(work.both)


def bench_kills_pyspy(benchmark):
    def kill():
        if b"py-spy" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes():
            os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    benchmark(kill)


def bench_endless(benchmark):
    pool = ProcessPoolExecutor(1)
    pool.submit(time.sleep, 600)

    def forever():
        Path("running").touch()
        time.sleep(600)
    benchmark(forever)


def bench_hangs(benchmark):
    benchmark(lambda: time.sleep(600))
"""


def make_project(folder: Path) -> Path:
    """Write the project into a folder."""
    (folder / "benches").mkdir(parents=True)
    (folder / "benches" / "work.py").write_text(WORK, encoding="utf-8")
    (folder / "benches" / "bench_all.py").write_text(BENCHES, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n", encoding="utf-8")
    return folder


def subject_of(project: Path) -> Subject:
    """Name the project as what is measured, under this interpreter."""
    return Subject(project=project, python=sys.executable, paths=("benches",), roots=("benches",))


def setting_of(project: Path, *, seconds: float = 0.8, patience: float = 60.0) -> Setting:
    """Make a setting with short profiles."""
    return Setting(project=project, python=sys.executable, seconds=seconds, patience=patience)


def task_of(name: str) -> ProfileTask:
    """Name one benchmark of the project."""
    return ProfileTask(id=f"all/{name}", node_id=f"benches/bench_all.py::bench_{name}", path="benches/bench_all.py")
