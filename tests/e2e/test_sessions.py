"""Sessions that other projects register: two packages in one repository, each measured in an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.act import BIN, ROOT
from tests.conftest import Project
from tests.documents import Block, blocks
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timed

NOXFILES = [one for one in blocks("python") if "import nox" in one.text or "hivegate.sessions" in one.text]
MONOREPO = next(one.text for one in NOXFILES if '("alpha", "beta")' in one.text)
PACKAGE = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"
    [project]
    name = "{name}"
    version = "1"
    [tool.hivegate]
    paths = ["speed"]
    passes = 3
"""
SUITE = """
    import sys
    import {name}

    def test_work(benchmark):
        assert {name}.__file__.endswith("packages/{name}/{name}.py")
        assert sys.prefix.endswith("bench-{name}") or "bench" not in sys.prefix
        benchmark({name}.work)
"""
TARGETS = """
    schema: 1
    targets: [{{benchmark: {name}/work, max: 1 min}}]
    budgets: [{{benchmark: "*", budget: 50 %}}]
"""
QUICK = "def work():\n    return sum(range(2000))\n"


def files(name: str) -> dict[str, str | None]:
    """Make a package with a suite of its own."""
    texts = {
        "pyproject.toml": PACKAGE,
        f"speed/bench_{name}.py": SUITE,
        "targets.yaml": TARGETS,
        f"{name}.py": QUICK,
    }
    return {f"packages/{name}/{file}": text.format(name=name) for file, text in texts.items()}


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a repository of two packages with the noxfile that the reference shows."""
    made = Repository.new(tmp_path_factory.mktemp("monorepo") / "both")
    made.commit(files("alpha") | files("beta") | {"noxfile.py": MONOREPO})
    return made


def run_nox(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run nox with environments of its own, in which pip finds all but the project installed, and needs no network."""
    offline = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # as pip reads it, no isolation
        "NOX_SCRIPT_MODE": "none",
    }
    return subprocess.run(
        [sys.executable, "-m", "nox", *words],
        cwd=folder,
        env={**os.environ, **offline, "CI": "true"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def benched(monorepo: Repository) -> str:
    """Run both packages' session once."""
    done = run_nox(monorepo.folder, "-s", "bench-alpha", "bench-beta", "--", "--select", "*/work")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_each_package_is_measured_in_its_folder(monorepo: Repository, benched: str, name: str) -> None:
    """The result of a package is of its own suite alone, judged by its own targets, measured in its own environment."""
    package = Project(monorepo.folder / "packages" / name)
    assert package.outcomes() == {f"{name}/work": "passed"}
    python = monorepo.folder / ".nox" / f"bench-{name}" / "bin" / "python"
    assert f"-m hivegate bench --python {python} --select '*/work'" in benched
    assert not (monorepo.folder / ".hivegate").exists()


def test_a_package_is_compared_with_its_base(monorepo: Repository, benched: str) -> None:
    """By -C from the root: a slowed package is red, the other is not, and nothing of the one is the other's."""
    assert benched
    monorepo.commit({"packages/alpha/alpha.py": QUICK.replace("2000", "20000")})
    root = Project(monorepo.folder)
    slow = root.hivegate("-C", "packages/alpha", "compare", "HEAD^")
    assert slow.status == 1, slow.out + slow.err
    assert "alpha/work" in slow.out
    assert root.hivegate("-C", "packages/beta", "compare", "HEAD^").status == 0


@pytest.mark.parametrize("block", NOXFILES, ids=str)
def test_shown_noxfiles_register_sessions(block: Block, tmp_path: Path) -> None:
    """Each noxfile of the documents loads, and has the sessions that its page names."""
    packages = re.findall(r'"(\w+)"', (re.search(r"^for \w+ in (.*):$", block.text, re.MULTILINE) or [""])[0])
    for name in packages:
        Repository(tmp_path).write(files(name))
    (tmp_path / "pyproject.toml").write_text("[dependency-groups]\ntest = ['pytest-benchmark']\n", encoding="utf-8")
    (tmp_path / "noxfile.py").write_text(block.text, encoding="utf-8")
    listed = run_nox(tmp_path, "--list").stdout
    suffixes = [f"-{name}" for name in packages] or [""]
    commands = ("bench", "compare", "profile", "aa-test", "report", "verdict")
    assert set(re.findall(r"^[-*] (\S+) ->", listed, re.MULTILINE)) == {c + s for c in commands for s in suffixes}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("register(folder='nowhere')", "no folder 'nowhere' next to the noxfile"),
        ("register(groups=['nothing'])", "nothing"),
        ("register(); hivegate.sessions.register()", "a session named bench already exists: pass a prefix or a suffix"),
        ("register(python=['3.11', '3.12'], prefix='x-', venv_backend='venv')", "x-bench-3.12"),
        ("register(paths=['speed'], targets='t.yaml')", "bench"),
    ],
)
def test_options_of_register(tmp_path: Path, call: str, said: str) -> None:
    """Options change the sessions, and what cannot be is told by its name."""
    (tmp_path / "pyproject.toml").write_text("[dependency-groups]\ntest = []\n", encoding="utf-8")
    (tmp_path / "noxfile.py").write_text(f"import hivegate.sessions\nhivegate.sessions.{call}\n", encoding="utf-8")
    done = run_nox(tmp_path, "--list")
    assert said in done.stdout + done.stderr


def test_the_environment_may_be_ones_own(monorepo: Repository) -> None:
    """With the backend none nothing is installed, and the Python on the PATH is measured with."""
    text = 'import hivegate.sessions\nhivegate.sessions.register(folder="packages/beta", venv_backend="none")\n'
    (monorepo.folder / "own.py").write_text(text, encoding="utf-8")
    done = run_nox(monorepo.folder, "-f", "own.py", "-s", "bench")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pip install" not in done.stderr
    assert "PASSED  1 passed" in done.stdout


def test_paths_and_targets_reach_every_command(monorepo: Repository) -> None:
    """A suite that is named in the noxfile is the one that is compared and profiled, not the configured one."""
    package = monorepo.folder / "packages" / "beta"
    project = Project(package)
    project.write("other/bench_other.py", "def test_other(benchmark):\n    benchmark(len, 'abc')\n")
    listed = project.hivegate("run", "--collect-only", "other").out
    compared = project.hivegate("aa-test", "--path", "other")
    assert listed.split() == ["other/other"]
    assert "other/other" in compared.out
    assert "beta/work" not in compared.out


def hook() -> dict[str, Any]:
    """Read the hook that pre-commit would."""
    return dict(yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0])


def test_the_hook_checks_every_targets_file(project: Project) -> None:
    """Its entry, called as pre-commit calls it with the files that its pattern matches, refuses a bad one alone."""
    shown = next(yaml.safe_load(one.text) for one in blocks("yaml") if "repos:" in one.text)
    found = hook()
    assert shown["repos"][0]["hooks"] == [{"id": found["id"]}]
    names = ["targets.yaml", "packages/a/targets.yaml", "mytargets.yaml", "targets.yaml.txt"]
    matched = [name for name in names if re.search(found["files"], name)]
    assert matched == names[:2]
    project.write("targets.yaml", "schema: 1\n")
    project.write("packages/a/targets.yaml", "schema: 1\ntargets: [{benchmark: a/b, max: 5}]\n")
    command = found["entry"].split()
    assert command[0] == "hivegate"
    answer = project.hivegate(*command[1:], *matched)
    assert answer.status == 2
    assert answer.out.startswith("targets.yaml: 0 targets")
    assert "packages/a/targets.yaml:2:" in answer.err
