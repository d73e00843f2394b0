"""Prove that profiles name the guilty: ``python -m tests.proofs.profiles``, or ``nox -s proofs``.

Every trial makes a git project of many functions, times both commits, profiles them with the real command, and looks
whether the first place that is listed is the one that was changed. Trials that the evidence holds already are not run
again, so an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from tests.proofs.projects import Guilty, make_equal, make_hungrier, make_slower
from tests.proofs.table import render
from tests.proofs.times import BENCHMARK, measure

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "profiles.json"
SLOWER = (0.1, 0.2, 0.3, 0.5)  # of the whole call
HUNGRIER = (4.0, 6.0, 8.0, 12.0)  # MiB a call
KINDS = ("slower", "hungrier", "equal")
_TRIALS = 20
# Equal revisions are asked everything; what has one fault, its own list.
_TOOLS = {"slower": ("py-spy",), "hungrier": ("scalene", "memray"), "equal": ("py-spy", "scalene", "memray")}


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One project profiled: what was put in, what was listed first, and whether that is right.

    `times`, `memory` and `peak` are the places that py-spy's, scalene's and memray's profiles list, in order; `seconds`
    are those of the profile step, and `mebibytes` those of its files.
    """

    kind: str
    seed: int
    amount: float
    guilty: str
    times: tuple[str, ...]
    memory: tuple[str, ...]
    peak: tuple[str, ...]
    right: bool
    seconds: float
    mebibytes: float


def run_trial(kind: str, seed: int, folder: Path) -> Trial:
    """Make a project below a folder, time it, profile it, and judge what was listed."""
    project = folder / "project"
    guilty: Guilty | None = None
    amount = 0.0
    if kind == "slower":
        amount = SLOWER[seed % len(SLOWER)]
        guilty = make_slower(project, seed, share=amount)
    elif kind == "hungrier":
        amount = HUNGRIER[seed % len(HUNGRIER)]
        guilty = make_hungrier(project, seed, mebibytes=amount)
    else:
        make_equal(project, seed)
    measure(project)
    start = time.monotonic()
    _profile(project, _TOOLS[kind])
    seconds = time.monotonic() - start
    times, memory, peak = (_listed(project, profiler) for profiler in ("py-spy", "scalene", "memray"))
    return Trial(
        kind=kind,
        seed=seed,
        amount=amount,
        guilty=f"{guilty.function} {guilty.file}:{guilty.lines.start}" if guilty else "",
        times=tuple(map(_spelled, times)),
        memory=tuple(map(_spelled, memory)),
        peak=tuple(map(_spelled, peak)),
        right=_is_first(guilty, times if kind == "slower" else memory) if guilty else not (times or memory or peak),
        seconds=round(seconds, 1),
        mebibytes=round(_size(project / ".hivegate" / "profiles") / 2**20, 2),
    )


def _profile(project: Path, tools: tuple[str, ...]) -> None:
    options = [part for tool in tools for part in ("--tool", tool)]
    command = [sys.executable, "-m", "hivegate", "profile", BENCHMARK, *options]
    environment = {**os.environ, "CI": "true"}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def _listed(project: Path, profiler: str) -> list[dict[str, Any]]:
    """Read the places that a profiler lists as grown; nothing where it was not asked, or is not installed."""
    found = json.loads((project / ".hivegate" / "profiles" / "profiles.json").read_bytes())["profiles"]
    made = next((one for one in found if one["kind"].startswith(profiler)), None)
    if made is None:
        return []
    if not made.get("compared"):
        raise RuntimeError(f"{profiler} did not compare: {made.get('note')}")
    return list(made.get("increases", []))


def _is_first(guilty: Guilty, listed: list[dict[str, Any]]) -> bool:
    first = listed[0] if listed else {}
    same_function = (first.get("function"), first.get("file")) == (guilty.function, guilty.file)
    return same_function and first.get("line") in guilty.lines


def _spelled(place: dict[str, Any]) -> str:
    return f"{place['function']} {place['file']}:{place['line']}"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Run the trials that the evidence lacks, write it and its table; 1 where fewer than 19 of 20 are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=_TRIALS, help="of each kind")
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    given = parser.parse_args()
    done = _read(given.evidence)
    for seed in range(given.trials):
        for kind in KINDS:
            if any((one.kind, one.seed) == (kind, seed) for one in done):
                continue
            with tempfile.TemporaryDirectory(prefix="hivegate-proof-") as folder:
                done.append(run_trial(kind, seed, Path(folder)))
            _write(given.evidence, done)
            print(done[-1], flush=True)  # noqa: T201  a command's output
    right = {kind: sum(one.right for one in done if one.kind == kind) for kind in KINDS}
    print(right)  # noqa: T201  the same
    return int(any(20 * number < 19 * given.trials for number in right.values()))


def _read(path: Path) -> list[Trial]:
    return msgspec.json.decode(path.read_bytes(), type=list[Trial]) if path.exists() else []


def _write(path: Path, trials: list[Trial]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(msgspec.json.encode(one).decode() for one in trials)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    path.with_name("PROFILES.md").write_text(render(trials), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
