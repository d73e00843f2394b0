"""Prove what a cluster leaves as it is: ``python -m tests.proofs.dask [PART]...`` writes docs/performance/DASK.md.

The parts are `recorded` (recorded pairs judged by four workers, of which twenty die in the middle) and `measured` (a
project measured by four workers, of which twenty are killed at any moment); without one both are proven. A part that
does not hold raises.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clusters import cluster, kill_parts
from tests.proofs.dask_page import render
from tests.replayed import Recording, compared, compared_on
from tests.repository import Repository

from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.rules import Rules
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.system import checkouts
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.events import Event

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "performance" / "dask.json"
RECORDED = ROOT / "docs" / "performance" / "scale" / "pairs.jsonl"
WORKERS = 4
KILLS = 20
_PARTS = 24
_DOSES = (0.9, 1.0, 1.01, 1.05, 1.15)
_TARGETS = 'schema: 1\nbudgets:\n  - {{benchmark: "*", budget: {budget} %}}\n'
_BUDGET = 3
_FACTORS = {"steady_a": 1, "steady_b": 1, "twice": 2, "half": 0.5}
_MEASURED_BUDGET = 40
_MOST_RUNS = 20


def recorded(folder: Path) -> dict[str, Any]:
    """Judge recorded pairs, dosed with known changes, whole and by workers, and by workers that die."""
    pairs = {}
    for line in RECORDED.read_bytes().splitlines():
        row = json.loads(line)
        for dose in _DOSES:
            pairs[f"{row['benchmark']} times {dose:g}"] = tuple(_pair(log + math.log(dose)) for log in row["logs"])
    made = Recording(pairs=pairs, targets=_TARGETS.format(budget=_BUDGET))
    targets = parse_targets(made.targets, "targets.yaml")
    whole = {one.benchmark: one for one in judge_comparison(Rules(head=targets), compared(made)).verdicts}
    packed = _packed(folder / "packed")
    found: dict[str, Any] = {
        "series": len(pairs),
        "verdicts": dict(Counter(one.outcome.value for one in whole.values())),
    }
    with cluster(WORKERS, folder) as address:
        for name, kills in (("alive", 0), ("dying", KILLS)):
            told: list[Event] = []
            run, _ = compared_on(
                address, packed, made, folder / name, parts=_PARTS, deaths=kills, on_progress=told.append
            )
            verdicts = {one.benchmark: one for one in judge_comparison(Rules(head=targets), run).verdicts}
            unlike = [one for one in whole if verdicts.get(one) != whole[one]]
            found[name] = {"lost": sum("was lost" in str(one) for one in told), "unlike": len(unlike), "kills": kills}
            if unlike or len(verdicts) != len(whole):
                raise SystemExit(f"the verdicts differ: {unlike}")
    return found


def measured(folder: Path) -> dict[str, Any]:
    """Compare a project again and again while workers are killed, until twenty were."""
    project = _project(folder / "project")
    chance = random.Random(3)  # noqa: S311  when to kill, no secret
    found: dict[str, Any] = {"comparisons": 0, "kills": 0, "lost": 0, "verdicts": Counter(), "missing": 0, "false": 0}
    with cluster(WORKERS, folder) as address:
        while found["kills"] < KILLS and found["comparisons"] < _MOST_RUNS:
            _compare(project, folder, address, found, lambda: chance.uniform(0, 4))
    if found["false"] or found["missing"] or found["kills"] < KILLS:
        raise SystemExit(f"it does not hold: {found}")
    return found


def _compare(project: Path, folder: Path, address: str, found: dict[str, Any], wait: Callable[[], float]) -> None:
    command = [sys.executable, "-m", "hivegate", "compare", "HEAD^", "--on", f"dask://{address}", "--json", "r.json"]
    over = threading.Event()
    killed: list[int] = []
    killer = threading.Thread(target=kill_parts, args=(folder, killed, KILLS - found["kills"], wait, over))
    killer.start()
    started = time.monotonic()
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    over.set()
    killer.join()
    verdicts = {one["benchmark"]: one["outcome"] for one in json.loads((project / "r.json").read_text())["verdicts"]}
    lost = ended.stderr.count("was lost. Part")
    print(f"{len(killed)} killed, {lost} lost, {time.monotonic() - started:.0f} s: {verdicts}", flush=True)  # noqa: T201
    found["comparisons"] += 1
    found["kills"] += len(killed)
    found["lost"] += lost
    found["verdicts"].update(verdicts.values())
    found["missing"] += sum(f"toys/{name}" not in verdicts for name in _FACTORS)
    found["false"] += sum(_is_false(factor, verdicts.get(f"toys/{name}")) for name, factor in _FACTORS.items())


def _is_false(factor: float, outcome: str | None) -> bool:
    """Tell whether a verdict says what is not so; one that is not given says nothing."""
    return outcome == "passed" if factor > 1 else outcome == "slower"


def _project(folder: Path) -> Path:
    made = Repository.new(folder)
    code = "def work(times):\n    return sum(i * i for i in range(int(1000 * times)))\n"
    tests = "".join(f"\ndef test_{name}(benchmark):\n    benchmark(toys.{name})\n" for name in _FACTORS)
    files: dict[str, str | None] = {
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
        "targets.yaml": _TARGETS.format(budget=_MEASURED_BUDGET),
        "benches/bench_toys.py": f"import toys\n{tests}",
        ".gitignore": "*.json\n.hivegate\n__pycache__\n",
    }

    def toys(factors: dict[str, float]) -> str:
        return code + "".join(f"\ndef {name}():\n    return work({times})\n" for name, times in factors.items())

    made.commit({**files, "src/toys.py": toys(dict.fromkeys(_FACTORS, 1))})
    made.commit({"src/toys.py": toys(_FACTORS)})
    return made.folder


def _packed(folder: Path) -> bytes:
    made = Repository.new(folder)
    made.commit({"pyproject.toml": ""})
    return checkouts.pack(made.folder, None)


def _pair(log: float) -> PairSample:
    base, head = Doubles((1.0,)), Doubles((math.exp(log),))
    return PairSample(calls=1, switches=0, base_wall=base, head_wall=head, base_cpu=base, head_cpu=head)


_PROOFS = {"recorded": recorded, "measured": measured}


def main() -> None:
    """Prove what is asked for, or everything, and keep the evidence."""
    parser = argparse.ArgumentParser(prog="nox -s proofs -- dask", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *_PROOFS], metavar="PART")
    known = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
    for part in parser.parse_args().parts or _PROOFS:
        with tempfile.TemporaryDirectory(prefix="hivegate-proof-") as folder:
            known[part] = _PROOFS[part](Path(folder))
        EVIDENCE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        EVIDENCE.with_name("DASK.md").write_text(render(known), encoding="utf-8")


if __name__ == "__main__":
    main()
