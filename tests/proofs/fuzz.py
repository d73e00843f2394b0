"""Fuzz every reader for two minutes: ``python -m tests.proofs.fuzz``, or ``nox -s fuzz``.

Real files of each format are broken by the mutations of tests/mutations.py, under numbers that begin at the clock's, so
no two runs try the same. What comes out of a reader is a refusal, or a sound run of which every benchmark has one
verdict. What does not is written to build/fuzz, to become a test, and ends the fuzzing of its reader. How much was
tried is added to docs/performance/fuzz.jsonl.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import msgspec
from tests.mutations import mutated
from tests.property.test_ingest_formats_fuzz import CRITERION, FILES, attempt_content, attempt_criterion, mutate
from tests.property.test_ingest_fuzz import FILES as MORE_FILES
from tests.property.test_ingest_fuzz import check
from tests.property.test_odd_entries import ANYTHING

from hivegate.ingest import read
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "fuzz.jsonl"
FOUND = Path("build") / "fuzz"
_READERS = {"data": "github_action_benchmark", "run": "hivegate"}


class Fuzzed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a reader: how many files it was given, how many of them it read, and what was wrong."""

    date: str
    reader: str
    seconds: float
    load: float
    first_seed: int
    files: int
    read: int
    fault: str = ""


def files_by_reader() -> dict[str, list[Path]]:
    """List the files that are broken, by what reads them; criterion's are folders."""
    found: dict[str, list[Path]] = {"criterion": [FILES[0].parent / "criterion" / one for one in CRITERION]}
    for file in FILES:
        name = file.name.partition(".")[0].partition("-")[0]
        found.setdefault(_READERS.get(name, name), []).append(file)
    for file in MORE_FILES:
        found.setdefault(_READERS.get(file.parent.name, file.parent.name), []).append(file)
    return found


def fuzz(reader: str, files: list[Path], seconds: float) -> Fuzzed:
    """Break one reader's files for so many seconds, or until a reader does what it must not."""
    first = time.time_ns()
    start, tried, passed, fault = time.monotonic(), 0, 0, ""
    with tempfile.TemporaryDirectory(prefix="hivegate-fuzz-") as folder:
        here = Path(folder)
        while not fault and time.monotonic() - start < seconds:
            file, seed = files[tried % len(files)], first + tried
            try:
                passed += _attempt(reader, file, seed, here)
            except Exception:  # noqa: BLE001  whatever a reader raises is what is looked for
                fault = traceback.format_exc(limit=-3)
                (kept,) = here.glob("result*")
                _keep(kept, FOUND / f"{reader}-{seed}")
            tried += 1
    return Fuzzed(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        reader=reader,
        seconds=round(time.monotonic() - start, 1),
        load=round(os.getloadavg()[0], 1),
        first_seed=first,
        files=tried,
        read=passed,
        fault=fault,
    )


def _attempt(reader: str, file: Path, seed: int, folder: Path) -> bool:
    """Read one broken file and judge what it holds; tell whether it was read."""
    if reader == "criterion":
        was_read, path = attempt_criterion(seed, folder, file), folder / "result"
    elif reader == "hivegate":  # of which one may hold no benchmark
        content = mutated(file.read_bytes(), seed)
        was_read, path = check(content, folder), folder / "result.json"
    else:
        breaks = mutated if file.suffix == ".json" and seed % 2 else mutate
        was_read, path = attempt_content(breaks(file.read_bytes(), seed), folder), folder / "result"
    if was_read:
        run = read(path)
        result = judge(ANYTHING, run, estimate_targets(ANYTHING, run), today=dt.date(2026, 1, 1))
        counted = Counter(verdict.benchmark for verdict in result.verdicts)
        assert counted == dict.fromkeys((benchmark.id for benchmark in run.benchmarks), 1), counted
        result.outcome  # noqa: B018  the whole run has one as well
    return was_read


def _keep(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rename(to)
    else:
        to.write_bytes(path.read_bytes())


def main() -> int:
    """Fuzz the named readers, or all; 1 where one of them did what it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help="only these")
    parser.add_argument("--seconds", type=float, default=120.0, help="for each reader")
    given = parser.parse_args()
    wrong = 0
    for reader, files in sorted(files_by_reader().items()):
        if given.readers and reader not in given.readers:
            continue
        done = fuzz(reader, files, given.seconds)
        wrong += bool(done.fault)
        with EVIDENCE.open("ab") as evidence:
            evidence.write(msgspec.json.encode(done) + b"\n")
        print(done, flush=True)  # noqa: T201  a command's output
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
