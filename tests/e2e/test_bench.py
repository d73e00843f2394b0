"""``hivegate bench`` as a user meets it: real suites, real processes, real exit statuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import venv
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

pytestmark = pytest.mark.timed

Suite = Callable[..., Any]

FAST = "def test_work(benchmark): benchmark(sum, range(100))\n"
LIMIT = """
targets:
  - benchmark: toy/work
    max: {limit}
"""


def test_a_suite_within_its_limits_passes(suite: Suite) -> None:
    """A benchmark far below its limit is PASSED and the exit status is 0."""
    made = suite(FAST, LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert answer.out.startswith("PASSED")
    assert made.outcomes() == {"toy/work": "passed"}


def test_a_benchmark_beyond_its_limit_fails(suite: Suite) -> None:
    """A benchmark far above its limit is FAILED, the report says by how much, and the exit status is 1."""
    made = suite("def test_work(benchmark): benchmark(sum, range(50_000))\n", LIMIT.format(limit="1 us"))
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 1, answer
    assert answer.out.startswith("FAILED")
    assert "max 1 us" in answer.out
    verdict = made.result()["verdicts"][0]
    assert verdict["outcome"] == "failed"
    assert verdict["estimate"]["low"] > 1e-6
    assert verdict["estimate"]["n"] == 2  # so far beyond its limit that more would change nothing


def test_a_should_target_only_warns(suite: Suite) -> None:
    """A broken target of a tier that warns is FAILED in the report and does not fail the gate."""
    made = suite(FAST, LIMIT.format(limit="1 ns") + "    tier: should\n")
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert "WARNING" in answer.out


UNMEASURED = {
    "crash": ("def test_crash(benchmark): os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
    "raise": ("def test_raise(benchmark): benchmark(lambda: 1 / 0)", "ZeroDivisionError"),
    "late": ("def test_late(benchmark): assert benchmark(lambda: 3) == 4", "assert 3 == 4"),
    "skip": ("def test_skip(benchmark): pytest.skip('not today')", "not today"),
    "never": ("def test_never(benchmark): pass", "without calling its benchmark fixture"),
    "coroutine": ("async def work(): pass\ndef test_coroutine(benchmark): benchmark(lambda: work())", "a coroutine"),
}


def test_what_is_not_measured_never_passes(suite: Suite) -> None:
    """A benchmark that crashed, raised or was skipped has its reason, and the exit status is 3; none is begun again."""
    benches = "\n".join(["import os, pytest, signal", *(code for code, _ in UNMEASURED.values())])
    targets = "targets:\n" + "".join(f"  - {{benchmark: toy/{name}, max: 1 s}}\n" for name in UNMEASURED)
    made = suite(benches, targets)
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 3, answer
    reasons = {
        one["benchmark"]: one["reason"] for one in made.result()["verdicts"] if one["outcome"] in {"crashed", "missing"}
    }
    assert reasons.keys() == {f"toy/{name}" for name in UNMEASURED}
    for name, (_, expected) in UNMEASURED.items():
        assert expected in reasons[f"toy/{name}"]
    run = json.loads((made.folder / ".hivegate" / "latest" / "run.json").read_text())
    assert {one["id"]: len(one["samples"]) for one in run["benchmarks"]}["toy/raise"] == 1


def test_a_target_that_names_no_benchmark_is_found_before_anything_is_measured(suite: Suite) -> None:
    """Collecting knows it: the answer comes at once, with the name that was most likely meant."""
    made = suite(
        "def test_sums(benchmark): benchmark(sum, range(100))\ndef test_other(benchmark): benchmark(int)\n",
        "targets:\n  - {benchmark: toy/sum, max: 1 s}\n  - {benchmark: toy/other, max: 1 s}\n",
    )
    answer = made.hivegate("bench")
    assert (answer.status, made.outcomes()) == (3, {"toy/sum": "missing"})
    assert "pass 1" not in answer.err
    assert "nothing was measured: 1 of 2 targets name no benchmark" in " ".join(answer.out.split())
    assert "renamed to toy/sums?" in answer.out
    assert re.search(r"hivegate: took \d+ (s|min); report: \.hivegate/report\.html\n$", answer.err)
    assert "nothing was measured: 1 of 2" in (made.folder / ".hivegate" / "report.html").read_text(encoding="utf-8")


def test_extra_info_is_the_suites_own(suite: Suite) -> None:
    """What does not fit is a note, and the benchmark is judged; only a target that needs it is invalid."""
    made = suite(
        "def test_work(benchmark):\n    benchmark.extra_info['operations'] = 'ten'\n    benchmark(int)\n",
        "targets:\n  - {benchmark: toy/work, max: 1 s}\n  - {benchmark: toy/work, max: 1 s, per: operation}\n",
    )
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 3, answer
    assert [one["outcome"] for one in made.result()["verdicts"]] == ["passed", "invalid"]
    assert any("extra_info.operations is 'ten'" in note for note in made.result()["notes"])


def test_a_hang_is_stopped_and_named(suite: Suite) -> None:
    """A benchmark that never returns is stopped at its deadline and is CRASHED; those after it are measured."""
    made = suite(
        "import threading\n"
        "def test_work(benchmark): benchmark(threading.Event().wait)\n"
        "def test_other(benchmark): benchmark(int)\n",
        LIMIT.format(limit="1 s"),
    )
    made.write("pyproject.toml", "[tool.hivegate]\ntimeout = 6.0\n")
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 3, answer
    assert "set `timeout` under [tool.hivegate]" in made.result()["verdicts"][0]["reason"]
    assert made.outcomes() == {"toy/work": "crashed", "toy/other": "new"}


def test_percentiles_are_of_single_calls(suite: Suite) -> None:
    """Percentile targets make the worker time single calls, so a rare slow call shows that a mean would hide."""
    made = suite(
        """
        import itertools
        turns = itertools.count()
        def work():
            if next(turns) % 20 == 0:
                sum(range(200_000))
        def test_work(benchmark): benchmark(work)
        """,
        """
        targets:
          - {benchmark: toy/work, metric: p99, max: 10 s}
          - {benchmark: toy/work, metric: p90, max: 10 s}
        """,
    )
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    rare, usual = (one["estimate"]["value"] for one in made.result()["verdicts"])
    assert rare > 20 * usual


def test_the_suites_own_options_do_not_spoil_measuring(suite: Suite) -> None:
    """A suite that says ``-x``, ``--benchmark-disable`` and a junit file is measured all the same, and told so."""
    made = suite(
        "def test_first(benchmark): assert not benchmark(int)\n" + FAST,
        LIMIT.format(limit="1 s"),
        "addopts = -x --benchmark-disable --junitxml=junit.xml",
    )
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert "--benchmark-disable" in answer.out
    assert not (made.folder / "junit.xml").exists()


def test_a_suite_under_xdist_is_measured_one_by_one_and_told_so(suite: Suite) -> None:
    """``-n 2`` of the suite is switched off with a note: pytest-benchmark would silently measure nothing."""
    pytest.importorskip("xdist")
    made = suite(FAST, LIMIT.format(limit="1 s"), "addopts = -n 2")
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert "pytest-xdist" in answer.out
    assert made.outcomes() == {"toy/work": "passed"}


def test_a_selection_is_partial(suite: Suite) -> None:
    """``--select`` measures what matches, marks the result partial and counts what it left out."""
    made = suite(FAST + "def test_other(benchmark): benchmark(int)\n", LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench", "--passes", "3", "--select", "toy/w*")
    assert answer.status == 0, answer
    result = made.result()
    assert result["partial"] is True
    assert result["not_selected"] == ["toy/other"]
    assert made.outcomes() == {"toy/work": "passed"}


def test_a_selector_that_matches_nothing_is_an_error(suite: Suite) -> None:
    """A misspelt selector is a usage error that names the likely id, not an empty pass."""
    made = suite(FAST, LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench", "--select", "toy/wrok")
    assert answer.status == 2
    assert "did you mean toy/work?" in answer.err


def test_a_partner_is_measured_along(suite: Suite) -> None:
    """A selected benchmark that is held against another brings it along, and the ratio is judged."""
    made = suite(
        """
        import pytest
        @pytest.mark.parametrize("n", [1000, 2000])
        def test_work(benchmark, n): benchmark(sum, range(n))
        @pytest.mark.parametrize("n", [1000, 2000])
        def test_work_slowly(benchmark, n): benchmark(sum, range(n * 10))
        """,
        """
        targets:
          - benchmark: toy/work[*]
            relative_to: toy/work_slowly[*]
            max: 50 %
        """,
    )
    answer = made.hivegate("bench", "--passes", "3", "--select", "toy/work[2000]")
    assert answer.status == 0, answer
    (verdict,) = made.result()["verdicts"][:1]
    assert verdict["benchmark"] == "toy/work[2000]"
    assert verdict["outcome"] == "passed"
    assert 0.02 < verdict["estimate"]["value"] < 0.5


def test_growth_memory_and_custom_metrics_are_measured(suite: Suite) -> None:
    """Growth over sizes, tracemalloc's peak of one call and the benchmark's own metrics are judged like times."""
    made = suite(
        """
        import pytest
        @pytest.mark.parametrize("n", [1000, 4000, 16000])
        def test_work(benchmark, n):
            benchmark.extra_info["metrics"] = {"answers": {"value": n, "better": "higher"}}
            benchmark(lambda: list(range(1000, 1000 + n)))
        """,
        """
        targets:
          - {benchmark: "toy/work[*]", metric: complexity, between: [0.5, 1.5]}
          - {benchmark: "toy/work[16000]", metric: peak_memory, between: [500 kB, 700 kB]}
          - {benchmark: "toy/work[16000]", metric: answers, min: 16000}
        """,
    )
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    memory = made.result()["verdicts"][1]["estimate"]
    assert memory["low"] == memory["high"]
    assert memory["n"] == 2


def test_calibration_makes_a_limit_travel(suite: Suite) -> None:
    """A time in turns of the reference loop is judged as a plain number."""
    made = suite(
        FAST,
        """
        targets:
          - {benchmark: toy/work, relative_to: reference, between: [0.5, 500]}
        """,
    )
    assert made.hivegate("bench", "--passes", "3").status == 0


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("targets:\n  - benchmark: toy/work\n    max: 100\n", "did you mean 100 ms?"),
        ("targets:\n  - benchmark: toy/work\n    max: 1 s\n    max: 2 s\n", "duplicate key"),
        ("targtes: []\n", "did you mean targets?"),
    ],
    ids=["limit without a unit", "duplicate key", "unknown key"],
)
def test_a_wrong_targets_file_is_an_error_before_anything_is_measured(suite: Suite, targets: str, message: str) -> None:
    """A targets.yaml with a fault is exit status 2, with file, line and the likely fix."""
    made = suite(FAST, targets)
    answer = made.hivegate("bench")
    assert answer.status == 2
    assert "targets.yaml:" in answer.err
    assert message in answer.err
    assert not (made.folder / ".hivegate").exists()


def test_a_suite_that_cannot_be_collected_is_not_judged(suite: Suite) -> None:
    """A benchmark file with a syntax error is exit status 3 and shows pytest's own words."""
    made = suite("def test_work(benchmark: pass\n", LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench")
    assert answer.status == 3
    assert "SyntaxError" in answer.err


def test_an_empty_suite_is_not_judged(suite: Suite) -> None:
    """A suite without benchmarks is exit status 3, never a pass."""
    made = suite("def test_plain(): pass\n", LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench")
    assert answer.status == 3
    assert "no benchmarks found" in answer.err


def test_a_python_without_pytest_benchmark_is_named(suite: Suite, tmp_path: Path) -> None:
    """An environment that lacks pytest-benchmark is exit status 3 and says what to install."""
    made = suite(FAST, LIMIT.format(limit="1 s"))
    venv.create(tmp_path / "bare", with_pip=False)
    answer = made.hivegate("bench", "--python", str(tmp_path / "bare" / "bin" / "python"))
    assert answer.status == 3
    assert "pytest-benchmark not installed" in answer.err


def test_two_benchmarks_with_one_id_are_refused(suite: Suite) -> None:
    """Two benchmarks that would answer to one id are an error that names both."""
    made = suite(FAST + "def bench_work(benchmark): benchmark(int)\n", LIMIT.format(limit="1 s"))
    answer = made.hivegate("bench")
    assert answer.status == 3
    assert "test_work" in answer.err
    assert "bench_work" in answer.err


def test_the_projects_own_plugins_fixtures_and_markers_keep_working(suite: Suite) -> None:
    """A conftest fixture, an autouse fixture, a marker, a class and pedantic with setup are measured as written."""
    made = suite(
        """
        import pytest
        class TestGroup:
            @pytest.mark.benchmark(group="own", min_rounds=7)
            def test_work(self, benchmark, data): benchmark(sum, data)
        def test_pedantic(benchmark, data):
            benchmark.pedantic(lambda own: own.sort(), setup=lambda: ((list(data),), {}), rounds=30)
        """,
        """
        targets:
          - {benchmark: toy/TestGroup.work, max: 1 s}
          - {benchmark: toy/pedantic, max: 1 s}
          - {benchmark: toy/pedantic, metric: p90, max: 1 s, tier: should}
        """,
    )
    made.write(
        "benches/conftest.py",
        """
        import pytest
        @pytest.fixture
        def data(): return list(range(100, 0, -1))
        @pytest.fixture(autouse=True)
        def around(): yield
        """,
    )
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    assert set(made.outcomes().values()) == {"passed"}


def test_run_then_check_judges_the_same(suite: Suite) -> None:
    """What ``run`` wrote is judged by ``check`` like a result of ``bench``, elsewhere or later."""
    made = suite(FAST, LIMIT.format(limit="1 s"))
    assert made.hivegate("run", "--passes", "3", "--out", "out/run.json").status == 0
    answer = made.hivegate("check", "out/run.json")
    assert answer.status == 0, answer
    assert "3 passes" in answer.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_leaves_no_process_and_says_so(suite: Suite, number: int) -> None:
    """Ctrl-C, or a job that is cancelled, ends with 130 and takes the measured process along."""
    made = suite(
        "import os, pathlib, threading\n"
        "def test_work(benchmark):\n"
        "    pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "    benchmark(threading.Event().wait)\n",
        LIMIT.format(limit="1 s"),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "hivegate", "bench"], cwd=made.folder, stderr=subprocess.PIPE, text=True
    )
    pid_file = made.folder / "pid"
    while not (pid_file.exists() and pid_file.read_text()):
        assert process.poll() is None
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in err
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_a_suite_that_traces_coverage_and_shuffles_is_measured_without(project: Project) -> None:
    """Its own options stay on pytest's command line; no tracer runs, and tests come in their order."""
    for plugin in ("pytest_cov", "pytest_randomly"):
        pytest.importorskip(plugin)
    project.write(
        "pyproject.toml",
        "[project]\nname = 'toy'\nversion = '0'\n"
        "[tool.pytest.ini_options]\naddopts = '--cov=benches --cov-report=term --randomly-seed=3'\n",
    )
    names = [f"test_{letter}" for letter in "hgfedcba"]
    body = "(benchmark):\n    seen.append(1)\n    benchmark(len, seen)\n    assert (sys.gettrace(), len(seen))"
    tests = "".join(f"def {name}{body} == (None, {place})\n" for place, name in enumerate(names, start=1))
    project.write("benches/test_order.py", f"import sys\nseen = []\n{tests}")
    project.write("targets.yaml", "schema: 1\ntargets:\n  - {benchmark: order/*, max: 1 s}\n")
    plugins = {"PYTEST_ADDOPTS": "-p no:rerunfailures -p no:timeout"}
    answer = project.hivegate("bench", "--passes", "3", env=plugins)
    assert answer.status == 0, answer
    assert set(project.outcomes().values()) == {"passed"}
