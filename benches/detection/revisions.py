"""A project in two git revisions, made for one trial: base, and head with what was put in."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from detection.unrelated import with_unrelated
from detection.workloads import SUBJECT, WORKLOADS, dosed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detection.plan import Share

_AUTHOR = ("-c", "user.name=Detection", "-c", "user.email=detection@example.org", "-c", "commit.gpgsign=false")
_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "subject"
version = "0"

[tool.setuptools.packages.find]
where = ["src"]

[tool.pytest.ini_options]
python_files = ["bench_*.py"]
python_functions = ["bench_*"]
pythonpath = ["src"]
"""
_IGNORED = ".hivegate\n.benchmarks\n.asv\n__pycache__\n*.egg-info\nbuild\n"


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        """Run git; returns what it prints, raises `RuntimeError` with what it says where it fails."""
        command = ["git", *_AUTHOR, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)  # noqa: S603  an argument list
        if done.returncode:
            raise RuntimeError(f"git {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], message: str) -> str:
        """Write files and commit everything; returns the commit."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def new_repository(folder: Path) -> Repository:
    """Make an empty repository whose branch is main."""
    folder.mkdir(parents=True)
    made = Repository(folder)
    made.git("init", "-q", "-b", "main")
    return made


def make_revisions(folder: Path, trial: int, shares: Mapping[str, Share]) -> tuple[str, str]:
    """Commit base and head of the made subject; returns both commits, and head is checked out."""
    repository = new_repository(folder)
    modules = {path.name: path.read_text(encoding="utf-8") for path in sorted(SUBJECT.glob("*.py"))}
    base = repository.commit({**_suites(shares), **_placed(modules)}, "Base")
    doses = {name: share.dose for name, share in shares.items()}
    head = with_unrelated({**modules, "doses.py": dosed(doses)}, trial)
    return base, repository.commit(_placed(head), "Head")


def targets_of(suite: str, shares: Mapping[str, Share]) -> str:
    """Spell the targets.yaml that gives each benchmark its budget."""
    entries = [
        f"  - {{benchmark: '{suite}{name}', budget: {share.budget} %}}\n" for name, share in sorted(shares.items())
    ]
    return "schema: 1\nbudgets:\n" + "".join(entries)


def _placed(modules: Mapping[str, str]) -> dict[str, str]:
    return {f"src/subject/{name}": text for name, text in modules.items()}


def _suites(shares: Mapping[str, Share]) -> dict[str, str]:
    """Write the same calls as a suite of each tool."""
    chosen = [one for one in WORKLOADS if one.name in shares]
    imports = "".join(f"from subject.{one.module} import {one.name}\n" for one in chosen)
    pytest = "".join(f"\n\ndef bench_{one.name}(benchmark):\n    benchmark({one.name})\n" for one in chosen)
    asv = "".join(f"\n\ndef time_{one.name}():\n    {one.name}()\n" for one in chosen)
    pyperf = "".join(f'runner.bench_func("{one.name}", {one.name})\n' for one in chosen)
    return {
        "pyproject.toml": _PYPROJECT,
        ".gitignore": _IGNORED,
        "targets.yaml": targets_of("subject/", shares),
        "benches/bench_subject.py": imports + pytest,
        "asv_benchmarks/__init__.py": "",
        "asv_benchmarks/subjects.py": imports + asv,
        "pyperf_subject.py": f"import pyperf\n{imports}\nrunner = pyperf.Runner()\n{pyperf}",
    }
