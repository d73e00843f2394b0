"""Prove that what could be slower is measured: ``nox -s proofs -- unreached``.

All mutants of `tests/unreached_mutants.txt` are committed as one change, each in a package and with a benchmark of its
own; the change is traced once, and every benchmark timed on both sides by a loop that knows nothing of traces. What is
slower and called unreached is a defect. docs/performance/unreached.jsonl and UNREACHED.md get what came of each kind.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from tests.unreached_mutants import KINDS, all_mutants
from tests.unreached_project import commit_mutants, traced

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "performance" / "unreached.jsonl"
_SLOWER = 1.2  # times
_TIMER = """
import importlib, json, sys, time
sys.path.insert(0, "src")
found = {}
for package in sys.argv[1:]:
    run = importlib.import_module(package + ".work").run
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    found[package] = min(times[1:])
print(json.dumps(found))
"""


class KindRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one kind under one Python: variants, how many a timing shows slower, how many went unmeasured.

    `seconds` are those of all four traces of a benchmark, its share of the imports included.
    """

    kind: str
    python: str
    mutants: int
    slower: int
    unreached: int
    seconds: float
    why: str


def prove(python: str, variants: int) -> list[KindRecord]:
    """Trace and time all mutants under an interpreter."""
    mutants = dict(all_mutants(variants))
    with tempfile.TemporaryDirectory() as folder:
        repository = commit_mutants(Path(folder), mutants)
        head = _timed(python, repository.folder, list(mutants))
        repository.git("stash", "--include-untracked", "--quiet")
        base = _timed(python, repository.folder, list(mutants))
        repository.git("stash", "pop", "--quiet")
        start = time.monotonic()
        reach = traced(repository.folder, python=python)
        seconds = time.monotonic() - start
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    records = []
    for kind in KINDS:
        names = [package for package, mutant in mutants.items() if mutant.kind == kind]
        ids = [f"mutants/{package}" for package in names]
        records.append(
            KindRecord(
                kind=kind,
                python=version,
                mutants=len(names),
                slower=sum(head[name] > _SLOWER * base[name] for name in names),
                unreached=sum(one in reach.unreached for one in ids),
                seconds=round(seconds / len(mutants), 3),
                why=reach.reached.get(ids[0], "").replace(names[0], "NAME"),
            )
        )
    return records


def _timed(python: str, folder: Path, packages: Sequence[str]) -> dict[str, float]:
    command = [python, "-c", _TIMER, *packages]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout))


def page(records: Sequence[KindRecord]) -> str:
    """Write the table of what came of each kind."""
    pythons = sorted({record.python for record in records}, key=lambda version: [int(n) for n in version.split(".")])
    total, slower, unreached = (
        sum(getattr(record, name) for record in records) for name in ("mutants", "slower", "unreached")
    )
    lines = [
        "# Mutants that a change reaches",
        "",
        "Written by `nox -s proofs -- unreached` from `unreached.jsonl`; do not edit. In each mutant the code of no",
        "function that runs differs, and a benchmark is slower all the same.",
        "[What a change can reach](../explanation/reach.md) says how that is noticed.",
        "",
        f"{total} mutants under Python {' and '.join(pythons)}: a timing of its own shows {slower} slower,",
        f"and {unreached} were called unreached.",
        "",
        f"| kind | {' | '.join(f'{version}: mutants, slower, unreached' for version in pythons)} | measured because |",
        f"|---|{'---|' * len(pythons)}---|",
    ]
    for kind in dict.fromkeys(record.kind for record in records):
        own = {record.python: record for record in records if record.kind == kind}
        cells = [f"{own[v].mutants}, {own[v].slower}, {own[v].unreached}" if v in own else "" for v in pythons]
        lines.append(f"| {kind} | {' | '.join(cells)} | {next(iter(own.values())).why} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove under one interpreter, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="interpreter with pytest-benchmark")
    parser.add_argument("--variants", type=int, default=5)
    given = parser.parse_args(arguments)
    fresh = prove(given.python, given.variants)
    lines = EVIDENCE.read_bytes().splitlines() if EVIDENCE.exists() else []
    known = [msgspec.json.decode(line, type=KindRecord) for line in lines]
    kept = [record for record in known if record.python != fresh[0].python]
    EVIDENCE.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in (*kept, *fresh)))
    EVIDENCE.with_name("UNREACHED.md").write_text(page([*kept, *fresh]), encoding="utf-8")
    return sum(record.unreached for record in fresh)


if __name__ == "__main__":
    sys.exit(main())
