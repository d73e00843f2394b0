"""Packages from PyPI as the project, and a change put into their entry points.

Of each hundred calls of an entry point that come from outside, head makes so many twice, evenly spread; a benchmark of
the package's own suite, unchanged, makes one such call, and a hundred of them are one call to the tools. Both revisions
count, and a call that is made once more is counted as well: what counting costs (0.2 us a call of 5 to 57 us in cattrs,
of 2 to 13 us in humanize) is dosed with the rest.
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

_SHARES = (Share(1, 0), Share(1, 0), Share(1, 2), Share(1, 3))
_PYPROJECT = """\
[project]
name = "{name}"
version = "0"

[tool.hivegate]
paths = ["bench"]

[tool.pytest.ini_options]
pythonpath = ["src"]
addopts = ["-k", "{chosen}"]
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


def _counted(function, dose, again=None):
    due, inside = 0, False

    def counted(*args, **kwargs):
        nonlocal due, inside
        if inside:
            return function(*args, **kwargs)
        inside = True
        try:
            due += dose
            if due >= 100:
                due -= 100
                again(*args, **kwargs)
            return function(*args, **kwargs)
        finally:
            inside = False

    return counted


def _dosed(function):
    return _counted(function, _DOSE, _counted(function, 0))


"""


class RealSuite(NamedTuple):
    """A release and the part of its own suite whose calls are long beside the counting; one share for all.

    `changed` is the module whose `entries` are counted, `suite` the file of its benchmarks, `chosen` which of them, as
    pytest's ``-k`` takes it, and `kinds` what the beginning of a benchmark's name says of its kind.
    """

    name: str
    release: str
    changed: str
    entries: tuple[str, ...]
    suite: str
    chosen: str
    kinds: tuple[str, ...] = ()
    tools: frozenset[str] = frozenset({"hivegate", "pytest-benchmark"})
    paths: str = "bench"

    def draw(self, trial: int) -> dict[str, Share]:
        """Draw one share for the whole package: all its benchmarks call what is changed."""
        chance = random.Random(f"{self.name} {trial}")  # noqa: S311  a simulation
        return {self.name: chance.choice(_SHARES)}

    def make(self, folder: Path, trial: int, shares: dict[str, Share], store: Path) -> tuple[str, str]:
        """Make a repository of the release, which is fetched once; base and head differ as real revisions do."""
        source = _released(store, self.release)
        repository = new_repository(folder)
        shutil.copytree(source / "src", folder / "src")
        share = shares[self.name]
        package = {path.name: path.read_text(encoding="utf-8") for path in (folder / "src" / self.name).glob("*.py")}
        suite = {
            "pyproject.toml": _PYPROJECT.format(name=self.name, chosen=self.chosen),
            ".gitignore": ".hivegate\n.benchmarks\n__pycache__\n",
            "targets.yaml": targets_of("*", {"": share}),
            "bench/conftest.py": _HUNDRED,
            "bench/test_own.py": (source / self.suite).read_text(encoding="utf-8"),
        }
        first = repository.commit({**suite, **self._placed(self._dosed(package, 0))}, "Base")
        head = self._with_some_unrelated(self._dosed(package, share.dose), trial)
        return first, repository.commit(self._placed(head), "Head")

    def _dosed(self, package: dict[str, str], dose: int) -> dict[str, str]:
        counted = "".join(f"{entry} = _dosed({entry})\n" for entry in self.entries)
        return {**package, self.changed: package[self.changed] + _DOSED.format(dose=dose) + counted}

    def _with_some_unrelated(self, modules: dict[str, str], trial: int) -> dict[str, str]:
        """Add unrelated code to a few modules, as a pull request does."""
        chance = random.Random(f"modules {trial}")  # noqa: S311  a simulation
        touched = {self.changed, "__init__.py", *chance.sample(sorted(modules), 3)}
        return {**modules, **with_unrelated({name: modules[name] for name in touched}, trial)}

    def _placed(self, modules: dict[str, str]) -> dict[str, str]:
        return {f"src/{self.name}/{name}": text for name, text in modules.items()}

    def short(self, name: str) -> str:
        """Keep the function and its parameters."""
        return name.rpartition("/")[2].rpartition("::")[2].removeprefix("test_")

    def kind_of(self, name: str) -> str:
        """Name the package, and the kind where it has several."""
        kind = next((kind for kind in self.kinds if self.short(name).startswith(kind)), "")
        return f"{self.name}, {kind}" if kind else self.name

    def share_of(self, name: str, shares: dict[str, Share]) -> Share:  # noqa: ARG002  it is the same for all
        """Look up the one share."""
        return shares[self.name]


def _released(store: Path, release: str) -> Path:
    """Find the release's source below a folder; pip fetches it where it is missing."""
    folder, name = store / "sources", release.partition("==")[0]
    if not (found := list(folder.glob(f"{name}-*/"))):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *options, release], check=True)  # noqa: S603  an argument list
        with tarfile.open(next(folder.glob(f"{name}-*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        found = list(folder.glob(f"{name}-*/"))
    return found[0]


CATTRS = RealSuite(
    name="cattrs",
    release="cattrs==26.2.1",
    changed="converters.py",
    entries=("BaseConverter.structure", "BaseConverter.unstructure"),
    suite="bench/test_attrs_collections.py",
    chosen="structure",
    kinds=("structure", "unstructure"),
)
_HUMANIZE = ("fractional", "intword", "naturalsize", "naturaltime", "precisedelta")
HUMANIZE = RealSuite(
    name="humanize",
    release="humanize==4.17.0",
    changed="__init__.py",
    entries=_HUMANIZE,
    suite="tests/test_benchmarks.py",
    chosen=" or ".join(_HUMANIZE),
)
