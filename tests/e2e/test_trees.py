"""Each process in its own tree: real projects of every layout, real environments, real editable installs.

A benchmark's parameter is the revision that its project's code says it has, so ids tell which code was loaded.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from tests.environments import Environment
from tests.repository import Repository

from hivegate.errors import MeasureError
from hivegate.measure.collect import collect
from hivegate.measure.revisions import base_tree, find_base, overlay_benchmarks
from hivegate.measure.subject import Subject
from hivegate.model.protocol import TreePaths

_ROOT = Path(__file__).resolve().parents[2]
_BENCH = """
import pytest
{imports}

@pytest.mark.parametrize("revision", [{revision}])
def bench_toy(benchmark, revision):
    benchmark(len, revision)
"""
_HATCHLING = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "toy"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["{package}"]
[tool.hatch.build]
dev-mode-exact = {exact}
"""
_SETUPTOOLS = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "toy"
version = "1"
[tool.setuptools]
packages = ["{package}"]
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the slow plugins of the tests' own packages out of the measured processes."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Give an environment outside the project."""
    return Environment(tmp_path / "environment")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give an empty repository."""
    return Repository.new(tmp_path / "project")


def bench(imports: str = "import toy", revision: str = "toy.REVISION") -> str:
    """Write a benchmark file."""
    return _BENCH.format(imports=imports, revision=revision)


def revise(repository: Repository, *modules: str) -> None:
    """Commit modules that say they are the base, then that they are head."""
    for revision in ("base", "head"):
        repository.commit(dict.fromkeys(modules, f"REVISION = {revision!r}\n"))


def revisions(project: Path, python: str, paths: tuple[str, ...] = ("benches",), rootdir: str = "") -> tuple[str, str]:
    """Collect in both trees as a comparison does; returns what the code loaded in head and base says it is."""
    subject = Subject(project=project, python=python, paths=paths, roots=paths)
    with base_tree(project, find_base(project, "HEAD^1")) as tree:
        overlay_benchmarks(project, tree, subject)
        own = TreePaths(own=str(project), other=str(tree))
        head = collect(subject, trees=own).found
        base = collect(
            msgspec.structs.replace(subject, project=tree),
            trees=TreePaths(own=str(tree), other=str(project)),
            rootdir=os.path.normpath(tree / rootdir),
        ).found
    assert len(head) == len(base) == 1
    assert head[0].node_id.partition("[")[0] == base[0].node_id.partition("[")[0]
    names = [one.id.partition("[")[2].removesuffix("]") for one in (*head, *base)]
    return names[0], names[1]


def test_a_src_layout_that_is_installed_by_a_path(repository: Repository, environment: Environment) -> None:
    """Hatchling's editable install is a .pth file with the absolute path of head's src."""
    repository.write(
        {"pyproject.toml": _HATCHLING.format(package="src/toy", exact="false"), "benches/bench_toy.py": bench()}
    )
    revise(repository, "src/toy/__init__.py")
    environment.install("-e", str(repository.folder))
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_a_flat_layout_that_is_installed_by_setuptools_finder(repository: Repository, environment: Environment) -> None:
    """Setuptools' editable install of a flat layout is a finder with a mapping."""
    repository.write({"pyproject.toml": _SETUPTOOLS.format(package="toy"), "benches/bench_toy.py": bench()})
    revise(repository, "toy/__init__.py")
    environment.install("-e", str(repository.folder))
    assert list(environment.packages.glob("__editable___toy_*_finder.py"))
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_a_namespace_package_that_is_installed_by_setuptools_finder(
    repository: Repository, environment: Environment
) -> None:
    """A package in a namespace, and a namespace that is itself installed, are each side's own."""
    listed = 'packages = ["acme.toy"]\npackage-dir = {"acme.toy" = "code"}'
    setup = _SETUPTOOLS.format(package="").replace('packages = [""]', listed)
    repository.write(
        {"pyproject.toml": setup, "benches/bench_toy.py": bench("from acme.toy import core", "core.REVISION")}
    )
    revise(repository, "code/core.py")
    environment.install("-e", str(repository.folder))
    assert list(environment.packages.glob("__editable___toy_*_finder.py"))
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_a_package_that_is_installed_by_the_editables_finder(repository: Repository, environment: Environment) -> None:
    """Hatchling's exact mode and PDM redirect through the package `editables`."""
    repository.write(
        {"pyproject.toml": _HATCHLING.format(package="src/toy", exact="true"), "benches/bench_toy.py": bench()}
    )
    revise(repository, "src/toy/__init__.py")
    environment.install("-e", str(repository.folder))
    assert "editables" in "".join(one.read_text() for one in environment.packages.glob("_*toy*.p*"))
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_a_flat_layout_with_a_conftest_at_the_root(repository: Repository, environment: Environment) -> None:
    """Nothing is installed: pytest puts the folder of the root's conftest first."""
    repository.write({"conftest.py": "import toy\n", "benches/bench_toy.py": bench()})
    revise(repository, "toy.py")
    assert revisions(repository.folder, environment.python) == ("head", "base")


@pytest.mark.parametrize("file", ["pytest.ini", "pyproject.toml"])
def test_a_path_in_the_configuration(repository: Repository, environment: Environment, file: str) -> None:
    """`pythonpath` is relative to the configuration, which the base has as its own copy."""
    text = "[pytest]\npythonpath = lib\n" if file == "pytest.ini" else "[tool.pytest.ini_options]\npythonpath=['lib']\n"
    repository.write({file: text, "benches/bench_toy.py": bench()})
    revise(repository, "lib/toy.py")
    assert revisions(repository.folder, environment.python) == ("head", "base")


@pytest.mark.parametrize("spelling", ["absolute", "relative", "linked"])
def test_a_path_in_the_process_environment(
    repository: Repository, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    """PYTHONPATH is followed into the own tree however it is spelt, also by processes that a benchmark starts."""
    command = "[sys.executable, '-c', 'import toy; print(toy.REVISION)']"
    started = (
        f"import subprocess, sys\nREVISION = subprocess.check_output({command}, text=True, cwd='benches').strip()\n"
    )
    imports = "import toy" if spelling == "relative" else started
    repository.write({"benches/bench_toy.py": bench(imports, "REVISION" if imports == started else "toy.REVISION")})
    revise(repository, "lib/toy.py")
    (tmp_path / "link").symlink_to(repository.folder)
    places = {"absolute": repository.folder / "lib", "relative": "lib", "linked": tmp_path / "link" / "lib"}
    monkeypatch.setenv("PYTHONPATH", str(places[spelling]))
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_two_packages_of_one_repository(repository: Repository, environment: Environment) -> None:
    """A neighbour that the project needs comes from the same revision as the project."""
    repository.write({"packages/one/benches/bench_toy.py": bench("import one, two", "one.REVISION + two.REVISION")})
    repository.write({"pytest.ini": "[pytest]\n"})
    revise(repository, "packages/one/src/one.py", "packages/two/src/two/__init__.py")
    environment.path("one", repository.folder / "packages" / "one" / "src")
    environment.path("two", repository.folder / "packages" / "two" / "src")
    project = repository.folder / "packages" / "one"
    assert revisions(project, environment.python, rootdir="../..") == ("headhead", "basebase")


def test_a_namespace_over_two_folders(repository: Repository, environment: Environment) -> None:
    """A namespace package without a finder has each part in its own tree."""
    imports = "import acme.one, acme.two"
    repository.write({"benches/bench_toy.py": bench(imports, "acme.one.REVISION + acme.two.REVISION")})
    revise(repository, "a/acme/one.py", "b/acme/two/__init__.py")
    environment.path("acme", repository.folder / "a", repository.folder / "b")
    assert revisions(repository.folder, environment.python) == ("headhead", "basebase")


def test_a_namespace_that_a_path_file_makes(repository: Repository, environment: Environment) -> None:
    """Old setuptools makes namespaces at the interpreter's start, before any tree is entered."""
    repository.write({"benches/bench_toy.py": bench("import acme.toy", "acme.toy.REVISION")})
    revise(repository, "src/acme/toy.py")
    make = "import sys, types; m = sys.modules.setdefault('acme', types.ModuleType('acme')); "
    environment.path("acme-nspkg", f"{make}m.__path__ = [{str(repository.folder / 'src' / 'acme')!r}]")
    assert revisions(repository.folder, environment.python) == ("head", "base")


def test_an_environment_inside_the_project_belongs_to_both(repository: Repository) -> None:
    """A .venv in the project is nobody's tree: its packages stay, what it installs editable is led home."""
    repository.write({"benches/bench_toy.py": bench(), ".gitignore": ".venv\n"})
    revise(repository, "src/toy.py")
    environment = Environment(repository.folder / ".venv")
    environment.path("toy", repository.folder / "src")
    (environment.packages / "shared.py").write_text("")
    repository.commit({"benches/bench_toy.py": bench("import shared, toy"), "src/toy.py": "REVISION = 'newer'\n"})
    assert revisions(repository.folder, environment.python) == ("newer", "head")


def test_a_version_that_a_build_wrote(repository: Repository, environment: Environment) -> None:
    """A package that imports a module that git ignores can be imported in the base."""
    repository.write({"benches/bench_toy.py": bench(), ".gitignore": "_version.py\n", "src/toy/_version.py": "V = 1\n"})
    revise(repository, "src/toy/core.py")
    repository.write({"src/toy/__init__.py": "from ._version import V\nfrom .core import REVISION\n"})
    repository.git("add", "--all")
    repository.git("commit", "-q", "--amend", "-m", "head")
    repository.commit({"src/toy/core.py": "REVISION = 'newer'\n"})
    environment.path("toy", repository.folder / "src")
    assert revisions(repository.folder, environment.python) == ("newer", "head")


def test_a_benchmark_file_among_the_code(repository: Repository, environment: Environment) -> None:
    """With the project's root as path the base keeps its code."""
    repository.write({"bench_toy.py": bench()})
    revise(repository, "toy.py")
    assert revisions(repository.folder, environment.python, paths=(".",)) == ("head", "base")


def test_a_base_without_configuration_does_not_find_head_s(repository: Repository, environment: Environment) -> None:
    """Pytest looks upward for its configuration, and the base lies inside head: the base's own suite has neither."""
    first = repository.commit({"benches/bench_toy.py": bench(), "toy.py": "REVISION = 'base'\n"})
    repository.commit(
        {"conftest.py": "raise RuntimeError('of head')\n", "pytest.ini": "[pytest]\naddopts = --nosuch\n"}
    )
    subject = Subject(project=repository.folder, python=environment.python, paths=("benches",), roots=("benches",))
    with base_tree(repository.folder, find_base(repository.folder, first)) as tree:
        found = collect(
            msgspec.structs.replace(subject, project=tree),
            trees=TreePaths(own=str(tree), other=str(repository.folder)),
            rootdir=str(tree),
        ).found
    assert [one.id for one in found] == ["toy/toy[base]"]


@pytest.mark.parametrize("place", ["conftest", "pythonpath", "late"])
def test_code_of_the_other_tree_is_an_error(repository: Repository, environment: Environment, place: str) -> None:
    """An absolute path that no rewriting reaches is noticed: the module, its file and the own tree are named."""
    lib = str(repository.folder / "lib")
    files: dict[str, dict[str, str | None]] = {
        "conftest": {"conftest.py": f"import sys\nsys.path.insert(0, {lib!r})\n"},
        "pythonpath": {"pytest.ini": f"[pytest]\npythonpath = {lib}\n"},
        "late": {
            "conftest.py": f"import sys\ndef pytest_sessionfinish():\n sys.path.insert(0, {lib!r})\n import toy\n",
        },
    }
    benchmark = bench("", "'no code'") if place == "late" else bench()
    repository.write({**files[place], "benches/bench_toy.py": benchmark})
    revise(repository, "lib/toy.py")
    with pytest.raises(MeasureError) as caught:
        revisions(repository.folder, environment.python)
    assert f"toy was loaded from {lib}/toy.py instead of this revision's tree, " in caught.value.message
    assert "/.hivegate/trees/" in caught.value.message
    assert "pip install -e ." in caught.value.hint


@pytest.mark.parametrize("source", ["src/toy/__init__.py", "second/src/toy/__init__.py"])
@pytest.mark.parametrize("where", ["outside", "inside"])
def test_an_installed_copy_is_an_error(
    repository: Repository, environment: Environment, where: str, source: str
) -> None:
    """A copy in site-packages would be compared with itself, and every change would read as none."""
    repository.write({"benches/bench_toy.py": bench(), ".gitignore": ".venv\n"})
    revise(repository, source)
    used = environment if where == "outside" else Environment(repository.folder / ".venv")
    (used.packages / "toy").mkdir()
    (used.packages / "toy" / "__init__.py").write_text("REVISION = 'copy'\n")
    with pytest.raises(MeasureError, match=r"toy was loaded from .*/site-packages/toy/__init__.py instead of"):
        revisions(repository.folder, used.python)


def test_a_link_into_the_tree_is_no_copy(repository: Repository, environment: Environment) -> None:
    """Flit installs by a link: right for head, and noticed for the base."""
    repository.write({"benches/bench_toy.py": bench()})
    revise(repository, "src/toy/__init__.py")
    (environment.packages / "toy").symlink_to(repository.folder / "src" / "toy")
    subject = Subject(project=repository.folder, python=environment.python, paths=("benches",), roots=("benches",))
    trees = TreePaths(own=str(repository.folder), other=str(repository.folder / ".hivegate" / "trees" / "x"))
    assert [one.id for one in collect(subject, trees=trees).found] == ["toy/toy[head]"]
    with pytest.raises(MeasureError, match=r"toy was loaded from .*/site-packages/toy/__init__.py instead of"):
        revisions(repository.folder, environment.python)


def test_hivegate_s_own_repository(tmp_path: Path, environment: Environment) -> None:
    """This project compares itself: the tool's own modules, loaded in the measured process too, are no obstacle."""
    if not (_ROOT / ".git").exists():
        pytest.skip("not in a checkout of hivegate")
    clone = Repository(_ROOT).clone(tmp_path / "hivegate", "--depth=1")
    clone.commit(
        {
            "benches/bench_itself.py": bench("from hivemind.primitives import REVISION"),
            "hive/src/hivemind/primitives/__init__.py": "REVISION = 'base'\n",
        }
    )
    clone.commit({"hive/src/hivemind/primitives/__init__.py": "REVISION = 'head'\n"})
    clone.write({"benches/bench_itself.py": bench("from hivemind.primitives import REVISION", "REVISION")})
    environment.path("hivegate", clone.folder / "src", clone.folder / "hive" / "src")
    assert revisions(clone.folder, environment.python, paths=("benches/bench_itself.py",)) == ("head", "base")
