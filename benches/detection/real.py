"""cattrs from PyPI as the project, and a change put into its entry points.

Of each hundred calls of `structure` or `unstructure` that come from outside, head makes so many twice, evenly spread; a
benchmark of its own suite, unchanged, makes one such call, and a hundred of them are one call to the tools. Both
revisions count: what counting costs (0.2 us of 5 to 57 us a call) is on both sides, and shrinks a dose by 0.4 to 4 %
of itself.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from detection.plan import Share
from detection.revisions import new_repository, targets_of
from detection.unrelated import with_unrelated

if TYPE_CHECKING:
    from pathlib import Path

_RELEASE = "cattrs==26.2.1"
_SHARES = (Share(1, 0), Share(1, 0), Share(1, 2), Share(1, 3))
_CHANGED = "converters.py"
_PYPROJECT = """\
[project]
name = "cattrs"
version = "0"

[tool.hivegate]
paths = ["bench"]

[tool.pytest.ini_options]
pythonpath = ["src"]
"""
_HUNDRED = '''\
"""A hundred calls of what a benchmark calls are one call of it."""

from itertools import repeat

import pytest
from pytest_benchmark.fixture import BenchmarkFixture


class OfHundred(BenchmarkFixture):
    def __call__(self, function, *args, **kwargs):
        def hundred():
            for _ in repeat(None, 100):
                function(*args, **kwargs)

        return super().__call__(hundred)


@pytest.fixture
def benchmark(benchmark):
    benchmark.__class__ = OfHundred
    return benchmark
'''
_DOSED = """

_DOSE = {dose}  # of a hundred calls


def _dosed(method):
    due, inside = 0, False

    def counted(self, *args, **kwargs):
        nonlocal due, inside
        if inside:
            return method(self, *args, **kwargs)
        inside = True
        try:
            due += _DOSE
            if due >= 100:
                due -= 100
                method(self, *args, **kwargs)
            return method(self, *args, **kwargs)
        finally:
            inside = False

    return counted


BaseConverter.structure = _dosed(BaseConverter.structure)
BaseConverter.unstructure = _dosed(BaseConverter.unstructure)
"""


class RealSuite(NamedTuple):
    """cattrs and the part of its own suite whose calls are long beside the counting; one share for all."""

    name: str = "cattrs"
    tools: frozenset[str] = frozenset({"hivegate", "pytest-benchmark"})
    paths: str = "bench"

    def draw(self, trial: int) -> dict[str, Share]:
        """Draw one share for the whole package: all its benchmarks call what is changed."""
        chance = random.Random(f"cattrs {trial}")  # noqa: S311  a simulation
        return {self.name: chance.choice(_SHARES)}

    def make(self, folder: Path, trial: int, shares: dict[str, Share], store: Path) -> tuple[str, str]:
        """Make a repository of the release, which is fetched once; base and head differ as real revisions do."""
        source = _released(store)
        repository = new_repository(folder)
        shutil.copytree(source / "src", folder / "src")
        share = shares[self.name]
        package = {path.name: path.read_text(encoding="utf-8") for path in (folder / "src/cattrs").glob("*.py")}
        base = {**package, _CHANGED: package[_CHANGED] + _DOSED.format(dose=0)}
        head = {**package, _CHANGED: package[_CHANGED] + _DOSED.format(dose=share.dose)}
        suite = {
            "pyproject.toml": _PYPROJECT,
            ".gitignore": ".hivegate\n.benchmarks\n__pycache__\n",
            "targets.yaml": targets_of("*", {"": share}),
            "bench/conftest.py": _HUNDRED,
            "bench/test_attrs_collections.py": (source / "bench/test_attrs_collections.py").read_text(encoding="utf-8"),
        }
        first = repository.commit({**suite, **_placed(base)}, "Base")
        return first, repository.commit(_placed(_with_some_unrelated(head, trial)), "Head")

    def short(self, name: str) -> str:
        """Keep the function and its parameters."""
        return name.rpartition("/")[2].rpartition("::")[2].removeprefix("test_")

    def kind_of(self, name: str) -> str:
        """All are of one kind."""
        return f"{self.name}, {'structure' if self.short(name).startswith('structure') else 'unstructure'}"

    def share_of(self, name: str, shares: dict[str, Share]) -> Share:  # noqa: ARG002  it is the same for all
        """Look up the one share."""
        return shares[self.name]


def _with_some_unrelated(modules: dict[str, str], trial: int) -> dict[str, str]:
    """Add unrelated code to a few modules, as a pull request does."""
    chance = random.Random(f"modules {trial}")  # noqa: S311  a simulation
    touched = {_CHANGED, "__init__.py", *chance.sample(sorted(modules), 3)}
    return {**modules, **with_unrelated({name: modules[name] for name in touched}, trial)}


def _placed(modules: dict[str, str]) -> dict[str, str]:
    return {f"src/cattrs/{name}": text for name, text in modules.items()}


def _released(store: Path) -> Path:
    """Find the release's source below a folder; pip fetches it where it is missing."""
    folder = store / "sources"
    if not (found := list(folder.glob("cattrs-*/"))):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *options, _RELEASE], check=True)  # noqa: S603  an argument list
        with tarfile.open(next(folder.glob("cattrs-*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        found = list(folder.glob("cattrs-*/"))
    return found[0]
