"""Nothing that a suite deselects is silently no benchmark: it is taken over, or counted and named with the cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.errors import EmptySuiteError, MeasureError
from hivegate.flows.project import find_project
from hivegate.measure.collect import Collection, collect

if TYPE_CHECKING:
    from pathlib import Path

BENCHES = """
import pytest

@pytest.mark.benchmark
@pytest.mark.slow
def test_sum(benchmark):
    benchmark(sum, range(10))

def test_sorted(benchmark):
    benchmark(sorted, range(10))

def test_plain():
    pass
"""
ALL = ["x/sum", "x/sorted"]
FLAG = """
def pytest_addoption(parser):
    parser.addoption("--run-benchmarks", action="store_true")
"""

IGNORING_HOOK = """
def pytest_ignore_collect(collection_path):
    return True if collection_path.name == 'test_y.py' else None
"""


def collected(folder: Path, *, addopts: str = "", conftest: str = "", settings: str = "") -> Collection:
    """Collect a suite of two benchmarks with these options."""
    (folder / "benches").mkdir(exist_ok=True)
    (folder / "benches" / "test_x.py").write_text(BENCHES)
    (folder / "benches" / "conftest.py").write_text(conftest)
    options = f"[tool.pytest.ini_options]\nmarkers = ['slow']\naddopts = {addopts!r}\n"
    (folder / "pyproject.toml").write_text(f"{options}[tool.hivegate]\n{settings}\n")
    return collect(find_project(folder).subject())


def ids(collection: Collection) -> list[str]:
    """List what was found."""
    return [item.id for item in collection.found]


@pytest.mark.parametrize(
    ("addopts", "said"),
    [
        ("-m 'not benchmark'", "select by marker (-m)"),
        ("-m 'not slow'", "select by marker (-m)"),
        ("-k 'not sum'", "select by keyword (-k)"),
        ("--deselect=benches/test_x.py::test_sum", "contain --deselect"),
        ("--lf", "contain --last-failed (--lf)"),
        ("--lf --lfnf=none", "contain --last-failed (--lf)"),
        ("--ff", ""),
        ("--sw", "contain --stepwise (--sw)"),
    ],
)
def test_options_that_deselect_are_taken_over(tmp_path: Path, addopts: str, said: str) -> None:
    """Whatever ran before; the note names the option."""
    collection = collected(tmp_path, addopts=addopts)
    assert ids(collection) == ALL
    assert [said in note for note in collection.notes] == [True] * bool(said)


def test_the_variable_of_pytest_is_taken_over_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option has its note, and those that only select say how to keep them."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-m slow -k nothing --lf")
    collection = collected(tmp_path)
    assert ids(collection) == ALL
    assert ["pytest-args" in note for note in collection.notes] == [True, True, False]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-m", "slow"], ["x/sum"]),
        (["-k", "sorted"], ["x/sorted"]),
        (["--deselect=benches/test_x.py::test_sum"], ["x/sorted"]),
    ],
)
def test_what_is_handed_on_to_pytest_selects(tmp_path: Path, arguments: list[str], found: list[str]) -> None:
    """pytest-args are the user's word to hivegate, and win over addopts; what they deselect is counted and named."""
    collection = collected(tmp_path, addopts="-m 'not slow' -k sum", settings=f"pytest-args = {arguments}")
    assert ids(collection) == found
    assert any(note.startswith("1 benchmark is deselected") for note in collection.notes)


@pytest.mark.parametrize(
    "hook",
    [
        "    items[:] = [item for item in items if 'sum' not in item.name]\n",
        """
    gone = [item for item in items if 'sum' in item.name]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]
""",
    ],
)
def test_what_a_hook_removes_is_counted_and_named(tmp_path: Path, hook: str) -> None:
    """Whether or not it says so to pytest; the suite's own flag brings it back."""
    conftest = (
        FLAG
        + """
def pytest_collection_modifyitems(config, items):
    if config.getoption('--run-benchmarks'):
        return
"""
    )
    collection = collected(tmp_path, conftest=conftest + hook)
    assert ids(collection) == ["x/sorted"]
    (note,) = collection.notes
    assert note.startswith("1 benchmark is deselected by a hook of the suite, and so not measured: ")
    assert "benches/test_x.py::test_sum" in note
    assert ids(collected(tmp_path, conftest=conftest + hook, settings="pytest-args = ['--run-benchmarks']")) == ALL


@pytest.mark.parametrize(
    ("addopts", "conftest"),
    [
        ("--ignore=benches/test_y.py", ""),
        ("--ignore-glob=*test_y*", ""),
        ("", "collect_ignore = ['test_y.py']"),
        ("", "collect_ignore_glob = ['*_y.py']"),
        ("", IGNORING_HOOK),
    ],
)
def test_files_that_are_left_out_are_counted_and_named(tmp_path: Path, addopts: str, conftest: str) -> None:
    """Only files with benchmarks are: others are none of hivegate's business."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "test_y.py").write_text("def test_y(benchmark):\n    benchmark(sum, [])\n")
    (tmp_path / "benches" / "test_y_plain.py").write_text("def test_plain():\n    pass\n")
    collection = collected(tmp_path, addopts=addopts, conftest=conftest)
    assert ids(collection) == ALL
    (note,) = collection.notes
    assert note.startswith("1 file with benchmarks left out by --ignore, collect_ignore or a hook")
    assert "benches/test_y.py;" in note


def test_an_ignored_folder_is_looked_into(tmp_path: Path) -> None:
    """A suite of nothing else is empty, and the message says why and what helps; the help helps."""
    deep = tmp_path / "benches" / "deep"
    deep.mkdir(parents=True)
    (deep / "test_y.py").write_text("def test_y(benchmark):\n    benchmark(sum, [])\n")
    options = "-m 'not benchmark' --ignore=benches/deep --ignore=benches/test_x.py"
    with pytest.raises(EmptySuiteError, match=r"2 files with benchmarks left out .*: benches/") as caught:
        collected(tmp_path, addopts=options)
    assert "benches/deep/test_y.py" in str(caught.value)
    assert 'pytest-args = ["-o", "addopts="]' in str(caught.value)
    cured = collected(tmp_path, addopts=options, settings='pytest-args = ["-o", "addopts="]')
    assert sorted(ids(cured)) == ["deep/y/y", *sorted(ALL)]


@pytest.mark.parametrize(
    ("addopts", "settings"),
    [
        ("-p pytest_benchmark.plugin -p pytest_timeout --timeout=5", ""),
        ("", "pytest-args = ['-p', 'pytest_benchmark.plugin', '-p', 'pytest_timeout', '--timeout=5']"),
    ],
)
def test_plugins_are_known_by_their_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addopts: str, settings: str
) -> None:
    """Where nothing is loaded by itself, a suite loads plugins by ``-p MODULE``, under another name."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    found = collected(tmp_path, addopts=addopts, settings=settings)
    assert ids(found) == ALL
    assert any("pytest-timeout limits the suite's tests" in note for note in found.notes)


@pytest.mark.parametrize("autoload", [True, False])
def test_what_keeps_pytest_benchmark_away_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, autoload: bool
) -> None:
    """With the setting that brings it back, which is tried as well."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    if not autoload:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    addopts = "-p no:benchmark" if autoload else ""
    with pytest.raises(MeasureError, match="no:benchmark" if autoload else "PYTEST_DISABLE_PLUGIN_AUTOLOAD") as fault:
        collected(tmp_path, addopts=addopts)
    cure = fault.value.hint.partition(": ")[2].partition(" under ")[0]
    assert ids(collected(tmp_path, addopts=addopts, settings=cure)) == ALL


def test_profilers_and_processes_of_plugins_are_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told; an option of the suite's own that is called as pytest-profiling's stays on."""
    options = {"pytest_profiling": ("--profile",), "own": ("--forked", "--memray")}
    for name, flags in options.items():
        adding = "".join(f"    parser.addoption({flag!r}, action='store_true')\n" for flag in flags)
        (tmp_path / f"{name}.py").write_text(f"def pytest_addoption(parser):\n{adding}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = "-p pytest_benchmark.plugin -p pytest_profiling -p own"
    told = collected(tmp_path, addopts=f"{plugins} --profile --forked --memray").notes
    assert [note.partition(" ")[0] for note in told] == ["pytest-profiling", "pytest-forked", "pytest-memray"]
    (tmp_path / "own.py").write_text((tmp_path / "pytest_profiling.py").read_text())
    assert collected(tmp_path, addopts="-p pytest_benchmark.plugin -p own --profile").notes == ()
