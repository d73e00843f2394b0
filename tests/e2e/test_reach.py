"""What a change can reach: what it cannot is not measured, and what could be slower always is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Project
from tests.repository import Repository
from tests.unreached_mutants import mutant
from tests.unreached_project import commit_mutants, traced

from hivegate.measure.reach import why_not_traced

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.measure.reach import Reach

# One of each way in which something is reached; `nox -s proofs -- unreached` has them all.
_SAMPLE = {
    "default": "module's own code",
    "docstring": "module's own code",
    "monkeypatch elsewhere": "patches.py",
    "constants of a function": "it runs other",
    "line of a traceback": "reads numbers of lines",
    "text of a source": "it reads",
    "data by C": "data.txt",
    "size of a file": "data.txt",
    "file that is there": "it looks for",
    "listed file": "it lists",
    "module that is found": "it looks for",
    "process": "starts a process",
}


@pytest.fixture(scope="module")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Reach:
    """Trace a change that consists of mutants."""
    folder = tmp_path_factory.mktemp("mutants")
    commit_mutants(folder, {f"m{place}": mutant(kind, 1, f"m{place}") for place, kind in enumerate(_SAMPLE)})
    return traced(folder)


def test_what_a_change_reaches_without_changing_a_function_that_runs_is_measured(reach: Reach) -> None:
    """No mutant is taken for unreached, and each is reached for what it does."""
    assert reach.unreached == {}
    reasons = {kind: reach.reached[f"mutants/m{place}"] for place, kind in enumerate(_SAMPLE)}
    assert [kind for kind, why in reasons.items() if _SAMPLE[kind] not in why] == [], reasons


def test_what_a_change_cannot_reach_is_unchanged_and_never_passed(tmp_path: Path) -> None:
    """Bodies of functions that do not run, comments, moved lines and files that nobody looks at reach nothing."""
    repository = Repository.new(tmp_path)
    project = Project(tmp_path)
    module = (
        "{0}RATE = 2\n\n\ndef total(items):\n    return sum(item * RATE for item in items)\n\n\n"
        "def other(items):\n    def inner():\n        return {1}\n    return inner\n\n\n"
        "class Basket:\n    def empty(self):\n        return {1}\n"
    )
    repository.commit({
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n[tool.hivegate]\nreached = true\n",
        ".gitignore": ".hivegate/\n__pycache__/\n",
        "shop.py": module.format("", "1"),
        "rare.py": "def work():\n    return 1\n",
        "README.md": "A shop.\n",
        "targets.yaml": "schema: 1\nbudgets:\n  - {benchmark: '*', budget: 900 %}\n",
        "benches/bench_shop.py": "import shop\n\n\n"
        "def bench_total(benchmark): benchmark.pedantic(shop.total, args=([1, 2],), rounds=3)\n\n\n"
        "def bench_again(benchmark): benchmark.pedantic(shop.total, args=([1],), rounds=3)\n",
    })  # fmt: skip
    repository.write({
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '2'\n[tool.hivegate]\nreached = true\n",
        "shop.py": module.format("# a comment\n\n", "2 + 2"),
        "rare.py": "def work():\n    return 2\n",
        "README.md": "A better shop.\n",
        "docs/new.md": "New.\n",
        "tests/test_rare.py": "def test_rare():\n    pass\n",
    })  # fmt: skip

    answer = project.hivegate("compare", "HEAD", "--max-time", "5s")
    result = project.result("compare")

    assert (answer.status, result["outcome"]) == (0, "unchanged"), answer.out
    assert {verdict["outcome"] for verdict in result["verdicts"]} == {"unchanged"}
    measured = [verdict for verdict in result["verdicts"] if verdict["change"] is not None]
    assert len(measured) == 1  # the audit
    assert "UNCHANGED  2 unchanged" in answer.out
    untested = {(one["name"], one["file"]) for one in result["untested"]}
    assert untested == {("other.inner", "shop.py"), ("Basket.empty", "shop.py"), ("work", "rare.py")}
    assert "this change touches work (rare.py:1 to 2), which no benchmark runs" in " ".join(answer.out.split())

    annotations = project.hivegate("report", "--format", "annotations").out
    assert "::notice file=rare.py,line=1,title=No benchmark runs it::this change touches work" in annotations
    assert "test_rare" not in annotations

    project.hivegate("compare", "HEAD", "--select", "shop/again", "--max-time", "1s")
    assert project.result("compare")["untested"] == []  # the other may run it

    project.hivegate("compare", "HEAD", "--all", "--max-time", "1s")
    everything = project.result("compare")
    assert everything["untested"] == []
    assert not any(verdict["outcome"] == "unchanged" for verdict in everything["verdicts"])


def test_where_nothing_can_be_traced_everything_is_measured() -> None:
    """An interpreter whose processes show too little is named."""
    assert why_not_traced("3.12.1", "CPython") == ""
    assert "CPython 3.11 to 3.13" in why_not_traced("3.10.4", "CPython")
    assert why_not_traced("3.14.0", "CPython")
    assert "PyPy" in why_not_traced("3.11.1", "PyPy")
