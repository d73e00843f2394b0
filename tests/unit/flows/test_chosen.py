"""Which benchmarks of a real suite are measured: what settings and options leave out, and several of one test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hivegate.errors import EmptySuiteError, UsageError
from hivegate.flows.bench.flow import BenchOptions, BenchResult, bench
from hivegate.flows.bench.run import RunOptions, list_benchmarks, run
from hivegate.flows.merge import MergeOptions, merge
from hivegate.flows.project import find_project
from hivegate.measure.collect import collect
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

_BENCHES = """
import pytest

@pytest.mark.benchmark(group="io")
def test_reads(benchmark):
    benchmark.pedantic(int, rounds=1)

@pytest.mark.slow
class TestAll:
    @pytest.mark.benchmark(group="io", warmup=False)
    @pytest.mark.parametrize("size", [1, 2])
    def test_writes(self, benchmark, size):
        benchmark.pedantic(int, rounds=1)

def test_sums(benchmark):
    benchmark.pedantic(int, rounds=1)
"""
_TWO = """
import copy

def test_two(benchmark):
    second = copy.copy(benchmark)
    benchmark.pedantic(int, rounds=1)
    second(int)
"""
_NONE = """
import pytest

class TestAll:
    @pytest.fixture(autouse=True)
    def keep(self, benchmark):
        pass

    def test_plain(self):
        pass
"""
_TARGETS = "schema: 1\ntargets: [{benchmark: '*', max: 1000 s}, {benchmark: x/reads, max: 999 s}]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a project with four benchmarks."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "test_x.py").write_text(_BENCHES)
    (tmp_path / "targets.yaml").write_text(_TARGETS)
    settings(tmp_path, "")
    return tmp_path


def settings(folder: Path, exclude: str) -> None:
    """Exclude something of the suite."""
    pytest_options = "[tool.pytest.ini_options]\nmarkers = ['slow']\n"
    (folder / "pyproject.toml").write_text(f"{pytest_options}[tool.hivegate]\nexclude = [{exclude}]\n")


def measured(folder: Path, **options: tuple[str, ...]) -> BenchResult:
    """Measure three passes."""
    return bench(find_project(folder), BenchOptions(passes=3, max_passes=3, max_time=0.0, **options))  # type: ignore[arg-type]


def test_what_the_settings_exclude_is_named_and_never_passes(project: Path) -> None:
    """By group, in one note; a target that names it is missing, and the result is of the whole suite that is left."""
    settings(project, "'group:io', 'gone/*'")
    result = measured(project).gate
    assert {one.benchmark: one.outcome for one in result.verdicts} == {
        "x/sums": Outcome.PASSED,
        "x/reads": Outcome.MISSING,
    }
    assert not result.partial
    assert result.notes == (
        (
            "3 of 4 benchmarks are left out by `exclude` of [tool.hivegate], and so not measured: "
            "x/reads, x/TestAll.writes[1], x/TestAll.writes[2]"
        ),
        "`exclude` of [tool.hivegate] has 'gone/*', which matches no benchmark",
    )


def test_what_an_option_excludes_makes_the_result_partial(project: Path) -> None:
    """As a selection does: what is left out is named, and has no verdict."""
    result = measured(project, excluded=("marker:slow", "x/reads")).gate
    assert result.partial
    assert set(result.not_selected) == {"x/reads", "x/TestAll.writes[1]", "x/TestAll.writes[2]"}
    assert [one.outcome for one in result.verdicts if one.benchmark == "x/sums"] == [Outcome.PASSED]
    assert all(one.outcome is not Outcome.PASSED for one in result.verdicts if one.benchmark != "x/sums")


def test_two_benchmarks_of_one_test_are_both_measured(project: Path) -> None:
    """By fixtures of their own: the second is found while the first runs, and judged by itself."""
    (project / "benches" / "test_x.py").write_text(_TWO)
    (project / "targets.yaml").write_text(
        "schema: 1\ntargets:\n  - {benchmark: x/two, max: 9 s}\n  - {benchmark: 'x/two#2', max: 9 s}\n"
    )
    result = measured(project)
    assert {one.benchmark for one in result.gate.verdicts if one.outcome is Outcome.PASSED} == {"x/two", "x/two#2"}
    first, second = result.run.benchmarks
    assert len(first.samples) == len(second.samples) > 0


def test_shards_are_joined_also_where_tests_turn_out_to_be_two_benchmarks_or_none(project: Path) -> None:
    """What was divided is there again, what a test called besides, too; and what is no benchmark is gone."""
    (project / "benches" / "test_x.py").write_text(_TWO + _NONE)
    files = tuple(project / f"{number}.json" for number in (1, 2))
    for number, file in enumerate(files, start=1):
        run(find_project(project), RunOptions(passes=3, shard=(number, 2), out=file))
    result = merge(find_project(project), MergeOptions(files=files))
    assert isinstance(result, BenchResult)
    assert {one.id for one in result.run.benchmarks} == {"x/two", "x/two#2"}


def test_groups_and_markers_select(project: Path) -> None:
    """A group that a marker names, and the markers of classes too; what names nothing is refused with what there is."""
    found = find_project(project)
    options = RunOptions(selectors=("group:io",), excluded=("marker:parametrize",))
    assert list_benchmarks(found, options) == ("x/reads",)
    with pytest.raises(UsageError, match="known groups: io"):
        list_benchmarks(found, RunOptions(selectors=("group:oi",)))


def test_a_file_whose_name_nobody_can_decode_is_measured(project: Path) -> None:
    """Its bytes travel as escapes, and what pytest notes down of its own runs stays as it is."""
    name = os.fsdecode(b"test_caf\xe9.py")
    (project / "benches" / name).write_text("def test_one(benchmark): benchmark.pedantic(int, rounds=1)\n")
    noted = project / ".pytest_cache" / "v" / "cache" / "lastfailed"
    noted.parent.mkdir(parents=True)
    noted.write_text('{"tests/test_own.py::test_it": true}')
    result = measured(project).gate
    assert {one.outcome for one in result.verdicts if one.benchmark == "caf\\udce9/one"} == {Outcome.PASSED}
    assert noted.read_text() == '{"tests/test_own.py::test_it": true}'


def test_a_suite_that_is_excluded_whole_is_no_suite(project: Path) -> None:
    """Nothing that is measured is no success."""
    settings(project, "'*'")
    with pytest.raises(EmptySuiteError, match="4 of 4 benchmarks are left out"):
        collect(find_project(project).subject())
