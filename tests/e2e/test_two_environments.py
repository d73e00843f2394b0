"""One suite in two environments, ``hivegate compare . --base-python``: two releases of a package, in no repository."""

from __future__ import annotations

import json
import site
import venv
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Project

from hivegate.errors import MeasureError
from hivegate.measure.environments import compare_environments
from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer

pytestmark = pytest.mark.timed

_RELEASES = {
    "1.0": "def work():\n    return sum(range(20_000))\n",
    "2.0": "def work():\n    total = 0\n    for one in range(200_000):\n        total += one\n    return total\n\n"
    "def added():\n    return 1\n",
}
_BENCH = "import released\n\ndef bench_work(benchmark):\n    benchmark.pedantic(released.work, rounds=1)\n"
_ADDED = "from released import added\n\ndef bench_added(benchmark):\n    benchmark.pedantic(added, rounds=1)\n"


def environment(folder: Path, version: str) -> Path:
    """Make an environment that holds one release, and sees what this one has; returns its interpreter."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "released.py").write_text(_RELEASES[version])
    information = packages / f"released-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: released\nVersion: {version}\n")
    (packages / "these.pth").write_text(
        "".join(f"import site; site.addsitedir({one!r})\n" for one in site.getsitepackages())
    )
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the environments old and new."""
    folder = tmp_path_factory.mktemp("environments")
    for name, version in (("old", "1.0"), ("new", "2.0")):
        environment(folder / name, version)
    return folder


@pytest.fixture
def foreign(tmp_path: Path, environments: Path) -> Project:
    """Give the folder of a suite, beside two environments."""
    (tmp_path / "environments").symlink_to(environments)
    made = Project(tmp_path / "suite")
    made.write("benches/bench_toy.py", _BENCH)
    return made


def compare(project: Project, *arguments: str) -> Answer:
    """Compare the releases, by paths from the suite's folder."""
    interpreters = ("--python", "../environments/new/bin/python", "--base-python", "../environments/old/bin/python")
    return project.hivegate("compare", ".", "--budget", "100%", *interpreters, *arguments)


def test_the_release_that_is_slower_is_found_and_profiled(foreign: Project) -> None:
    """The note names both releases; the profile looks at each in its environment. What base lacks is inconclusive."""
    foreign.write("benches/bench_more.py", _ADDED)
    answer = compare(foreign)
    assert answer.status == 1, answer
    result = foreign.result("compare")
    assert (result["base"], result.get("base_sha")) == ("this tree", None)
    assert any("from base's environment to head's: released 1.0 -> 2.0" in one for one in result["notes"])
    found = {one["benchmark"]: one for one in result["verdicts"]}
    assert found["toy/work"]["outcome"] == "slower"
    assert found["more/added"]["outcome"] == "inconclusive"
    assert "on base: cannot run: ImportError: cannot import name 'added'" in found["more/added"]["reason"]
    assert "What base does not have yet" in found["more/added"]["advice"]
    answer = foreign.hivegate(
        "profile", "--tool", "py-spy", "--seconds", "0.5", "--python", "../environments/new/bin/python"
    )
    assert answer.status == 0, answer
    profiles = json.loads((foreign.folder / ".hivegate" / "profiles" / "profiles.json").read_bytes())
    (profile,) = profiles["profiles"]
    assert profiles["base"] == "this tree"
    assert profile["increases"][0]["file"] == "site-packages/released.py"


def test_what_is_installed_comes_before_what_lies_in_the_folder(foreign: Project) -> None:
    """A source distribution holds the package beside the suite; it is neither measured nor, where forced, accepted."""
    foreign.write("released.py", "def work():\n    raise AssertionError('the tree was measured')\n")
    compare(foreign)
    (verdict,) = foreign.result("compare")["verdicts"]
    assert verdict["change"]["ratio"] > 2
    foreign.write("conftest.py", "import sys\nsys.path.insert(0, __file__.rpartition('/')[0])\n")
    answer = compare(foreign)
    assert answer.status == 3, answer
    assert "released was loaded from this tree" in answer.err
    assert "compare from a folder that contains only the suite" in answer.err


def test_a_tree_is_equal_to_itself(foreign: Project) -> None:
    """Without another environment the dot compares what is equal, in no repository: in a forked pair."""
    foreign.hivegate("compare", ".", "--budget", "100%", "--python", "../environments/new/bin/python")
    result = foreign.result("compare")
    (verdict,) = result["verdicts"]
    assert 1 / 2 < verdict["change"]["ratio"] < 2
    assert (result["base"], result["notes"]) == ("this tree", [])


def test_what_differs_between_environments_is_told(environments: Path) -> None:
    """Equal ones are called equal, and one that holds no pytest is refused."""
    old, new = (str(environments / name / "bin" / "python") for name in ("old", "new"))
    subject = Subject(project=environments, python=new, paths=(), roots=())
    assert compare_environments(subject, old) == "from base's environment to head's: released 1.0 -> 2.0"
    assert "the same distributions" in compare_environments(subject, new)
    bare = environments / "bare"
    venv.create(bare, symlinks=True)
    with pytest.raises(MeasureError, match="pytest and pytest-benchmark not installed"):
        compare_environments(subject, str(bare / "bin" / "python"))
