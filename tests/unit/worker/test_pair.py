"""The parent of a pair and who works beside a benchmark: real processes, looked at from inside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tests.repository import Repository

import hivegate
from hivegate.measure.collect import collect
from hivegate.measure.preload import modules_to_share
from hivegate.measure.subject import Subject
from hivegate.system.worker import start_command

_ROOT = Path(hivegate.__file__).resolve().parents[2]
_WORKER = _ROOT / "src" / "hivegate" / "worker"

# Looks at sys.modules where the children begin, before anything of theirs is imported.
_AT_THE_FORK = """
import sys
sys.argv[1:] = ["PLAN"]
from importlib import util
def look(side, plan):
    import json, os
    with open(plan["seen"], "w") as file:
        json.dump({name: getattr(one, "__file__", None) for name, one in list(sys.modules.items())}, file)
    os._exit(0)
"""


def parent(tmp_path: Path, project: Path, preload: tuple[str, ...], code: str = "") -> list[dict[str, Any]]:
    """Run the parent of a pair whose children only write down their modules; returns what it reports."""
    ours, theirs = socket.socketpair()
    sides = {}
    spare = []
    for side in ("base", "head"):
        scratch = tmp_path / side
        scratch.mkdir()
        spare.append(socket.socketpair())
        sides[side] = {"channel": spare[-1][1].fileno(), "scratch": str(scratch), "seed": 1, "own": str(project)}
    plan = {
        "mode": "pair",
        "fork": True,
        "control": theirs.fileno(),
        "preload": list(preload),
        "roots": [str(project), str(project / "elsewhere")],
        "order": ["base", "head"],
        "sides": sides,
        "seen": str(tmp_path / "seen.json"),
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    start = (
        "import sys, json, runpy\n"
        f"sys.argv = ['start.py', {str(tmp_path / 'plan.json')!r}]\n"
        f"started = runpy.run_path({start_command('', tmp_path)[1]!r})\n"
        "session = started['_load_worker']()\n"
        "from _hivegate_worker import pair\n" + _AT_THE_FORK + "pair._become = look\n" + textwrap.dedent(code) + "\n"
        f"sys.exit(session.main(json.load(open({str(tmp_path / 'plan.json')!r}))))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", start],
        cwd=project,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        pass_fds=[theirs.fileno(), *(two.fileno() for _, two in spare)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    theirs.close()
    with ours, ours.makefile(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    for pair in spare:
        for one in pair:
            one.close()
    assert found, ended.stderr
    return found


def suite(project: Path) -> tuple[str, ...]:
    """Probe a project's suite as a comparison does; returns what its pairs share."""
    subject = Subject(project=project, python=sys.executable, paths=("benches",), roots=("benches",))
    return modules_to_share(collect(subject, probe=True), project)


@pytest.mark.parametrize("own", [False, True])
def test_nothing_of_the_project_is_loaded_at_the_fork(tmp_path: Path, own: bool) -> None:  # noqa: FBT001  a parameter
    """Not of a project whose benchmarks import it, and not of hivegate where it compares itself."""
    if own:
        project = _ROOT
    else:
        project = tmp_path / "project"
        Repository(project).write({
            "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
            "toy.py": "import json, click\n",
            "benches/conftest.py": "import toy\n",
            "benches/bench_toy.py": "import toy, numpy\ndef bench_toy(benchmark): benchmark(int)\n",
        })  # fmt: skip
    shared = suite(project)
    found = parent(tmp_path, project, shared)
    assert found[0] == {"event": "preloaded", "own": []}
    assert {one["side"] for one in found[1:]} == {"base", "head"}
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert {"pytest", "pytest_benchmark"} <= seen.keys()
    assert own or {"click", "numpy"} <= seen.keys()
    mine = {
        name
        for name, file in seen.items()
        if file and Path(file).is_relative_to(project) and "site-packages" not in Path(file).parts
    }
    assert {name for name in mine if name.partition(".")[0] != "_hivegate_worker"} == set()
    assert not {name for name in seen if name.partition(".")[0] in {"toy", "hivegate", "conftest"}}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n", "starts a thread"),
        ("import mine\n", "the project's own mine"),
    ],
)
def test_what_must_not_be_shared_is_left_to_the_children(tmp_path: Path, code: str, why: str) -> None:
    """A fork would lose a thread, and share a project module between the revisions: no child is forked from there."""
    project, library = tmp_path / "project", tmp_path / "library"
    Repository(project).write({"mine.py": ""})
    Repository(library).write({"unshareable.py": code, "fit.py": ""})
    found = parent(tmp_path, project, ("fit", "unshareable"), f"sys.path.append({str(library)!r})")
    assert [one["event"] for one in found] == ["unshareable"]
    assert found[0]["module"] == "unshareable"
    assert why in found[0]["why"]


def test_what_cannot_be_imported_is_left_to_the_children_too(tmp_path: Path) -> None:
    """Their own import tells the error, or does not happen."""
    project, library = tmp_path / "project", tmp_path / "library"
    Repository(project).write({"mine.py": ""})
    Repository(library).write({"bad.py": "raise SystemExit('no')\n"})
    found = parent(tmp_path, project, ("bad", "absent"), f"sys.path.append({str(library)!r})")
    assert [one["event"] for one in found] == ["preloaded", "child_ended", "child_ended"]


_IN_WORKER = f"""
import importlib.util, os, sys, time, threading
spec = importlib.util.spec_from_file_location("_hivegate_worker", {str(_WORKER / "__init__.py")!r},
    submodule_search_locations=[{str(_WORKER)!r}])
module = importlib.util.module_from_spec(spec)
sys.modules["_hivegate_worker"] = module
from _hivegate_worker.channel import open_record
from _hivegate_worker.interference import Company
company = Company()
from _hivegate_worker.awaited import completed
"""


def inside(code: str) -> str:
    """Run code in a process of its own, the worker at hand; returns what it printed."""
    ended = subprocess.run(
        [sys.executable, "-c", _IN_WORKER + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize(
    ("call", "noticed"),
    [
        ("sum(range(10**6))", set()),
        ("time.sleep(0.001)", set()),
        ("one = threading.Thread(target=sum, args=(range(10**6),)); one.start(); one.join()", {"parallel"}),
        ("threading.Thread(target=time.sleep, args=(9,), daemon=True).start()", {"parallel"}),
        ("os.system('true')", {"parallel"}),
        ("import subprocess; last = subprocess.Popen(['sleep', '9'])", {"parallel", "lasting"}),
    ],
)
def test_threads_and_processes_are_noticed(call: str, noticed: set[str]) -> None:
    """Those that last and those that came and went; not the benchmark's own work or waiting."""
    end = "last.kill()" if "last" in call else ""
    told = "print(*(name for name in ('parallel', 'lasting') if getattr(company, name)), flush=True)"
    shown = inside(f"with company.watch():\n    {call}\n{told}\n{end}\nos._exit(0)")
    assert set(shown.split()) == noticed


def test_a_slow_first_call_tells_nothing_of_the_others() -> None:
    """A call that imports or fills a cache: what follows is warmed up, and turns hold as many calls as it allows."""
    shown = inside("""
        from _hivegate_worker import turns
        from _hivegate_worker.loop import Benchmarked
        turns._WARM, turns._MOST_WARM_CALLS = 60_000_000_000, 256  # until a round holds 512 calls, whatever the load
        called = []
        def call():
            called.append(1)
            if len(called) == 1:
                time.sleep(0.5)
        said = completed(turns._Calls(Benchmarked(call, {}), None, turns.TurnLoop(open_record(os.devnull))).warm_up())
        print(len(called), said["seconds"] * 512 < 0.5)
    """)
    assert shown == f"{1 + 1023} True"


@pytest.mark.parametrize("made", ["{}", "{'setup': lambda: None, 'teardown': lambda: None}"])
def test_the_cost_of_a_call_is_of_one_call(made: str) -> None:
    """What sets a call up is counted with it: together little more than the call, though a round holds thousands."""
    shown = inside(f"""
        from _hivegate_worker import turns
        from _hivegate_worker.loop import Benchmarked
        turns._WARM, turns._MOST_WARM_CALLS = 60_000_000_000, 2048  # until a round holds 4096 calls, whatever the load
        given = Benchmarked(lambda: sum(range(500)), {made})
        said = completed(turns._Calls(given, None, turns.TurnLoop(open_record(os.devnull))).warm_up())
        print(said["seconds"] <= said["cost"] < 20 * said["seconds"])
    """)
    assert shown == "True"


@pytest.mark.parametrize("call", ["list(pool.map(sum, [range(2000)] * 40))", "subprocess.run(['true'])"])
def test_who_takes_turns_keeps_one_core_busy_and_is_timed_together(call: str) -> None:
    """Pure Python in two threads, or a process that is waited for: pinned, the time of all is the wall time."""
    shown = inside(f"""
        import subprocess
        from concurrent.futures import ThreadPoolExecutor
        from _hivegate_worker import threads
        from _hivegate_worker.loop import Benchmarked
        from _hivegate_worker.turns import TurnLoop, _Calls
        pool = ThreadPoolExecutor(2)
        given = Benchmarked(lambda: {call}, {{}})
        calls = _Calls(given, None, TurnLoop(open_record(os.devnull)))
        completed(calls.warm_up())
        cores = completed(calls.busy(4))["cores"]
        threads.pin(sorted(os.sched_getaffinity(0))[:1])
        calls.clocks.of_process = True
        shares = []
        for _ in range(200):  # each shorter than a slice of the scheduler: some have the core to themselves
            completed(calls.timed(1))
            shares.append(calls.clocks.cpu / calls.clocks.wall)
        print(cores < 1.3, max(shares) > 0.95, calls.clocks.delay, flush=True)
    """)
    assert shown == "True True None"


def test_awaited_calls_stand_below_the_same_marker() -> None:
    """By which a profile finds where the benchmark begins."""
    shown = inside("""
        from _hivegate_worker import awaited, profile
        print(awaited._hivegate_benchmark_.__qualname__ == profile._hivegate_benchmark_.__qualname__)
    """)
    assert shown == "True"


def test_a_long_round_tells_alone_how_many_cores_are_busy() -> None:
    """Twelve rounds of it would take longer than all that is timed."""
    shown = inside("""
        from _hivegate_worker.loop import Benchmarked
        from _hivegate_worker.turns import TurnLoop, _Calls
        numbers = []
        given = Benchmarked(lambda: (numbers.append(1), time.sleep(0.15)), {})
        completed(_Calls(given, None, TurnLoop(open_record(os.devnull))).busy(1))
        print(len(numbers))
    """)
    assert shown == "1"


def test_a_thread_that_works_is_told_from_one_that_waits() -> None:
    """By the time that the system says each was on a core."""
    shown = inside("""
        from _hivegate_worker import threads
        stop = threading.Event()
        waits = threading.Thread(target=stop.wait)
        works = threading.Thread(target=lambda: [sum(range(10**5)) for _ in iter(stop.is_set, True)])
        for thread in (waits, works):
            thread.start()
        end = time.monotonic() + 60
        while threads.ran(works.native_id) < 0.2 and time.monotonic() < end:
            time.sleep(0.01)
        print(sorted(threads.numbers()) == sorted([waits.native_id, works.native_id]),
            threads.ran(waits.native_id) < 0.1 * threads.ran(works.native_id))
        stop.set()
    """)
    assert shown == "True True"


def test_a_copy_that_comes_back_ends_and_is_told() -> None:
    """Every call would double the processes; the copy says nothing more, the first one raises."""
    shown = inside("""
        try:
            with company.watch():
                os.fork()
            print("came back", os.getpid())
        except RuntimeError as fault:
            print("told:", fault, flush=True)
    """)
    assert shown == "told: forks its process, and the copy returns from the call: let it end with os._exit()"


def test_a_copy_never_speaks_over_the_channel() -> None:
    """What returns from a fork outside of calls would answer a second time."""
    shown = inside("""
        import socket
        from _hivegate_worker.channel import Channel
        ours, theirs = socket.socketpair()
        channel = Channel(theirs.fileno())
        child = os.fork()
        channel.write("hello")
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), ours.recv(1000))
    """)
    assert shown == '70 b\'{"event": "hello"}\\n\''


def test_heap_jitter_follows_its_seed() -> None:
    """Each child has a heap of its own shape: same seed same shape, another seed another one."""
    shown = inside("""
        from _hivegate_worker.heap import jitter_heap
        one, same, other = ([len(junk) for junk in jitter_heap(seed)] for seed in (1, 1, 2))
        print(one == same, one == other, len(one), len(set(one)))
    """)
    same, other, kept, sizes = shown.split()
    assert (same, other) == ("True", "False")
    assert (int(kept), int(sizes)) == (2250, 32)
