"""The evidence: what each tool said about benchmarks whose change is known, one line of JSON a tool and trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tool said about one benchmark.

    `verdicts` are by rule: ``slower``, ``passed``, and of hivegate its own outcomes. `ratio` is head over base as the
    tool saw it; `low`, `high`, `pairs`, `clock` and `spread`, the standard deviation of the log of one pair, are
    hivegate's. `seconds` is what the verdict cost: its share of what the tool took in all.
    """

    benchmark: str
    kind: str
    dose: int
    budget: int = 0
    verdicts: dict[str, str]
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    pairs: int = 0
    clock: str = ""
    seconds: float


class Judged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tool's answer to one trial; `load` is the machine's when it began, `seconds` what it took in all.

    `nice` is the priority that the tool ran with, whichever it was: below 0 the machine's other work waited. `company`
    is what ran beside on purpose; "" where nobody cared.
    """

    trial: int
    suite: str
    tool: str
    version: str
    when: str
    load: float
    nice: int = 0
    company: str = ""
    seconds: float
    said: tuple[Said, ...]


def read(folder: Path) -> list[Judged]:
    """Read all evidence in a folder, file by file."""
    lines = (line for file in sorted(folder.glob("*.jsonl")) for line in file.read_bytes().splitlines())
    return [msgspec.json.decode(line, type=Judged) for line in lines]


def append(folder: Path, judged: Judged) -> None:
    """Keep one answer at once: a run that is interrupted loses nothing that was judged."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{judged.tool}.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(judged) + b"\n")


def answered(evidence: Iterable[Judged], company: str = "") -> set[tuple[str, int, str]]:
    """Name what is known already in such company, as suite, trial and tool."""
    return {(one.suite, one.trial, one.tool) for one in evidence if one.company == company}
