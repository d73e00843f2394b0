"""Kill hivegate at random moments: ``nox -s proofs -- kills --minutes 15``; nothing may be left after the next start.

Each trial starts a command in a project of two commits, with a folder for temporary files of its own, and after a
random time sends SIGTERM, SIGHUP or SIGKILL to the command itself, to a process that it started, or to the innermost
one. Then the next start follows, and what is looked for is: processes that work in the project or name its temporary
folder, files in that, trees and what git knows of them, half-written files, a result that cannot be read, and a status
that is not documented. What was tried, and what was left, is added to docs/performance/kills.jsonl.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec
from tests.processes import naming, staying, working_in
from tests.repository import Repository

from hivegate.errors import HivegateError
from hivegate.flows.workspace import load_result

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "kills.jsonl"
_TARGETS = """
schema: 1
targets: [{benchmark: toy/quick, metric: allocations, max: 1000}, {benchmark: "*", max: 10 s}]
budgets: [{benchmark: "*", budget: 1000 %}]
"""
_BENCHES = """
import toy
def bench_quick(benchmark): benchmark.pedantic(toy.work, args=(1000,), rounds=2)
def bench_opens(benchmark, tmp_path): benchmark.pedantic((tmp_path / "file").write_text, args=("text",), rounds=2)
"""
_COMMANDS = (
    ("compare", "HEAD^1", "--max-time", "1s"),
    ("compare", "HEAD^1", "--max-time", "1s", "--fallback"),
    ("bench", "--passes", "3", "--max-time", "1s"),
)
_NEXT = ("compare", "HEAD^1", "--select", "toy/quick", "--max-time", "0.1s")
_WHO = ("command", "child", "innermost")
_KILLS = tuple((who, number) for who in _WHO for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL))
_DOCUMENTED = frozenset({0, 1, 2, 3, 130})
_LOCK = "hivegate-measuring.lock"  # of a machine, and stays
_PATIENCE = 300.0


class Killed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of many kills: how many of whom by what, how the commands ended, and what was `left` or wrong."""

    date: str
    commit: str
    seed: int
    seconds: float
    load: float
    kills: int
    of: dict[str, int]
    ended: dict[str, int]
    left: tuple[str, ...]


class Place:
    """A project of two commits, and its own folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.project, self.temporary = folder / "project", folder / "temporary"
        self.temporary.mkdir()
        self.repository = Repository.new(self.project)
        for number in (1, 2):
            self.repository.commit({
                "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
                ".gitignore": ".hivegate\n__pycache__\nmeasured.json\n",
                "toy.py": f"NUMBER = {number}\ndef work(turns): return sum(range(turns))\n",
                "benches/bench_toy.py": _BENCHES,
                "targets.yaml": _TARGETS,
            })  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
        self._variables = {**kept, "CI": "true", "TMPDIR": str(self.temporary), "XDG_CACHE_HOME": str(folder / "cache")}

    def start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        """Start a command of hivegate; the next Ctrl-C at the terminal is not for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "hivegate", *command],
            cwd=self.project,
            env=self._variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def left(self) -> list[str]:
        """List what is there that should not be."""
        found = [f"process {one}" for one in {*staying(working_in, self.project), *staying(naming, self.temporary)}]
        found += [str(one) for one in self.temporary.iterdir() if one.name != _LOCK and "pytest-of" not in one.name]
        found += [str(one) for one in self.project.rglob("*.hivegate-part")]
        found += [str(one) for one in (self.project / ".hivegate" / "trees").glob("*") if one.is_dir()]
        found += [f"git knows {one}" for one in self.repository.worktrees()[1:]]
        found += [str(one) for one in (self.project / ".git").rglob("*.lock")]
        for result in (self.project / ".hivegate" / "latest").glob("[bc]*.json"):
            try:
                load_result(result)
            except HivegateError as fault:
                found.append(str(fault))
        return found


def below(pid: int) -> list[int]:
    """List the processes below one, level by level."""
    found = [pid]
    for one in found:  # it grows
        for file in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, file.read_text(encoding="ascii").split())
    return found[1:]


def kill(started: subprocess.Popen[bytes], who: str, number: int) -> bool:
    """Send a signal; False where the command had ended before."""
    others = [started.pid] if who == "command" else below(started.pid)
    target = others[-1 if who == "innermost" else 0] if others else 0
    if started.poll() is not None or not target:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(target, number)
        return True
    return False


def attempt(place: Place, command: tuple[str, ...], who: str, number: int, delay: float) -> str:
    """Kill once; returns how the command ended, "" where nothing was killed."""
    with place.start(command) as started:
        time.sleep(delay)
        done = kill(started, who, number)
        status = started.wait(timeout=_PATIENCE)
    if not done:
        return ""
    expected = {-signal.SIGKILL} if (who, number) == ("command", signal.SIGKILL) else _DOCUMENTED
    return f"{status}" if status in expected else f"{status}, which is not documented"


def duration(place: Place, command: tuple[str, ...]) -> float:
    """Measure how long a command takes that nobody kills."""
    begin = time.monotonic()
    with place.start(command) as started:
        started.wait(timeout=_PATIENCE)
    return time.monotonic() - begin


def prove(minutes: float, seed: int) -> Killed:
    """Kill for so many minutes."""
    chance, begin = random.Random(seed), time.monotonic()  # noqa: S311  no secret
    of: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    left: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        place = Place(Path(name))
        durations = {command: duration(place, command) for command in _COMMANDS}
        print(durations, flush=True)  # noqa: T201  it takes minutes
        waiting: list[tuple[str, int]] = []  # each of them once before any again: the innermost lives shortest
        while time.monotonic() - begin < minutes * 60:
            waiting = waiting or chance.sample(_KILLS, len(_KILLS))
            command, (who, number) = chance.choice(_COMMANDS), waiting[-1]
            status = attempt(place, command, who, number, chance.uniform(0, durations[command]))
            if not status:
                continue
            waiting.pop()
            what = f"{signal.Signals(number).name} to {who}"
            of[what] += 1
            ended[status] += 1
            with place.start(_NEXT) as following:
                after = following.wait(timeout=_PATIENCE)
            found = place.left()
            if after not in _DOCUMENTED or found or "not documented" in status:
                left.append(f"{' '.join(command)}, {what}: ended with {status}; the next with {after}; {found}")
            print(sum(of.values()), what, status, found, flush=True)  # noqa: T201  it takes minutes
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    return Killed(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        commit=commit,
        seed=seed,
        seconds=round(time.monotonic() - begin, 1),
        load=round(os.getloadavg()[0], 1),
        kills=sum(of.values()),
        of=dict(sorted(of.items())),
        ended=dict(sorted(ended.items())),
        left=tuple(left),
    )


def main() -> int:
    """Kill for as long as asked, and keep what came of it; 1 where something was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    given = parser.parse_args()
    for number in (signal.SIGHUP, signal.SIGINT):  # nohup, and a job in the background, ignore them for all below
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    done = prove(given.minutes, given.seed)
    with EVIDENCE.open("ab") as evidence:
        evidence.write(msgspec.json.encode(done) + b"\n")
    print(done)  # noqa: T201  a command's output
    return int(bool(done.left))


if __name__ == "__main__":
    sys.exit(main())
