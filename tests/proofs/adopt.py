"""Take public suites, unchanged, through all commands: ``python -m tests.proofs.adopt``, or ``nox -s adopt``.

Each suite comes in its source distribution, and the package in two releases, each installed into an environment of its
own, from the index that pip is configured for. Suites that the evidence holds already are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import venv
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from tests.proofs.adopted import Adopted, Step, render, without_places
from tests.proofs.suites import FOREIGN, Foreign

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "adopted.json"
_TIME = ("--max-time", "1m")  # of each command: what it leaves inconclusive is told
_BUDGET = ("--budget", "20%", *_TIME)
_TIMES = 'schema: 1\ntargets:\n  - {benchmark: "*", max: 1 s}\n'
_PATIENCE = 1800.0
_ODD = re.compile(r"^(?:note:|Usage error|Measuring failed|warning)", re.IGNORECASE)


class Trial:
    """One suite in a folder of its own, taken through the commands step by step."""

    def __init__(self, foreign: Foreign, folder: Path) -> None:
        self._foreign = foreign
        self._folder = folder
        self._new, self._old = (folder / name / "bin" / "python" for name in ("new", "old"))
        self._project = folder / "project"
        self.steps: list[Step] = []

    def run(self) -> Adopted:
        """Take every step; a later one is taken also where an earlier one failed."""
        self._prepare()
        here = ("--python", str(self._new))
        apart = (*here, "--base-python", str(self._old), *_BUDGET)
        self._hivegate("init", *_TIME, *here)
        self._hivegate("bench", "--passes", "3", *_TIME, *here, result="bench")
        if self._foreign.own_json:
            self._check()
        self._hivegate("compare", ".", *apart, result="compare")
        self._hivegate(
            "profile", self._foreign.profiled, "--tool", "py-spy", "--tool", "scalene", "--seconds", "1", *here
        )
        self._profiles()
        equal = (*here, "--base-python", str(self._new), *_BUDGET)
        self._hivegate("compare", ".", *equal, name="compare with itself", result="compare")
        return Adopted(
            package=self._foreign.package,
            head=self._foreign.head,
            base=self._foreign.base,
            style=self._foreign.style,
            steps=tuple(self.steps),
        )

    def _prepare(self) -> None:
        """Fetch and unpack the suite, and make the two environments; what fails here ends the trial."""
        one, start = self._foreign, time.monotonic()
        fetched = self._folder / "fetched"
        pip = [sys.executable, "-m", "pip"]
        wanted = f"{one.package}=={one.head}"
        _must([*pip, "download", "-q", "--no-deps", "--no-binary", one.package, "-d", str(fetched), wanted])
        (archive,) = fetched.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(fetched, filter="data")
        next(each for each in fetched.iterdir() if each.is_dir()).rename(self._project)
        self.steps.append(_step("unpack the suite", start))
        start = time.monotonic()
        for python, version in ((self._new, one.head), (self._old, one.base)):
            venv.create(python.parents[1], symlinks=True, with_pip=True)
            _must([str(python), "-m", "pip", "install", "-q", f"{one.package}=={version}", *one.needs])
        self.steps.append(_step("install two releases", start))

    def _check(self) -> None:
        """Let the suite write a pytest-benchmark file by itself, and judge that."""
        start = time.monotonic()
        paths = _configured(self._project)
        # Its own options ask for plugins of a test run, which pytest-benchmark does not measure under.
        command = [str(self._new), "-m", "pytest", *paths, "-q", "-o", "addopts=", "--benchmark-only"]
        made = _run([*command, "--benchmark-max-time=0.1", "--benchmark-json=own.json"], self._project)
        self.steps.append(_step("pytest --benchmark-json", start, made))
        # init's limits are relative to a loop that hivegate times beside each benchmark, which such a file lacks.
        (self._project / "times.yaml").write_text(_TIMES, encoding="utf-8")
        self._hivegate("check", "own.json", "--targets", "times.yaml", "--json", "check.json")
        self._count(self._project / "check.json")

    def _hivegate(self, *arguments: str, name: str = "", result: str = "") -> None:
        start = time.monotonic()
        done = _run([sys.executable, "-m", "hivegate", *arguments], self._project)
        self.steps.append(_step(name or arguments[0], start, done))
        if result:
            self._count(self._project / ".hivegate" / "latest" / f"{result}.json")

    def _count(self, file: Path) -> None:
        """Add to the last step what its result says, in numbers and notes."""
        if self.steps[-1].status not in {0, 1, 3} or not file.exists():
            return
        found: dict[str, Any] = json.loads(file.read_bytes())
        outcomes = Counter(one["outcome"] for one in found["verdicts"])
        self.steps[-1] = msgspec.structs.replace(
            self.steps[-1],
            benchmarks=len({one["benchmark"] for one in found["verdicts"]}),
            outcomes=dict(sorted(outcomes.items())),
            oddities=tuple(map(without_places, found["notes"])),
        )

    def _profiles(self) -> None:
        """Add to the last step which profiles were made, of how many revisions, and why others were not."""
        file = self._project / ".hivegate" / "profiles" / "profiles.json"
        if self.steps[-1].status or not file.exists():
            return
        found = json.loads(file.read_bytes())
        made = Counter(one["kind"].partition(",")[0] for one in found["profiles"] if one.get("files"))
        notes = [*found["notes"], *(one["note"] for one in found["profiles"] if one.get("note"))]
        self.steps[-1] = msgspec.structs.replace(
            self.steps[-1],
            benchmarks=len({one["benchmark"] for one in found["profiles"]}),
            outcomes=dict(made),
            oddities=tuple(dict.fromkeys(map(without_places, notes))),
        )


def _step(name: str, start: float, done: subprocess.CompletedProcess[str] | None = None) -> Step:
    said = (done.stdout + done.stderr).splitlines() if done is not None else []
    return Step(
        name=name,
        seconds=round(time.monotonic() - start, 1),
        status=done.returncode if done is not None else 0,
        oddities=tuple(without_places(line) for line in said if _ODD.match(line))[:5],
    )


def _configured(project: Path) -> list[str]:
    """Read where init found the benchmarks."""
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {}).get("hivegate", {})
    return [str(one) for one in table.get("paths", ["benches"])]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CI": "true", "COLUMNS": "1000"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


def _must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def main() -> int:
    """Try the suites that the evidence lacks and write it with its table; 1 where equal code was called slower."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="only these")
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    given = parser.parse_args()
    done = _read(given.evidence)
    for foreign in FOREIGN:
        if given.packages and foreign.package not in given.packages:
            continue
        if any((one.package, one.head, one.base) == (foreign.package, foreign.head, foreign.base) for one in done):
            continue
        with tempfile.TemporaryDirectory(prefix="hivegate-adopt-") as folder:
            done.append(Trial(foreign, Path(folder)).run())
        _write(given.evidence, done)
        print(done[-1], flush=True)  # noqa: T201  a command's output
    return int(any(not one.sound for one in done))


def _read(path: Path) -> list[Adopted]:
    return msgspec.json.decode(path.read_bytes(), type=list[Adopted]) if path.exists() else []


def _write(path: Path, trials: list[Adopted]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(trials), indent=1) + b"\n")
    path.with_name("ADOPTED.md").write_text(render(trials), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
