"""The package as it is handed out: built, installed into an empty environment, and used there."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from tests.act import find_tool
from tests.conftest import Answer
from tests.documents import ROOT
from tests.repository import Repository

import hivegate

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
LARGEST = 45 * 10**6  # bytes that a base install may take beside numpy


class Installed:
    """An environment that holds the wheel and what it requires, no extra, and a project to use it in."""

    def __init__(self, environment: Path, project: Repository) -> None:
        self.python = environment / "bin" / "python"
        self.packages = next(environment.glob("lib/python*/site-packages"))
        self.project = project.folder

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Answer:
        """Run a program of the environment in the project, knowing of no other; a traceback fails the test."""
        ended = subprocess.run(
            [self.python.parent / words[0], *words[1:]],
            cwd=self.project,
            env={"PATH": f"{self.python.parent}:{os.defpath}", "HOME": str(self.project), "CI": "true", **(env or {})},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in ended.stdout + ended.stderr, ended.stderr
        return Answer(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution from the repository, and the wheel from the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    _build(ROOT, folder, "sdist")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "source", filter="data")
    _build(next((folder / "source").iterdir()), folder, "wheel")
    return folder


def _build(source: Path, out: Path, kind: str) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel alone, and make a project with two commits."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(environment, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-compile", next(built.glob("*.whl"))], check=True, timeout=600)
    folder = tmp_path_factory.mktemp("project") / "project"
    shutil.copytree(HERE / "small_project", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    project = Repository.new(folder)
    project.commit({".gitignore": ".hivegate/\n__pycache__/\n"})
    project.commit({"NEWS": "Nothing is slower.\n"})
    return Installed(environment, project)


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    """Every file of the package is in it, pages and templates too; no tests, no benches, no results."""
    package = Path(hivegate.__file__).parent
    ours = {
        f"hivegate/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        names = set(archive.namelist())
    about = f"hivegate-{hivegate.__version__}.dist-info"
    assert {name for name in names if not name.startswith(about)} == ours
    assert {"hivegate/py.typed", f"{about}/licenses/LICENSE", f"{about}/entry_points.txt"} <= names


def test_the_source_distribution_holds_what_is_needed_and_no_results(built: Path) -> None:
    """It has what its tests need; not the hive, another distribution, and nothing that a run leaves behind."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"noxfile.py", "targets.yaml", "tests/conftest.py", "benches/bench_gate.py", ".github/records"} <= names
    assert not [name for name in names if name.startswith("hive/")]
    left = re.compile(r"(^|/)(\.hivegate|\.swarm|\.nox|\.venv|\.git|__pycache__|build|dist)/")
    assert not [name for name in names if left.search(name)]


def test_a_build_is_the_same_wherever_it_is_made(built: Path, tmp_path: Path) -> None:
    """The wheel of the tree and that of the unpacked source distribution have the same bytes."""
    _build(ROOT, tmp_path, "wheel")
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == (built / again.name).read_bytes()


def test_the_metadata_are_valid(built: Path) -> None:
    """An index takes them: every field is valid, and the description is text that it can show."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        data = archive.read(f"hivegate-{hivegate.__version__}.dist-info/METADATA")
    metadata = Metadata.from_email(data, validate=True)
    assert (metadata.name, metadata.license_expression) == ("hivegate", "MIT")
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description
    assert metadata.description.startswith("# hivegate")
    assert set(metadata.provides_extra or ()) >= {"all", "history", "memory", "postgres", "profile"}


def test_a_base_install_is_small(installed: Installed) -> None:
    """Without extras it takes at most 45 MB beside numpy, bytecode included, and no SciPy."""
    assert not list(installed.packages.glob("scipy*"))
    others = [path for path in installed.packages.iterdir() if not re.match(r"numpy\b", path.name)]
    for path in others:
        compileall.compile_dir(path, quiet=2)
    size = sum(file.stat().st_size for path in others for file in [path, *path.rglob("*")] if file.is_file())
    assert size <= LARGEST, f"{size / 10**6:.1f} MB"
    print(f"{size / 10**6:.1f} MB")  # noqa: T201  pytest -s shows the figure


def test_the_flow_of_a_user(installed: Installed) -> None:
    """Look, measure, judge again, compare, report, explain: each command ends well in a base install."""
    for words, said in {
        ("--help",): "Gate performance",
        ("--version",): hivegate.__version__,
        ("run", "--collect-only"): "totals/total_by_loop",
        ("bench", "--passes", "3", "--select", "*", "-q"): "PASSED",
        ("check", ".hivegate/latest/run.json"): "PASSED",
        ("compare", "HEAD~1", "--budget", "900%", "-q"): "PASSED",
        ("report", "--format", "html"): "<!doctype html>",
        ("report", "--format", "markdown"): "PASSED",
        ("explain", "totals/total"): "Gauss beats the loop",
        ("validate",): "",
        ("doctor",): "pip install 'hivegate[history]'",
        ("init", "--dry-run"): "targets.yaml",
        # Without py-spy the named fallback draws the flame graph; its page and its scripts are in the wheel.
        ("profile", "totals/total", "--seconds", "0.5"): "hivegate[profile]",
    }.items():
        answer = installed.run("hivegate", *words)
        assert answer.status == 0, (words, answer)
        assert said in answer.out, (words, answer)
    assert list(installed.project.glob(".hivegate/profiles/*/flame.html"))


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("hivegate", "history", "show"), "history"),
        (("hivegate", "history", "add"), "history"),
        (("hivegate", "history", "dashboard", "--out", "site"), "history"),
        (("hivegate", "report", "--store"), "history"),
    ],
)
def test_what_needs_an_extra_names_it(installed: Installed, words: tuple[str, ...], extra: str) -> None:
    """Exit status 2 and the extra to install, never a traceback."""
    answer = installed.run(*words)
    assert answer.status == 2, answer
    assert f"hivegate[{extra}]" in answer.err


def test_another_program_uses_the_public_names(installed: Installed) -> None:
    """The consumer reads, judges and tells what the command measured."""
    assert installed.run("hivegate", "bench", "--passes", "3", "-q").status == 0
    latest = ".hivegate/latest"
    program = str(HERE / "consumer" / "judge_results.py")
    answer = installed.run("python", program, "targets.yaml", f"{latest}/run.json", f"{latest}/bench.json")
    assert answer.status == 0, answer
    assert answer.out.splitlines()[-1] == "totals/total"
    assert answer.out.splitlines().count("passed 0") == 2
    answer = installed.run("python", program, "targets.yaml", "gone.json", f"{latest}/bench.json")
    assert (answer.status, answer.out) == (2, "gone.json: no such file\n")


WRONG = """
import hivegate

project = hivegate.find_project(3)
verdicts: list[int] = [one.outcome for one in hivegate.bench(project).gate.verdicts]
"""


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_types_reach_other_projects(installed: Installed, checker: str, tmp_path: Path) -> None:
    """Strict checkers accept the consumer, and find in a wrong one both mistakes: no type is lost on the way."""
    tool = find_tool(checker, checker)
    shutil.copytree(HERE / "consumer", tmp_path / "consumer")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, encoding="utf-8")
    python = ["--strict", "--python-executable"] if checker == "mypy" else ["--pythonpath"]
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    ended = subprocess.run(
        [tool, *python, installed.python, "."], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    faults = re.findall(r"^ *(?:\S*/)?(\w+\.py):(\d+)\b.*error", ended.stdout, re.MULTILINE)
    assert sorted(faults) == [("wrong.py", "4"), ("wrong.py", "5")], ended.stdout + ended.stderr
