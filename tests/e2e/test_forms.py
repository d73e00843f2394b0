"""Every form of a benchmark, under whatever pytest and pytest-benchmark are installed: ``nox -s subjects`` has many.

The suite writes down how often its setups and teardowns run, and sleeps in them: time that must not be measured.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Project
from tests.repository import Repository

pytestmark = pytest.mark.timed

ODD = ["a b", "x::y", "n=5", "50 %", "[nested]", "a/b.py", "\u00e9t\u00e9", "'\"$(x)`", "line\nbreak"]
BENCHES = f"""
import time
import pytest
import toy

ODD = {ODD!r}
UNTIMED = 0.02

def test_called(benchmark):
    assert benchmark(toy.work, 2_000) == toy.work(2_000)

def test_decorated(benchmark):
    @benchmark
    def result():
        return toy.work(2_000)
    assert result == toy.work(2_000)

def test_pedantic(benchmark):
    assert benchmark.pedantic(toy.work, args=(2_000,), rounds=5, iterations=10, warmup_rounds=1) == toy.work(2_000)

def test_prepared(benchmark):
    def setup():
        time.sleep(UNTIMED)
        return (50_000,), {{}}  # a sampler must see it, too
    benchmark.pedantic(toy.work, setup=setup, rounds=4)

def test_cleaned(benchmark):
    benchmark.pedantic(toy.work, args=(2_000,), rounds=4, **toy.teardown(lambda *_, **__: time.sleep(UNTIMED)))

class TestGroup:
    @pytest.mark.benchmark(group="in a class", min_rounds=3, disable_gc=True)
    def test_method(self, benchmark):
        benchmark(toy.work, turns=2_000)

@pytest.mark.parametrize("text", ODD, ids=ODD)
def test_odd(benchmark, text):
    benchmark(toy.work, 2_000)
"""
TOY = """
import inspect
from pytest_benchmark.fixture import BenchmarkFixture

def work(turns):
    total = 0
    for one in range(turns):
        total += one
    return total

def teardown(call):
    # Only pytest-benchmark 5 knows it.
    known = "teardown" in inspect.signature(BenchmarkFixture.pedantic).parameters
    return {"teardown": call} if known else {}
"""
UNTIMED = 0.02
PLAIN = {"called", "decorated", "pedantic", "prepared", "cleaned", "TestGroup.method"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a repository with the suite in two commits that are alike."""
    repository = Repository.new(tmp_path_factory.mktemp("forms") / "project")
    repository.commit({
        "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
        ".gitignore": ".hivegate\n__pycache__\n",
        "toy.py": TOY,
        "conftest.py": "",
        "benches/bench_forms.py": BENCHES,
        "targets.yaml": "schema: 1\ntargets:\n  - {benchmark: 'forms/*', max: 100 ms}\n",
    })  # fmt: skip
    repository.commit({"NEWS": "Nothing is slower.\n"})
    return Project(repository.folder)


@pytest.fixture(scope="module")
def measured(made: Project) -> dict[str, dict[str, Any]]:
    """Measure and judge once; returns the verdicts by the benchmarks' names."""
    answer = made.hivegate("bench", "--passes", "3")
    assert answer.status == 0, answer
    return {one["benchmark"].removeprefix("forms/"): one for one in made.result()["verdicts"]}


def test_every_form_is_measured_and_judged(measured: dict[str, dict[str, Any]]) -> None:
    """Each benchmark has a verdict that it passed, odd names and all."""
    assert {one["outcome"] for one in measured.values()} == {"passed"}
    names = set(measured)
    assert names >= PLAIN
    odd = sorted(name for name in names if name.startswith("odd["))
    assert len(odd) == len(ODD)
    assert {"odd[a b]", "odd[x::y]", "odd[n=5]", "odd[50 %]", "odd[[nested]]", "odd[a/b.py]"} <= set(odd)


def test_setup_and_teardown_are_not_timed(measured: dict[str, dict[str, Any]]) -> None:
    """A call between pauses takes as long as one without, by a factor that the pauses would exceed."""
    for name in ("prepared", "cleaned"):
        assert measured[name]["estimate"]["value"] < UNTIMED / 2


def test_every_form_is_profiled(made: Project, measured: dict[str, dict[str, Any]]) -> None:
    """What is prepared for each round, and what has an odd name: py-spy, or its fallback, names the work."""
    assert {"prepared", "odd[n=5]"} <= set(measured)
    answer = made.hivegate("profile", "forms/prepared", "forms/odd[n=5]", "--tool", "py-spy", "--seconds", "0.5")
    assert answer.status == 0, answer
    told = json.loads((made.folder / ".hivegate" / "profiles" / "profiles.json").read_text(encoding="utf-8"))
    named = {(one["benchmark"], one["kind"]) for one in told["profiles"] if one["top"][0]["function"] == "work"}
    assert {benchmark for benchmark, _ in named} == {"forms/prepared", "forms/odd[n=5]"}, told
    print(*sorted(named), *told["notes"], sep="\n")  # noqa: T201  pytest -s shows what worked, for the record


def test_every_form_is_compared(made: Project) -> None:
    """Both revisions of each form are called in pairs."""
    selected = [
        word for name in ("called", "pedantic", "prepared", "odd*n=5*") for word in ("--select", f"forms/{name}")
    ]
    answer = made.hivegate("compare", "HEAD~1", *selected, "--budget", "900%")
    assert answer.status == 0, answer
    verdicts = made.result("compare")["verdicts"]
    assert {one["benchmark"]: one["outcome"] for one in verdicts} == dict.fromkeys(
        ("forms/called", "forms/pedantic", "forms/prepared", "forms/odd[n=5]"), "passed"
    )
