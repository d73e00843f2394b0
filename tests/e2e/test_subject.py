"""What ran is what is judged: real projects whose code under test comes, or does not come, from where it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import Project
from tests.repository import Repository

pytestmark = pytest.mark.timed

_LIBRARY = next(Path(msgspec.__file__).parent.glob("*.so"))
# No environment can be made: neither tool finds a package.
_NO_INDEX = {
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_FIND_LINKS": "/nowhere",
    "UV_NO_INDEX": "1",
    "UV_OFFLINE": "1",
    "UV_NO_CACHE": "1",
    "UV_FIND_LINKS": "",
}
_FALLBACK = """
import ctypes, os
_FAST = os.path.join(os.path.dirname(__file__), "_fast.so")
if os.path.exists(_FAST):
    ctypes.PyDLL(_FAST)
def work():
    return sum(range(2_000 if os.path.exists(_FAST) else 200_000))
"""
_BENCH = "import toy\n\ndef bench_work(benchmark):\n    benchmark(toy.work)\n"


class Subject:
    """A repository with a project in it, and the command run there."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository.new(folder)
        self.project = Project(folder)
        ignored = ".hivegate\n__pycache__\n*.so\nmade.py\n"
        self.repository.write({".gitignore": ignored, "benches/bench_toy.py": _BENCH, "pyproject.toml": ""})

    def compare(self, *arguments: str) -> dict[str, Any]:
        """Compare with the commit before; returns the result, its exit status in it."""
        answer = self.project.hivegate(
            "compare", "HEAD^", "--budget", "50%", "--max-time", "2m", *arguments, env=_NO_INDEX
        )
        result = self.project.result("compare")
        assert answer.status == result["exit_status"], answer
        return result


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """Give a repository without a commit."""
    return Subject(tmp_path / "project")


def only(result: dict[str, Any]) -> dict[str, Any]:
    """Give the only verdict."""
    (verdict,) = result["verdicts"]
    return dict(verdict)


def test_what_head_compiled_is_base_s_where_the_sources_are_equal(subject: Subject) -> None:
    """Once base fell back to Python, and equal trees were 100 times faster."""
    subject.repository.commit({"toy/__init__.py": _FALLBACK, "toy/_fast.c": "1"})
    subject.repository.commit({"README": ""})
    (subject.project.folder / "toy" / "_fast.so").write_bytes(_LIBRARY.read_bytes())
    result = subject.compare()
    assert only(result)["outcome"] == "passed"
    assert result["loaded"]["base"] == result["loaded"]["head"]
    assert list(result["loaded"]["head"]["compiled"]) == ["toy/_fast"]


def test_another_source_of_what_is_compiled_never_passes_without_its_build(subject: Subject) -> None:
    """Neither as faster, although base runs its fallback, nor as passed."""
    subject.repository.commit({"toy/__init__.py": _FALLBACK, "toy/_fast.c": "1"})
    subject.repository.commit({"toy/_fast.c": "2"})
    (subject.project.folder / "toy" / "_fast.so").write_bytes(_LIBRARY.read_bytes())
    result = subject.compare()
    verdict = only(result)
    assert (verdict["outcome"], verdict["code"], result["exit_status"]) == ("inconclusive", "subject-unproven", 3)
    assert "toy/_fast.c differs, and base has no environment of its own" in verdict["reason"]
    assert "--base-python" in verdict["advice"]


def test_a_lock_that_differs_never_passes_unless_base_gets_what_it_says(subject: Subject) -> None:
    """What is slower in one environment on both sides is slower all the same."""
    work = "def work():\n    return sum(range({}))\n"
    subject.repository.commit({"toy.py": work.format(10_000), "poetry.lock": "1"})
    subject.repository.commit({"poetry.lock": "2"})
    verdict = only(subject.compare())
    assert verdict["outcome"] == "inconclusive"
    assert "poetry.lock differs, and base has no environment of its own" in verdict["reason"]
    subject.repository.commit({"toy.py": work.format(40_000), "poetry.lock": "3"})
    result = subject.compare()
    assert (only(result)["outcome"], result["exit_status"]) == ("slower", 1)


def test_a_build_command_runs_in_both_trees(subject: Subject) -> None:
    """What it generates is of each revision, and so is the command: head's could do to base what suits head."""
    build = "from pathlib import Path\nPath('made.py').write_text('SIZE = ' + Path('size').read_text())\n"
    settings = '[tool.hivegate]\nbuild = ["python", "build.py"]\n'
    toy = "import made\ndef work():\n    return sum(range(made.SIZE))\n"
    subject.repository.commit({"build.py": build, "pyproject.toml": settings, "toy.py": toy, "size": "10_000"})
    renamed = {"build.py": None, "make.py": build, "pyproject.toml": settings.replace("build.py", "make.py")}
    subject.repository.commit({"size": "40_000", **renamed})
    assert only(subject.compare())["outcome"] == "slower"
    subject.repository.commit({"make.py": "raise SystemExit('no compiler')\n"})
    subject.repository.commit({"make.py": build})
    verdict = only(subject.compare())
    assert verdict["outcome"] == "inconclusive"
    assert "base cannot be built: " in verdict["reason"]
    assert "no compiler" in verdict["reason"]


@pytest.mark.parametrize(
    ("begins", "file"), [("True", "toy.py"), ("'pair' in open(sys.argv[1]).read()[:2000]", "benches/conftest.py")]
)
def test_head_that_writes_to_base_s_sources_never_passes(subject: Subject, begins: str, file: str) -> None:
    """Its code runs while base's tree lies there, from when it is collected on: what is written there is not base."""
    slow = "\nfor _ in range(10):\n    pass\n"
    writes = f"import glob, sys\nfor tree in glob.glob('.hivegate/trees/*-*/'):\n    if {begins}:\n"
    writes += f"        open(tree + {file!r}, 'a').write({slow!r})\n"
    toy = "def work():\n    return sum(range(10_000))\n"
    subject.repository.commit({"toy.py": toy})
    subject.repository.commit({"toy.py": writes + toy})
    verdict = only(subject.compare())
    assert verdict["outcome"] == "inconclusive", verdict
    assert f"{file} in base's tree was written to" in verdict["reason"]


def test_a_suite_that_loads_nothing_of_the_project_never_passes(subject: Subject) -> None:
    """Unless a benchmark says that it measures a library; neither in `bench`."""
    benches = (
        "def bench_lost(benchmark):\n    benchmark(sum, range(1000))\n\n"
        "def bench_library(benchmark):\n"
        "    benchmark.extra_info['subject'] = 'external'\n    benchmark(sum, range(1000))\n"
    )
    targets = "schema: 1\ntargets:\n  - {benchmark: 'toy/*', metric: p50, max: 1 s}\n"
    files = {"toy.py": "def work(): pass\n", "benches/bench_toy.py": benches, "targets.yaml": targets}
    subject.repository.commit(dict(files))
    subject.repository.commit({"toy.py": "def work(): return 1\n"})
    expected = {"toy/lost": "inconclusive", "toy/library": "passed"}
    result = subject.compare()
    assert {one["benchmark"]: one["outcome"] for one in result["verdicts"]} == expected
    assert result["exit_status"] == 3
    assert subject.project.hivegate("bench").status == 3
    assert subject.project.outcomes() == expected
    assert "no file of this project" in next(
        one["reason"] for one in subject.project.result()["verdicts"] if one["benchmark"] == "toy/lost"
    )


@pytest.mark.parametrize("command", ["bench", "compare", "profile"])
def test_another_checkout_is_refused_by_every_command(subject: Subject, tmp_path: Path, command: str) -> None:
    """A git worktree whose environment is the first checkout's measures a third tree."""
    targets = "schema: 1\ntargets:\n  - {benchmark: 'toy/*', metric: p50, max: 1 s}\n"
    subject.repository.commit({"src/toy/__init__.py": "def work(): pass\n", "targets.yaml": targets})
    subject.repository.commit({"README": ""})
    subject.repository.git("worktree", "add", "-q", str(tmp_path / "second"))
    second = Project(tmp_path / "second")
    arguments = {"bench": (), "compare": ("HEAD^",), "profile": ("toy/work", "--tool", "py-spy")}[command]
    source = str(subject.project.folder / "src")
    answer = second.hivegate(command, *arguments, env={"PYTHONPATH": source})
    assert answer.status == 3, answer
    assert f"toy was loaded from {source}/toy/__init__.py" in answer.err
    assert "install this tree" in answer.err


def test_the_report_says_what_was_loaded(subject: Subject) -> None:
    """In a line, and in the result with the digests of what is compiled."""
    subject.repository.commit({"toy/__init__.py": "def work(): pass\n", "toy/more.py": ""})
    subject.repository.commit({"toy/__init__.py": "from toy import more\ndef work(): pass\n"})
    answer = subject.project.hivegate("compare", "HEAD^", "--budget", "100%", "--max-time", "30s", env=_NO_INDEX)
    said = " ".join(answer.out.split())
    assert "loaded on base 1 source file of the project, on head 2 source files of the project" in said, answer
