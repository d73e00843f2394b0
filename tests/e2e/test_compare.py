"""``hivegate compare`` as a user meets it: real repositories, two real trees, real pairs of processes.

Most benchmarks are called once a pair and differ by a factor, so that a few pairs decide on the busiest machine.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import iniconfig
import pytest
from tests.conftest import Answer, Project
from tests.processes import staying, working_in
from tests.repository import Repository

from hivegate.measure.environments import fixed_addresses

pytestmark = pytest.mark.timed

_TOY = """
HEAD = {head}

def work(turns):
    total = 0
    for one in range(turns):
        total += one
    return total

def changed(by):
    return work(int(20_000 * (by if HEAD else 1)))

if HEAD:
    only_head = work
"""
_CONFIGURATION = "[project]\nname = 'toy'\nversion = '0'\n"
_ONCE = "def bench_{name}(benchmark): benchmark.pedantic({call}, rounds=1)\n"


class TwoCommits:
    """Two commits of a project, compared."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder)
        self.repository = Repository.new(folder)

    def commit(self, *, head: bool, benches: str, more: dict[str, str | None] | None = None) -> None:
        """Commit one revision: the toy module as it is there, and the benchmarks."""
        self.repository.commit({
            "pyproject.toml": _CONFIGURATION,
            ".gitignore": ".hivegate\n__pycache__\n",
            "toy.py": _TOY.format(head=head),
            "benches/bench_toy.py": "import toy\n" + textwrap.dedent(benches),
            **(more or {}),
        })  # fmt: skip

    def compare(self, *arguments: str, env: dict[str, str] | None = None) -> Answer:
        """Run the command and keep its answer."""
        self.answer = self.project.hivegate("compare", "HEAD^1", *arguments, env=env)
        return self.answer

    @property
    def verdicts(self) -> dict[str, dict[str, Any]]:
        """The verdicts of the latest comparison by the last part of the benchmark's id."""
        return {one["benchmark"].removeprefix("toy/"): one for one in self.project.result("compare")["verdicts"]}

    def assert_nothing_left(self) -> None:
        """Nothing runs in the project and git knows one working tree."""
        assert self.repository.worktrees() == [str(self.project.folder)]
        assert [one.name for one in (self.project.folder / ".hivegate" / "trees").iterdir() if one.is_dir()] == []
        assert staying(working_in, self.project.folder) == []


def once(**calls: str) -> str:
    """Write benchmarks that are called once a pair."""
    return "".join(_ONCE.format(name=name, call=f"lambda: {call}") for name, call in calls.items())


_CHANGED = once(
    slower="toy.changed(8)",
    faster="toy.changed(1 / 8)",
    waived="toy.changed(8)",
    expired="toy.changed(8)",
    floored="toy.changed(8)",
)
_SHAPES = """
import os, pathlib, threading
import pytest

def bench_equal(benchmark):
    benchmark(toy.work, 2000)

def bench_setup(benchmark):
    made = []
    def setup():
        made.append(1)
        return ([3, 1, 2] * 1000,), {}
    benchmark.pedantic(sorted, setup=setup, rounds=5)
    assert len(made) > 5

class BenchGroup:
    pass

class TestGroup:
    def test_method(self, benchmark):
        assert benchmark(toy.work, 2000) == 1999000

here = []

@pytest.fixture(autouse=True)
def around():
    here.append(1)
    yield
    here.pop()

def bench_autouse(benchmark):
    assert benchmark(lambda: toy.work(2000) and len(here)) == 1

def bench_wrapped(benchmark):
    @benchmark
    def result():
        return toy.work(2000)
    assert result == 1999000

def bench_threads(benchmark):
    def call():
        threads = [threading.Thread(target=toy.work, args=(20_000,)) for _ in range(2)]
        for one in threads: one.start()
        for one in threads: one.join()
    benchmark(call)

def bench_prints(benchmark):
    benchmark.pedantic(lambda: print("x" * 3_000_000), rounds=1)

def bench_chdir(benchmark, tmp_path):
    benchmark.pedantic(os.chdir, args=(tmp_path,), rounds=1)

def bench_after_chdir(benchmark):
    scratch = pathlib.Path(os.environ["TMPDIR"]) / "mine"
    assert not scratch.exists()  # the other side has another
    benchmark.pedantic(scratch.touch, rounds=1)
    scratch.unlink()
"""
_SESSION = """
import os, pathlib
MINE = pathlib.Path("{outside}") / str(os.getpid())

def pytest_sessionstart():
    MINE.touch()

def pytest_sessionfinish():
    MINE.unlink()
"""
_BUDGETS = """
schema: 1
budgets:
  - {benchmark: "*", budget: 100 %}
  - {benchmark: toy/prints, budget: 1000 %}
  - {benchmark: toy/*chdir, budget: 1000 %}
  - {benchmark: toy/threads, budget: 1000 %}
  - {benchmark: toy/floored, budget: 100 %, noise_floor: 10 s}
waivers:
  - {benchmark: toy/waived, reason: validates now, owner: "@team", expires: 2999-01-01}
  - {benchmark: toy/expired, reason: validated then, owner: "@team", expires: 2020-01-01}
"""


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> TwoCommits:
    """Compare two revisions with every kind of change and shape of benchmark."""
    made = TwoCommits(tmp_path_factory.mktemp("changes"))
    both = _CHANGED + _SHAPES
    conftest = _SESSION.format(outside=tmp_path_factory.mktemp("outside"))
    made.commit(head=False, benches=both + once(before="toy.work(9)", gone="toy.work(9)"))
    made.commit(
        head=True,
        benches=both + once(after="toy.work(20_000)", new="toy.only_head(9)"),
        more={"targets.yaml": _BUDGETS, "benches/conftest.py": conftest},
    )
    made.compare()
    return made


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("slower", "slower"),
        ("faster", "faster"),
        ("equal", "passed"),
        ("waived", "waived"),
        ("expired", "slower"),
        ("floored", "passed"),
        ("after", "passed"),  # base lacks it, and can run it
        ("new", "new"),
        ("before", "missing"),
        ("gone", "missing"),
        ("setup", "passed"),
        ("TestGroup.method", "passed"),
        ("autouse", "passed"),
        ("wrapped", "passed"),
        ("threads", "passed"),
        ("prints", "passed"),
        ("chdir", "passed"),
        ("after_chdir", "passed"),
    ],
)
def test_every_change_and_every_shape_has_its_verdict(changes: TwoCommits, name: str, outcome: str) -> None:
    """Slower, faster, equal, renamed, removed and new are told apart, however the benchmark is written."""
    assert changes.verdicts[name]["outcome"] == outcome, changes.verdicts[name]


def test_slower_is_exit_1_and_nothing_is_left(changes: TwoCommits) -> None:
    """One benchmark that is slower makes the gate red; worktree and processes are gone."""
    assert changes.answer.status == 1, changes.answer
    assert changes.answer.out.startswith("SLOWER")
    changes.assert_nothing_left()


def test_sessions_end_by_themselves(changes: TwoCommits) -> None:
    """What the hooks of either session opened outside of the project, they close."""
    outside = next(changes.project.folder.parent.glob("outside*"))
    assert list(outside.iterdir()) == []


def test_reasons_name_what_decided(changes: TwoCommits) -> None:
    """Confirmation, waiver, noise floor and removal are told in words."""
    reasons = {name: one["reason"] for name, one in changes.verdicts.items()}
    assert "fresh pairs confirmed it" in reasons["slower"]
    assert "accepted by @team until 2999-01-01: validates now" in reasons["waived"]
    assert "the waiver of @team expired on 2020-01-01" in reasons["expired"]
    assert "noise floor" in reasons["floored"]
    assert "removed or renamed" in reasons["before"]


def test_result_has_the_promised_fields(changes: TwoCommits) -> None:
    """Each verdict is of kind budget and has its change with interval, pairs and clock."""
    result = changes.project.result("compare")
    assert (result["outcome"], result["exit_status"], result["partial"]) == ("slower", 1, False)
    assert result["base"].startswith("the commit before, ")
    for one in result["verdicts"]:
        assert (one["kind"], one["metric"]) == ("budget", "mean")
    change = changes.verdicts["slower"]["change"]
    assert 4 <= change["ratio"] <= 16
    assert 2 < change["low"] < change["ratio"] < change["high"]
    assert change["n"] >= 4
    assert change["spread"] > 0
    assert change["clock"] == "cpu"
    assert len(change["ratios"]) == change["n"]
    assert changes.verdicts["slower"]["limit"]["maximum"] == 2.0


def test_threads_that_take_turns_are_judged_by_the_time_of_all(changes: TwoCommits) -> None:
    """The thread that waits for the others takes none of its own: a call of one is far less than their work."""
    change = changes.verdicts["threads"]["change"]
    assert change["clock"] in {"cpu", "wall"}  # wall where others crowd the machine
    assert change["base_value"] > changes.verdicts["equal"]["change"]["base_value"]


_TROUBLE = """
import os, signal, socket, time
import pytest

def bench_first(benchmark):
    benchmark.pedantic(toy.work, args=(20_000,), rounds=1)

def bench_crash(benchmark):
    benchmark(lambda: toy.HEAD and os.kill(os.getpid(), signal.SIGSEGV))

def bench_hang(benchmark):
    def call():
        while not toy.HEAD: pass
    benchmark(call)

@pytest.fixture(scope="module")
def server():
    with socket.socket() as one:
        one.bind(("127.0.0.1", PORT))
        yield one

def bench_port(benchmark, server):
    benchmark.pedantic(toy.work, args=(10,), rounds=1)

def bench_forks(benchmark):
    benchmark(os.fork)

def bench_leaves(benchmark):
    benchmark(lambda: toy.HEAD and pytest.exit("enough"))

class Breaking:
    def pytest_runtest_logreport(self, report):
        raise LookupError("no place for it")

def bench_breaks(benchmark, request):
    if toy.HEAD:
        request.config.pluginmanager.register(Breaking())
    benchmark.pedantic(toy.work, args=(3,), rounds=1)

def bench_raises(benchmark):
    benchmark(lambda: 1 / 0)

def bench_late(benchmark):
    assert benchmark.pedantic(toy.work, args=(3,), rounds=1) == (4 if toy.HEAD else 3)

def bench_api(benchmark):
    benchmark.pedantic(toy.only_head, args=(9,), rounds=1)

def bench_never(benchmark):
    pass

def bench_last(benchmark):
    benchmark.pedantic(toy.work, args=(20_000,), rounds=1)
"""


@pytest.fixture(scope="module")
def troubles(tmp_path_factory: pytest.TempPathFactory) -> TwoCommits:
    """Compare two revisions in which nearly everything goes wrong."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    made = TwoCommits(tmp_path_factory.mktemp("troubles"))
    benches = _TROUBLE.replace("PORT", str(port))
    made.commit(head=False, benches=benches)
    settings = _CONFIGURATION + "[tool.hivegate]\ntimeout = 3.0\n"
    other = (
        "from toy import only_head\ndef bench_thing(benchmark): benchmark.pedantic(only_head, args=(9,), rounds=1)\n"
    )
    made.commit(head=True, benches=benches, more={"pyproject.toml": settings, "benches/bench_other.py": other})
    made.compare("--budget", "1000%")
    return made


@pytest.mark.parametrize(
    ("name", "outcome", "told"),
    [
        ("first", "passed", ""),
        ("crash", "crashed", "on head: crashed: was killed by signal 11"),
        ("hang", "inconclusive", "on base: timed out: no round, setup or teardown of it ended for 3 s"),
        ("port", None, "Address already in use"),  # whichever side came second
        ("forks", "crashed", "forks its process"),
        ("leaves", "crashed", "pytest ended early: Exit: enough"),
        ("breaks", "crashed", "pytest ended early: LookupError: no place for it"),
        ("raises", "crashed", "ZeroDivisionError"),
        ("late", "crashed", "on head: failed"),
        ("api", "inconclusive", "has no attribute 'only_head'"),
        ("never", "missing", "without calling its benchmark fixture"),
        ("last", "passed", ""),
        ("other/thing", "new", "base's suite does not have it"),  # its file cannot be imported there
    ],
)
def test_what_goes_wrong_is_named_and_costs_only_itself(
    troubles: TwoCommits, name: str, outcome: str | None, told: str
) -> None:
    """A benchmark that crashes, hangs, leaves, forks or raises on either side has no pass; the others are judged."""
    verdict = troubles.verdicts[name]
    assert verdict["outcome"] == (outcome or {"base": "inconclusive", "head": "crashed"}[verdict["reason"][3:7]]), (
        verdict
    )
    assert told in verdict["reason"]


def test_what_is_not_measured_is_exit_3_and_nothing_is_left(troubles: TwoCommits) -> None:
    """Nothing was slower, and the gate is not green."""
    assert troubles.answer.status == 3, troubles.answer
    troubles.assert_nothing_left()


def test_a_base_without_benchmarks_is_known_to_have_none(tmp_path: Path) -> None:
    """Its files can be collected and hold none, so nothing is missing: head's benchmark measures the code of both."""
    compared = TwoCommits(tmp_path)
    compared.commit(head=False, benches="")
    compared.commit(head=True, benches=once(first="toy.work(2000)"))
    compared.compare("--budget", "1000%")
    assert {name: verdict["outcome"] for name, verdict in compared.verdicts.items()} == {"first": "passed"}
    assert compared.project.result("compare")["notes"] == []


def test_failing_on_one_side_only_points_at_what_both_share(troubles: TwoCommits) -> None:
    """A port that both sides want is named as the likely cause."""
    assert "port, file or database" in troubles.verdicts["port"]["advice"]


def test_base_that_does_not_import(tmp_path: Path) -> None:
    """Without a base that runs there is no verdict on the change: exit 3, with base's own error."""
    made = TwoCommits(tmp_path)
    made.commit(head=False, benches=once(work="toy.work(9)"), more={"toy.py": "raise ImportError('no such luck')\n"})
    made.commit(head=True, benches=once(work="toy.work(9)"))
    answer = made.compare()
    assert answer.status == 3, answer
    verdict = made.verdicts["work"]
    assert verdict["outcome"] == "inconclusive"
    assert "no such luck" in verdict["reason"]
    assert any("base's own suite cannot be collected" in note for note in made.project.result("compare")["notes"])
    made.assert_nothing_left()


def test_selection_and_budget(tmp_path: Path) -> None:
    """--select measures a part and says so, also of what base alone has; --budget overrides every budget."""
    made = TwoCommits(tmp_path)
    benches = once(one="toy.changed(8)", other="toy.changed(8)")
    made.commit(head=False, benches=benches + once(one_gone="toy.work(9)"))
    made.commit(head=True, benches=benches)
    answer = made.compare("--select", "toy/one*", "--budget", "1000%", "--max-time", "1s")
    result = made.project.result("compare")
    assert answer.status == 3, answer
    assert (result["partial"], result["not_selected"]) == (True, ["toy/other"])
    assert made.verdicts.keys() == {"one", "one_gone"}
    assert made.verdicts["one"]["limit"]["maximum"] == 11.0
    assert made.verdicts["one"]["outcome"] in {"passed", "inconclusive"}
    assert made.compare("--select", "toy/two").status == 2
    assert "matches none" in made.answer.err


def test_what_has_no_budget_is_not_compared(tmp_path: Path) -> None:
    """`budget: none` leaves a benchmark out, also one that base alone has, and the result counts it."""
    made = TwoCommits(tmp_path)
    budgets = "schema: 1\nbudgets:\n  - {benchmark: '*', budget: 1000 %}\n  - {benchmark: toy/aid*, budget: none}\n"
    both = once(work="toy.work(20_000)", aid="toy.work(9)")
    made.commit(head=False, benches=both + once(aid_gone="toy.work(9)"), more={"targets.yaml": budgets})
    made.commit(head=True, benches=both)
    assert made.compare().status == 0, made.answer
    result = made.project.result("compare")
    assert made.verdicts.keys() == {"work"}
    assert (result["partial"], result["not_compared"]) == (False, ["toy/aid", "toy/aid_gone"])
    assert "2 without a budget" in made.answer.out
    refused = made.compare("--select", "toy/aid")
    assert refused.status == 2
    assert "targets.yaml:4" in refused.err


def test_a_percentile_is_of_single_calls(tmp_path: Path) -> None:
    """One call in fifty that takes much longer is seen by p99 and not by p90.

    Calls are so short that others hold up fewer than one in a hundred, on the busiest machine too.
    """
    made = TwoCommits(tmp_path)
    seldom = """
    import itertools
    def bench_{name}(benchmark):
        numbers = itertools.count()
        benchmark(lambda: toy.work(10_000 if toy.HEAD and next(numbers) % 50 == 0 else 100))
    """
    benches = "".join(textwrap.dedent(seldom.format(name=name)) for name in ("p99", "p90"))
    budgets = "schema: 1\nbudgets:\n" + "".join(
        f"  - {{benchmark: toy/{name}, budget: 400 %, metric: {name}}}\n" for name in ("p99", "p90")
    )
    made.commit(head=False, benches=benches, more={"targets.yaml": budgets})
    made.commit(head=True, benches=benches)
    assert made.compare().status == 1, made.answer
    assert {name: one["outcome"] for name, one in made.verdicts.items()} == {"p99": "slower", "p90": "passed"}
    assert made.verdicts["p99"]["change"]["clock"] == "calls"


def test_a_neighbour_in_the_repository_is_each_revision_s_own(tmp_path: Path) -> None:
    """A package beside the project, on the path, is not shared by the two sides."""
    repository = Repository.new(tmp_path)
    project = Project(tmp_path / "app")
    for turns in (20_000, 200_000):
        repository.commit({
            ".gitignore": ".hivegate\n__pycache__\n",
            "app/pyproject.toml": _CONFIGURATION + "[tool.pytest.ini_options]\npythonpath = ['../library']\n",
            "app/benches/bench_toy.py": "import neighbour\n" + once(work="neighbour.work()"),
            "library/neighbour.py": f"def work():\n    return sum(one for one in range({turns}))\n",
        })  # fmt: skip
    answer = project.hivegate("compare", "HEAD^1", "--budget", "100%")
    assert answer.status == 1, answer
    assert "forked" not in answer.out  # no fallback was needed


def test_an_interrupt_judges_what_was_done_and_leaves_nothing(tmp_path: Path) -> None:
    """A signal in a pair is exit 130, without a process or a folder; what was measured is kept, and is no pass."""
    made = TwoCommits(tmp_path)
    begun, temporary = tmp_path / "begun", tmp_path / "temporary"
    temporary.mkdir()
    benches = f"def begin():\n    open({str(begun)!r}, 'w').close()\n    toy.work(10**12)\n"
    benches += once(first="toy.work(9)", long="begin()", never="toy.work(9)")
    made.commit(head=False, benches=benches)
    made.commit(head=True, benches=benches)
    with subprocess.Popen(
        [sys.executable, "-m", "hivegate", "compare", "HEAD^1"],
        cwd=tmp_path,
        env={**os.environ, "CI": "true", "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        while not begun.exists() and running.poll() is None:
            time.sleep(0.02)
        assert len(working_in(tmp_path)) >= 4  # the command, the parent of the pair, and both children
        running.send_signal(signal.SIGHUP)
        rest = running.stderr.read()
        assert running.wait(timeout=120) == 130
    assert "Traceback" not in rest
    assert "no pass: hivegate report" in rest
    made.assert_nothing_left()
    assert list(temporary.iterdir()) == []
    assert made.verdicts["first"]["change"] is not None
    assert {name: made.verdicts[name]["code"] for name in ("long", "never")} == dict.fromkeys(
        ("long", "never"), "interrupted"
    )
    assert made.project.result("compare")["exit_status"] == 3
    answer = made.project.hivegate("verdict", ".hivegate/latest/compare.json")
    assert (answer.status, "interrupted" in answer.out) == (3, True)


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "[tool.hivegate]\npytest-args = ['-p', 'benches.hides']\n",
        "[tool.hivegate]\nbuild = ['python', '-c', 'open(\"made.txt\", \"w\").write(\"8\")']\n",
    ],
    ids=["conftest", "plugin", "built"],
)
def test_what_slows_base_alone_does_not_hide_a_slowdown(tmp_path: Path, settings: str) -> None:
    """Base's own benchmark files are laid over a copy of head, and show what head's conceal; nothing is left.

    What a build makes, which git ignores, is made in the copy and in base again.
    """
    made = TwoCommits(tmp_path)
    built = {"pyproject.toml": _CONFIGURATION + settings, ".gitignore": ".hivegate\n__pycache__\nmade.txt\n"}
    eight = "int(open(toy.__file__.replace('toy.py', 'made.txt')).read())" if "build" in settings else "8"
    benches = once(slower=f"toy.changed({eight})", equal="toy.work(20_000)")
    made.commit(head=False, benches=benches, more={**built} if "build" in settings else None)
    hides = "import toy\nif not toy.HEAD:\n    toy.changed = lambda by: toy.work(160_000)\n"
    file = f"benches/{'hides' if 'hides' in settings else 'conftest'}.py"
    made.commit(head=True, benches=benches, more={**built, file: hides})
    answer = made.compare("--budget", "100%")
    assert answer.status == 0, answer
    assert {name: verdict["code"] for name, verdict in made.verdicts.items()} == {
        "slower": "base-suite",
        "equal": "within-budget",
    }
    assert answer.out.startswith("REVIEW")
    assert "decided: 2 of 2" in " ".join(answer.out.split())
    made.assert_nothing_left()


def test_fallback_takes_the_same_turns_in_two_started_processes(tmp_path: Path) -> None:
    """Without a fork a slowdown is found too, and the report says why so and what cannot be seen."""
    made = TwoCommits(tmp_path)
    benches = once(slower="toy.changed(8)") + "\ndef bench_crash(benchmark): benchmark(lambda: toy.HEAD and exit_now())"
    benches += "\ndef exit_now():\n    import os\n    os._exit(9)\n"
    made.commit(head=False, benches=benches)
    made.commit(head=True, benches=benches)
    answer = made.compare("--fallback", "--budget", "100%")
    assert answer.status == 1, answer
    assert made.verdicts["slower"]["outcome"] == "slower"
    assert "ended with exit status 9" in made.verdicts["crash"]["reason"]
    (note,) = made.project.result("compare")["notes"]
    assert "two started processes instead of a forked pair: --fallback asks for it" in note
    sight = "about what a fork sees" if fixed_addresses(tmp_path) else "3 to 10 %"
    assert sight in note
    assert sight in " ".join(answer.out.split())
    made.assert_nothing_left()


def test_a_project_that_pytest_itself_loads_is_measured_in_started_processes(tmp_path: Path) -> None:
    """A fork would share it: each revision of such a project loads its own."""
    made = TwoCommits(tmp_path)
    benches = "import iniconfig\n" + once(slower="toy.changed(8 if iniconfig.MINE else 1)")
    parts: dict[str, str | None] = {
        f"iniconfig/{one.name}": one.read_text(encoding="utf-8") + "\nMINE = True\n"
        for one in Path(iniconfig.__file__).parent.glob("*.py")
    }
    made.commit(head=False, benches=benches, more=parts)
    made.commit(head=True, benches=benches)
    answer = made.compare("--budget", "100%")
    assert answer.status == 1, answer
    assert "loaded by pytest (iniconfig)" in made.project.result("compare")["notes"][0]


def test_memory_is_compared_exactly_where_a_budget_asks_for_it(tmp_path: Path) -> None:
    """A peak that grew by a tenth is slower, one by less than 4 KiB is within; time has its own verdict."""
    made = TwoCommits(tmp_path)
    benches = once(
        grown="bytearray(1_100_000 if toy.HEAD else 1_000_000)",
        little="bytearray(3_000 if toy.HEAD else 100)",
        same="bytearray(1_000_000)",
    )
    targets = """
        schema: 1
        budgets:
          - {benchmark: "*", budget: 1000 %}
          - {benchmark: "*", budget: 1 %, metric: peak_memory}
    """
    made.commit(head=False, benches=benches)
    made.commit(head=True, benches=benches, more={"targets.yaml": textwrap.dedent(targets)})
    answer = made.compare("--max-time", "1s")  # for the time of a call; memory takes what it needs
    assert answer.status == 1, answer
    found = {
        one["benchmark"].removeprefix("toy/"): one
        for one in made.project.result("compare")["verdicts"]
        if one["metric"] == "peak_memory"
    }
    assert {name: one["outcome"] for name, one in found.items()} == {
        "grown": "slower",
        "little": "passed",
        "same": "passed",
    }
    change = found["grown"]["change"]
    assert change["instrument"] == "memory"
    assert change["low"] == pytest.approx(1.1, rel=0.01)
    assert change["head_value"] - change["base_value"] == pytest.approx(100_000, rel=0.01)
    assert found["same"]["change"]["ratio"] == pytest.approx(1.0, abs=0.005)
    assert {one["metric"] for one in made.project.result("compare")["verdicts"]} == {"mean", "peak_memory"}


def test_changed_dependencies_are_told(tmp_path: Path) -> None:
    """Both revisions ran in one environment; with an interpreter for base they do not, and the report names that."""
    made = TwoCommits(tmp_path)
    benches = once(work="toy.work(20_000)")
    made.commit(head=False, benches=benches)
    depends = "[project]\nname = 'toy'\nversion = '0'\ndependencies = ['nobody-made-this>=1']\n"
    made.commit(head=True, benches=benches, more={"pyproject.toml": depends, "requirements.txt": "six==1\n"})
    made.compare(
        "--budget", "1000%", "--max-time", "2m", env={"PIP_NO_INDEX": "1", "UV_NO_INDEX": "1", "UV_OFFLINE": "1"}
    )
    (verdict,) = made.project.result("compare")["verdicts"]
    assert verdict["outcome"] == "inconclusive"
    told = "requirements.txt, project.dependencies of pyproject.toml differ, and base has no environment of its own"
    assert told in verdict["reason"]
    made.compare("--budget", "1000%", "--max-time", "1s", "--base-python", sys.executable)
    differs, started = made.project.result("compare")["notes"]
    assert "the same distributions" in differs
    assert "base has a separate environment" in started


def test_aa_test_shows_what_can_be_seen(tmp_path: Path) -> None:
    """Also of changes that are not committed; what budgets cannot judge is named, and what fails is exit 3."""
    made = TwoCommits(tmp_path)
    benches = once(steady="toy.work(60_000)") + "\nimport random\n" + once(noisy="toy.work(random.randrange(10**5))")
    made.commit(head=False, benches=benches)
    benches = benches.replace("toy.work(60_000)", "toy.only_head(60_000)")
    made.repository.write({"toy.py": _TOY.format(head=True), "benches/bench_toy.py": "import toy\n" + benches})
    answer = made.project.hivegate("aa-test")
    assert answer.status == 0, answer
    lines = {line.split()[0]: line for line in answer.out.splitlines() if line.startswith("toy/")}
    assert lines.keys() >= {"toy/steady", "toy/noisy"}
    assert "toy/noisy: its budget of 2 % cannot be judged here" in answer.out
    assert "-> allow" in answer.out
    made.assert_nothing_left()
    made.repository.write({"benches/bench_toy.py": "def bench_bad(benchmark): benchmark(lambda: 1 / 0)\n"})
    answer = made.project.hivegate("aa-test")
    assert answer.status == 3, answer
    assert "ZeroDivisionError" in answer.out


def test_ids_that_change_cost_those_benchmarks_only(tmp_path: Path) -> None:
    """One verdict for each that head collects, which names the cause; base's are not said to be removed."""
    benches = """
        import random, pytest
        class Codec: pass
        @pytest.mark.parametrize("codec", [Codec(), Codec()], ids=repr)
        def bench_codec(benchmark, codec): benchmark.pedantic(toy.work, args=(100,))
        @pytest.mark.parametrize("seed", [random.random()])
        def bench_seed(benchmark, seed): benchmark.pedantic(toy.work, args=(100,))
        def bench_other(benchmark): benchmark(toy.work, 100)
        """
    made = TwoCommits(tmp_path / "project")
    for head in (False, True):
        made.commit(head=head, benches=benches)
    assert made.compare("--budget", "1000%").status == 3
    verdicts = made.verdicts
    assert verdicts.pop("other")["outcome"] == "passed"
    assert sorted(name.partition("[")[0] for name in verdicts) == ["codec", "codec", "seed"]
    assert {one["outcome"] for one in verdicts.values()} == {"invalid"}
    assert all("its id changes from process to process" in one["reason"] for one in verdicts.values())
