"""Prove that unchanged code is green, whatever the machine does: ``nox -s proofs -- unchanged``; it continues.

A trial clones the commit and asks the command, with no option, about all benchmarks of this repository: `bench` of the
clone as it is, `compare` of a commit that changes a line of the README with the one before. The environment is ready
beforehand. Another Python is asked by ``nox -P 3.13 -s proofs -- unchanged bench``. What came of each is added
to docs/performance/unchanged.jsonl, from which UNCHANGED.md is written.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from tests.environments import Environment
from tests.repository import Repository

from hivegate.measure.pairs.process import cores
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "performance" / "unchanged.jsonl"
_COMMANDS = {"bench": ("bench",), "compare": ("compare", "HEAD^")}
_PATIENCE = 3600.0
_QUOTA = 0.5  # of every core
_PERIOD = 100_000  # microseconds
_GROUP = "hivegate-proof"
_IDLEST = 19
_CALM = 1.5  # load
_OTHERS = "nothing of ours, a load above 1.5"
_HEAD = """\
# Unchanged code

Written by `nox -s proofs -- unchanged` from `unchanged.jsonl`; do not edit. Each trial asks `hivegate bench` or
`hivegate compare` about all benchmarks of this repository, whose code did not change, so a *red* run is a false
alarm. The environment was ready, the machine had two cores, and what else ran on it is the load when a trial began.
"""
_ASKED = {
    "bench": "asked for: never *failed*, 4 minutes; *inconclusive* no must target and at most 5 % of all with nothing "
    "beside, at most 15 % with busy processes",
    "compare": "asked for: never *slower*, 5 minutes, at least 95 % judged",
}


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a command said of unchanged code: verdicts by outcome, and the names of those that broke or stayed open.

    What broke is a warning where its tier is nice; the `outcome` is that of all. `open_must` are those of what stayed
    open whose target is a must.
    """

    command: str
    beside: str
    commit: str
    python: str
    load: float
    seconds: float
    exit_status: int
    outcome: str
    counts: dict[str, int]
    broken: tuple[str, ...]
    open: tuple[str, ...]
    open_must: tuple[str, ...]


@contextlib.contextmanager
def nothing() -> Iterator[Callable[[], object] | None]:
    """Leave the machine as it is."""
    yield None


@contextlib.contextmanager
def busy() -> Iterator[Callable[[], object] | None]:
    """Let a process compute on each core."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in cores()]
    try:
        yield None
    finally:
        for other in others:
            other.kill()
            other.wait()


@contextlib.contextmanager
def quota() -> Iterator[Callable[[], object] | None]:
    """Give the command half of every core, as a container would; needs the right to make a control group."""
    root = Path("/sys/fs/cgroup")
    old = root / "cpu"
    group = (old if old.is_dir() else root) / _GROUP
    group.mkdir(exist_ok=True)
    granted = round(_QUOTA * len(cores()) * _PERIOD)
    if old.is_dir():
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(granted))
    else:
        (group / "cpu.max").write_text(f"{granted} {_PERIOD}")
    try:
        yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    finally:
        group.rmdir()


@contextlib.contextmanager
def idlest() -> Iterator[Callable[[], object] | None]:
    """Give the command the lowest priority."""
    yield functools.partial(os.nice, _IDLEST)


BESIDE = {"nothing": nothing, "busy": busy, "quota": quota, "nice 19": idlest}


def ask(repository: Repository, python: str, command: str, beside: str) -> Trial:
    """Ask the command once."""
    result = repository.folder / ".hivegate" / "latest" / f"{'run' if command == 'bench' else command}.json"
    result.unlink(missing_ok=True)
    load = os.getloadavg()[0]
    with BESIDE[beside]() as first:
        begin = time.monotonic()
        ended = subprocess.run(
            [python, "-m", "hivegate", *_COMMANDS[command], "--json", str(result)],
            cwd=repository.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            preexec_fn=first,
            check=False,
        )
        seconds = time.monotonic() - begin
    found = json.loads(result.read_bytes())
    verdicts = found["verdicts"]
    left = [one for one in verdicts if one["outcome"] == Outcome.INCONCLUSIVE.value]
    broken = {Outcome.FAILED.value, Outcome.SLOWER.value, Outcome.MISSING.value, Outcome.INVALID.value}
    return Trial(
        command=command,
        beside=beside,
        commit=repository.git("rev-parse", "--short=10", "HEAD" if command == "bench" else "HEAD^"),
        python=platform.python_version(),
        load=round(load, 1),
        seconds=round(seconds, 1),
        exit_status=ended.returncode,
        outcome=found["outcome"],
        counts=dict(sorted(Counter(one["outcome"] for one in verdicts).items())),
        broken=tuple(sorted(one["benchmark"] for one in verdicts if one["outcome"] in broken)),
        open=tuple(sorted(one["benchmark"] for one in left)),
        open_must=tuple(sorted(one["benchmark"] for one in left if one.get("tier") == "must")),
    )


def render(trials: Sequence[Trial]) -> str:
    """Write the page."""
    return "\n".join(_lines(trials)) + "\n"


def _lines(trials: Sequence[Trial]) -> Iterator[str]:
    yield _HEAD
    for command in _COMMANDS:
        yield f"## `hivegate {command}`"
        yield ""
        yield _ASKED[command] + "."
        yield ""
        yield "| beside it | Python | runs | red | load | seconds, median (range) | judged, median | musts open |"
        yield "|---|---|---:|---:|---:|---:|---:|---:|"
        groups: dict[tuple[str, str], list[Trial]] = {}
        for one in trials:
            if one.command == command:
                beside = _OTHERS if one.beside == "nothing" and one.load > _CALM else one.beside
                groups.setdefault((beside, one.python.rpartition(".")[0]), []).append(one)
        for (beside, python), some in sorted(groups.items()):
            asked = [sum(one.counts.values()) - one.counts.get("new", 0) for one in some]
            judged = [100 * (1 - len(one.open) / number) for one, number in zip(some, asked, strict=True)]
            load = statistics.median(one.load for one in some)
            seconds = _spread([one.seconds for one in some], ".0f")
            red, musts = (
                sum(one.outcome in {"failed", "slower"} for one in some),
                max(len(one.open_must) for one in some),
            )
            share = _spread(judged, ".1f")
            yield f"| {beside} | {python} | {len(some)} | {red} | {load:.1f} | {seconds} | {share} % | {musts} |"
        yield ""
        told = [one for one in trials if one.command == command]
        for title, names in (
            ("Failed, of whatever tier", Counter(name for one in told for name in one.broken)),
            ("Open most often", Counter(name for one in told for name in sorted(set(one.open)))),
        ):
            if names:
                most = ", ".join(f"`{name}` {count} of {len(told)}" for name, count in names.most_common(12))
                yield f"{title}: {most}."
                yield ""


def _spread(values: Sequence[float], form: str) -> str:
    least, most = min(values), max(values)
    middle = f"{statistics.median(values):{form}}"
    return middle if len(values) == 1 else f"{middle} ({least:{form}} to {most:{form}})"


def main() -> None:
    """Take trials, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=list(_COMMANDS), nargs="?", default="bench")
    parser.add_argument("--beside", choices=list(BESIDE), nargs="+", default=["nothing"])
    parser.add_argument("--runs", type=int, default=1, metavar="N")
    parser.add_argument("--write", action="store_true", help="only write the page")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hivegate-unchanged-") as name:
        if not told.write:
            repository = Repository(ROOT).clone(Path(name, "clone"))
            if told.command == "compare":
                repository.commit({"README.md": (ROOT / "README.md").read_text(encoding="utf-8") + "\n"})
            environment = Environment(Path(name, "environment"))
            environment.install("-e", str(repository.folder), "-e", str(repository.folder / "hive"))
            for beside in told.beside * told.runs:
                trial = ask(repository, environment.python, told.command, beside)
                print(trial, flush=True)  # noqa: T201  it takes minutes
                with EVIDENCE.open("ab") as file:
                    file.write(msgspec.json.encode(trial) + b"\n")
    trials = [msgspec.json.decode(line, type=Trial) for line in EVIDENCE.read_bytes().splitlines()]
    EVIDENCE.with_name("UNCHANGED.md").write_text(render(trials), encoding="utf-8")


if __name__ == "__main__":
    main()
