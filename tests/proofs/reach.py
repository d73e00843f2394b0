"""Count what init finds in public suites, measures, and loses: ``python -m tests.proofs.reach``, or ``nox -s reach``.

Each suite comes in the newest source distribution of its package. `hivegate init --install` is run in an empty
environment, and again after each command that it tells to install what is missing, as a maintainer would. What pytest
itself finds in the project is counted without hivegate. What was counted already is not counted again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from pathlib import Path

import msgspec

PACKAGES = (
    *("pluggy", "yarl", "cattrs", "orjson", "attrs", "packaging", "rich"),
    *("propcache", "lazy-object-proxy"),
)
# What a maintainer would leave out: each call of it sleeps for 100 seconds.
_SETTINGS = {"attrs": '[tool.hivegate]\npaths = ["bench"]\nexclude = ["*first_access"]\n'}
EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "reached.json"
_PATIENCE = 1800.0
_MOST_CURES = 3
_CURE = re.compile(r"^\s+(\S*python\S* -m pip install .+)$", re.MULTILINE)
_COUNTER = """
import pytest

MARKS = {"benchmark", "codspeed_benchmark"}

def pytest_collection_finish(session):
    found = [
        item.nodeid for item in session.items
        if "benchmark" in getattr(item, "fixturenames", ()) or MARKS & {mark.name for mark in item.iter_markers()}
    ]
    print("FOUND", len(found))
"""


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a suite: `there` by pytest alone, `found` by hivegate, with a limit, named without one, and lost.

    `said` is what init says where it ends without limits; `cures` are the commands that it told and that were run.
    """

    package: str
    version: str
    date: str
    load: float
    seconds: float
    there: int
    found: int = 0
    limited: int = 0
    named: int = 0
    excluded: int = 0
    lost: int = 0
    outcomes: dict[str, int] = {}
    cures: tuple[str, ...] = ()
    said: str = ""


def reach(package: str, folder: Path) -> Reached:
    """Take one suite from its source distribution to its first verdicts."""
    start = time.monotonic()
    _run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", package, "-d", ".", package], folder
    )
    (archive,) = folder.glob("*.tar.gz")
    version = archive.name.removesuffix(".tar.gz").rpartition("-")[2]
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (project,) = (each for each in folder.iterdir() if each.is_dir())
    environment = folder / "environment"
    venv.create(environment, symlinks=True, with_pip=True)
    python = str(environment / "bin" / "python")
    with (project / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n{_SETTINGS.get(package, '')}")
    made, cures = _init(project, python)
    collected = _hivegate(project, "run", "--collect-only", "--python", python)
    found, excluded = collected.stdout.split(), re.search(r"(\d+) of \d+ benchmarks are left out", collected.stderr)
    targets = (project / "targets.yaml").read_text(encoding="utf-8") if (project / "targets.yaml").exists() else ""
    written = re.findall(r"^  - \{benchmark: (\"(?:[^\"\\]|\\.)*\"), (?!metric|budget)", targets, re.MULTILINE)
    left_out = int(excluded[1]) if excluded else 0
    limited = {json.loads(one) for one in written}
    named = {one for one in found if re.search(rf"^  # - {re.escape(one)}: ", targets, re.MULTILINE)}
    there = _count(project, python)
    if targets:
        _hivegate(project, "bench", "--max-time", "2m", "--python", python)
    return Reached(
        package=package,
        version=version,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        load=round(os.getloadavg()[0], 1),
        seconds=round(time.monotonic() - start),
        there=there,
        found=len(found),
        limited=len(limited),
        named=len(named),
        excluded=left_out,
        lost=max(there, len(found) + left_out) - len(limited | named) - left_out if targets else there,
        outcomes=_outcomes(project),
        cures=tuple(without_python(cure) for cure in cures),
        said="" if targets else _first_words(made.stderr),
    )


def _init(project: Path, python: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run init, and again after what it tells to do; a command that was run already does not help twice."""
    cures: list[str] = []
    options = ("--max-time", "1m", "--python", python)
    made = _hivegate(project, "init", "--install", *options)
    while len(cures) < _MOST_CURES and (cure := _CURE.search(made.stdout + made.stderr)) and cure[1] not in cures:
        cures.append(cure[1])
        _run(shlex.split(cure[1]), project)
        made = _hivegate(project, "init", *options)
    return made, cures


def _count(project: Path, python: str) -> int:
    """Let pytest count the benchmarks of all files that look as if they had some, without hivegate."""
    files = [
        str(file.relative_to(project))
        for file in sorted(project.rglob("*.py"))
        if re.search(r"bench", file.name) or file.name.startswith("test_")
        if re.search(r"\bbenchmark\b", file.read_text(encoding="utf-8", errors="replace"))
    ]
    if not files:
        return 0
    (project / "counter_of_reach.py").write_text(_COUNTER, encoding="utf-8")
    options = ("-q", "--collect-only", "-p", "counter_of_reach", "-o", "addopts=", "-o", "python_functions=test bench")
    counted = _run([python, "-m", "pytest", *options, *files], project, PYTHONPATH=str(project))
    found = re.search(r"^FOUND (\d+)$", counted.stdout, re.MULTILINE)
    return int(found[1]) if found else 0


def _outcomes(project: Path) -> dict[str, int]:
    file = project / ".hivegate" / "latest" / "bench.json"
    if not file.exists():
        return {}
    counts: dict[str, int] = {}
    for verdict in json.loads(file.read_bytes())["verdicts"]:
        counts[verdict["outcome"]] = counts.get(verdict["outcome"], 0) + 1
    return dict(sorted(counts.items()))


def _hivegate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run([sys.executable, "-m", "hivegate", *arguments], project)


def _run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CI": "true", "COLUMNS": "1000", **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


def without_python(command: str) -> str:
    """Cut the place of this machine's interpreter off a command."""
    return f"python -m pip{command.partition(' -m pip')[2]}"


def _first_words(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("hivegate: ")]
    return re.sub(r"(?:/[\w.+-]+)+/", "", " ".join(" ".join(lines[:2]).split()))[:300]


def render(found: list[Reached]) -> str:
    """Write the page of what was counted."""
    lines = [
        "# What init reaches",
        "",
        "Written by `nox -s reach` from [reached.json](reached.json); do not edit. Each suite is that of the newest",
        "source distribution of its package, in an environment in which `hivegate init --install`, and the commands",
        "that it told, installed what it needs. *There* counts what pytest itself collects without hivegate, *limit*",
        "what has a limit in `targets.yaml`, *named* what stands there with the reason why it has none, *excluded*",
        "what the trial's own settings leave out, which a note counts; *lost* is what stands nowhere.",
        "",
        "| package | there | found | limit | named | excluded | lost | first verdicts | load |",
        "|---|---:|---:|---:|---:|---:|---:|---|---:|",
    ]
    for one in found:
        outcomes = ", ".join(f"{count} {name}" for name, count in one.outcomes.items())
        counts = (one.there, one.found, one.limited, one.named, one.excluded, one.lost)
        lines.append(
            f"| {one.package} {one.version} | {' | '.join(map(str, counts))} | {outcomes or one.said} | {one.load} |"
        )
    lines.append("")
    lines += [f"- {one.package}: it told `{cure}`, which was run" for one in found for cure in one.cures]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Count the suites that the evidence lacks, write it and its page; 1 where a benchmark is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", default=PACKAGES)
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    given = parser.parse_args()
    done = msgspec.json.decode(given.evidence.read_bytes(), type=list[Reached]) if given.evidence.exists() else []
    for package in given.packages:
        if any(one.package == package for one in done):
            continue
        with tempfile.TemporaryDirectory(prefix="hivegate-reach-") as folder:
            done.append(reach(package, Path(folder)))
        given.evidence.write_bytes(msgspec.json.format(msgspec.json.encode(done), indent=1) + b"\n")
        given.evidence.with_name("REACHED.md").write_text(render(done), encoding="utf-8")
        print(done[-1], flush=True)  # noqa: T201  a command's output
    return int(any(one.lost for one in done))


if __name__ == "__main__":
    sys.exit(main())
