"""The script that CI runs, on machines made of stand-ins: a folder of programs is all it finds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"
OLD = 'echo "Python 3.9.2"; exit 1'
# Answers the question for its version with yes, and makes an environment whose pip and nox write down their arguments.
NEW = r"""
if [ "$1" = -c ]; then exit 0; fi
mkdir -p "$3/bin"
for name in pip nox; do
  printf '#!/bin/bash\necho "%s $*" >> calls\n%s\n' "$name" "${!name}" > "$3/bin/$name"
  chmod +x "$3/bin/$name"
done
"""


class Machine(NamedTuple):
    """A project with the script, and the programs that its machine has."""

    project: Path
    programs: Path

    def has(self, name: str, body: str) -> None:
        """Put a program on the machine."""
        file = self.programs / name
        file.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        file.chmod(0o755)

    def run(self, **behaviour: str) -> tuple[int, str, list[str]]:
        """Run the script; `behaviour` is what pip and nox do. Returns its status, its errors, and the calls."""
        done = subprocess.run(
            [self.project / ".ci" / "run"],
            env={"PATH": str(self.programs), "pip": "", "nox": "", **behaviour},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        calls = self.project / "calls"
        return done.returncode, done.stderr, calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Make a machine with git and the usual small programs, for a user who is not root."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "git", "mkdir", "chmod"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    (tmp_path / "project" / ".ci").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "project" / ".ci" / "run")
    made = Machine(tmp_path / "project", programs)
    made.has("id", "echo 1000")
    return made


def test_it_runs_the_tests_and_then_the_rest(machine: Machine) -> None:
    """On a machine with a new Python it installs Nox into a fresh environment and runs every session."""
    machine.has("python3", NEW)
    status, _, calls = machine.run()
    assert status == 0
    assert calls == ["pip install nox", "nox -s tests", "nox -s lint types imports workflows docs"]


@pytest.mark.parametrize(
    ("failing", "reached"),
    [
        ({"pip": "exit 7"}, ["pip install nox"]),
        ({"nox": '[ "$2" != tests ] || exit 7'}, ["pip install nox", "nox -s tests"]),
        (
            {"nox": '[ "$2" != lint ] || exit 7'},
            ["pip install nox", "nox -s tests", "nox -s lint types imports workflows docs"],
        ),
    ],
)
def test_it_ends_with_the_first_failure(machine: Machine, failing: dict[str, str], reached: list[str]) -> None:
    """A failure of any step is the script's own, and nothing runs after it."""
    machine.has("python3", NEW)
    status, _, calls = machine.run(**failing)
    assert (status, calls) == (7, reached)


def test_an_old_python_is_named(machine: Machine) -> None:
    """Without a new enough Python it says what it needs and what it found, and tries nothing."""
    machine.has("python3", OLD)
    status, errors, calls = machine.run()
    assert (status, calls) == (2, [])
    assert "3.11 or newer" in errors
    assert "Python 3.9.2" in errors


@pytest.mark.parametrize("user", ["0", "1000"])
def test_only_root_installs_packages(machine: Machine, user: str) -> None:
    """As root on a bare Debian it installs what is missing; as anybody else it never calls apt-get."""
    machine.has("id", f"echo {user}")
    machine.has("python3", OLD)
    machine.has("new-python3", NEW)
    (machine.programs / "cp").symlink_to(shutil.which("cp") or "/bin/cp")
    machine.has("apt-get", 'cp "${0%/*}/new-python3" "${0%/*}/python3"; echo "apt-get $1" >> calls')
    status, _, calls = machine.run()
    apt = ["apt-get update", "apt-get install"]
    assert (status, calls[:2]) == ((0, apt) if user == "0" else (2, []))


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize(
    ("installed", "package", "name"),
    [
        (["chromium", "initdb", "valgrind"], None, None),
        (["google-chrome", "initdb", "valgrind"], None, None),
        (["initdb", "valgrind"], "chromium", "Chromium"),
        (["chromium", "valgrind"], "postgresql", "PostgreSQL"),
        (["chromium", "initdb"], "valgrind", "valgrind"),
    ],
)
def test_what_the_tests_use_is_installed_where_there_is_none(
    machine: Machine,
    installed: list[str],
    package: str | None,
    name: str | None,
    works: bool,  # noqa: FBT001
) -> None:
    """Root gets Chromium, PostgreSQL and valgrind; where one cannot be had that is told, and the tests decide."""
    machine.has("id", "echo 0")
    machine.has("python3", NEW)
    machine.has("ls", "exit 2")
    machine.has("apt-get", f'echo "apt-get ${{@: -1}}" >> calls; {"true" if works else "false"}')
    for one in installed:
        machine.has(one, "")
    status, errors, calls = machine.run()
    assert status == 0
    asked = [call for call in calls if call.startswith("apt-get")]
    wanted = ["apt-get -qq", f"apt-get {package}"] if works else ["apt-get -qq"]
    assert asked == (wanted if package else [])
    assert (f"no {name} could be installed" in errors) is (package is not None and not works)
