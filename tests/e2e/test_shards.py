"""One suite on several machines: measured in shards, merged and judged."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timed

_SUITE = """
import pytest

@pytest.mark.parametrize("count", [100, 1000])
def test_total(benchmark, count):
    benchmark.pedantic(sum, args=(range(count),), rounds=5)

@pytest.mark.parametrize("count", [100, 1000])
def test_total_by_loop(benchmark, count):
    benchmark.pedantic(lambda: [one for one in range(count)], rounds=5)
"""
_TARGETS = """
schema: 1
targets:
  - {benchmark: "totals/total[*]", max: 1 s}
  - {benchmark: "totals/total[1000]", relative_to: "totals/total_by_loop[1000]", max: 100000 %}
budgets:
  - {benchmark: "*", budget: 1000 %}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project of two revisions; head has one benchmark less."""
    made = Repository.new(tmp_path_factory.mktemp("shards"))
    gone = "\ndef test_gone(benchmark):\n    benchmark.pedantic(sum, args=(range(9),), rounds=5)\n"
    files: dict[str, str | None] = {"pyproject.toml": "", "targets.yaml": _TARGETS, ".gitignore": "*.json\n.hivegate\n"}
    made.commit({**files, "benches/bench_totals.py": _SUITE + gone})
    made.commit({"benches/bench_totals.py": _SUITE})
    return made.folder


def hivegate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the project."""
    command = [sys.executable, "-m", "hivegate", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)


def outcomes(file: Path) -> dict[str, str]:
    """Tell the outcome of each verdict of a result."""
    return {
        f"{one['benchmark']} {one['metric']} {one['relative_to']}": one["outcome"]
        for one in json.loads(file.read_text(encoding="utf-8"))["verdicts"]
    }


def test_a_run_in_shards_has_the_verdicts_of_the_whole(project: Path) -> None:
    """None is left out, what is held against another is measured beside it, and the parts are disjoint."""
    for number in (1, 2):
        ended = hivegate(project, "run", "--passes", "3", "--shard", f"{number}/2", "--out", f"run{number}.json")
        assert (ended.returncode, f"shard {number}/2" in ended.stdout) == (0, True), ended.stderr
    parts = [json.loads((project / f"run{number}.json").read_text()) for number in (1, 2)]
    ids = [[one["id"] for one in part["benchmarks"]] for part in parts]
    assert sorted(ids[0] + ids[1]) == sorted(
        f"totals/{name}[{n}]" for name in ("total", "total_by_loop") for n in (100, 1000)
    )
    assert any({"totals/total[1000]", "totals/total_by_loop[1000]"} <= set(part) for part in ids)
    ended = hivegate(project, "merge", "run2.json", "run1.json", "--json", "merged.json", "--out", "whole.json")
    assert ended.returncode == 0, ended.stderr
    assert "partial" not in ended.stdout
    assert set(outcomes(project / "merged.json").values()) <= {"passed", "new"}
    assert hivegate(project, "check", "whole.json", "--json", "checked.json").returncode == 0
    assert outcomes(project / "checked.json") == outcomes(project / "merged.json")


def test_a_comparison_in_shards_names_what_is_gone(project: Path) -> None:
    """Every benchmark of either revision is in one shard, also what base alone has; durations balance the next time."""
    for number in (1, 2):
        ended = hivegate(project, "compare", "--shard", f"{number}/2", "--out", f"compared{number}.json")
        assert ended.returncode == 0, ended.stderr
    ended = hivegate(
        project, "merge", "compared1.json", "compared2.json", "--json", "merged.json", "--out", "compared.json"
    )
    assert ended.returncode == 3, ended.stdout + ended.stderr
    found = outcomes(project / "merged.json")
    assert found.pop("totals/gone mean None") == "missing"
    assert (len(found), set(found.values()) - {"passed", "faster"}) == (4, set())
    again = hivegate(project, "run", "--shard", "1/2", "--durations", "compared.json", "--out", "next.json")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "run1.json"), "run1.json: is shard 1/2 of a run\n  join all of them: hivegate merge"),
        (("merge", "run1.json"), "the shards: of 2, shard 2 is missing\n  a failed machine writes no shard"),
        (("merge", "run1.json", "compared1.json"), "compared1.json: is a comparison, but run1.json is a run"),
        (("merge", "whole.json"), "whole.json: is a whole run, not a shard"),
        (("merge", "nowhere.json"), "nowhere.json: no such file"),
        (("run", "--shard", "3/2"), "'3/2' is not a shard; write 1/8"),
        (("run", "--durations", "whole.json"), "--durations balances shards, and there are none"),
    ],
)
def test_what_is_no_whole_suite_is_refused(project: Path, arguments: tuple[str, ...], message: str) -> None:
    """By the file, with what would mend it; nothing is judged."""
    ended = hivegate(project, *arguments)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_another_targets_file_is_refused(project: Path, tmp_path: Path) -> None:
    """What it asks for was perhaps not measured; where the file lies does not matter."""
    other, same = tmp_path / "other.yaml", tmp_path / "same.yaml"
    other.write_text(_TARGETS.replace("1 s", "2 s"), encoding="utf-8")
    same.write_text(_TARGETS, encoding="utf-8")
    refused = hivegate(project, "merge", "run1.json", "run2.json", "--targets", str(other))
    assert (refused.returncode, "was measured for another targets.yaml" in refused.stderr) == (2, True)
    assert hivegate(project, "merge", "run1.json", "run2.json", "--targets", str(same)).returncode == 0
