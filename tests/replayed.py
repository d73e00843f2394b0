"""Recorded pairs looked at and judged again: all at once, or in parts on the workers of a cluster."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.cluster import gather, read_place, spread
from hivegate.flows.compare.sequential import confirm, take_looks
from hivegate.flows.remote.join import join
from hivegate.flows.shard import Division
from hivegate.ingest import write_comparison
from hivegate.judge import BudgetTable
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.pairs import PairSample
from hivegate.model.run import Commit
from hivegate.model.statistics import CONFIRMING_PAIRS, ComparisonStatistics
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hivegate.model.events import ProgressCallback


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of each benchmark in the order of measuring, and what must hold of them; the last ones confirm."""

    pairs: dict[str, tuple[PairSample, ...]]
    targets: str


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a recording to be judged on a worker, which a token in `doom` kills in the middle."""

    recording: str
    number: int
    count: int
    doom: str = ""


class Replayed:
    """Pairs as a comparison asks for them, of a recording."""

    def __init__(self, pairs: Mapping[str, Sequence[PairSample]]) -> None:
        self._pairs = pairs
        self.samples: dict[str, list[PairSample]] = {name: [] for name in pairs}
        self.troubles: frozenset[str] = frozenset()

    def measure(
        self, ids: set[str], pairs: int, *, overdue: Callable[[], bool], keep: bool = True
    ) -> dict[str, Sequence[PairSample]]:
        """Give the next pairs, or those that confirm."""
        del overdue
        added: dict[str, Sequence[PairSample]] = {}
        for name in ids:
            known, done = self._pairs[name], len(self.samples[name])
            added[name] = known[:-CONFIRMING_PAIRS][done : done + pairs] if keep else known[-CONFIRMING_PAIRS:][:pairs]
        for name, fresh in added.items() if keep else ():
            self.samples[name] += fresh
        return added


def write_recording(path: Path, recording: Recording) -> None:
    """Keep a recording in a file."""
    path.write_bytes(msgspec.json.encode(recording, enc_hook=list))


def read_recording(path: Path) -> Recording:
    """Read what was kept."""
    return msgspec.json.decode(path.read_bytes(), type=Recording, dec_hook=lambda kind, value: kind(value))


def compared(
    recording: Recording, division: Division | None = None, middle: Callable[[], None] = lambda: None
) -> Comparison:
    """Look at a recording, or at a part of it, as a comparison does; `middle` is called before it is confirmed."""
    targets = parse_targets(recording.targets, "targets.yaml")
    part, shard = (set(recording.pairs), None) if division is None else division.part(recording.pairs, targets)
    known = BudgetTable(targets)
    budgets = {name: known.of(name) for name in sorted(part)}
    replayed = Replayed({name: recording.pairs[name] for name in budgets})
    changes = take_looks(replayed, budgets, lambda: False, ComparisonStatistics.at(targets.confidence))
    middle()
    confirmed = confirm(changes, replayed, budgets, lambda _: None)
    benchmarks = tuple(
        BenchmarkComparison(id=name, node_id=name, change=changes[name], confirmed=confirmed.get(name))
        for name in budgets
    )
    return Comparison(base="main", commit=Commit(sha="0" * 40), benchmarks=benchmarks, shard=shard)


def orders(path: Path, count: int, doom: str = "") -> list[bytes]:
    """Order the parts of a recording that is kept in a file."""
    return [
        msgspec.json.encode(Replay(recording=str(path), number=one, count=count, doom=doom))
        for one in range(1, count + 1)
    ]


def compared_on(
    address: str,
    packed: bytes,
    recording: Recording,
    folder: Path,
    *,
    parts: int,
    deaths: int,
    on_progress: ProgressCallback,
) -> tuple[Comparison, set[str]]:
    """Look at a recording in parts on the workers of a cluster, of which so many die, and join what they answer.

    `folder` is a new one. Returns the addresses of those who answered, too.
    """
    folder.mkdir()
    doom = folder / "doom"
    doom.mkdir()
    for number in range(deaths):
        (doom / f"{number:02}").touch()
    write_recording(folder / "pairs.json", recording)
    with gather(read_place(f"dask://{address}"), packed, on_progress) as team:
        measured = spread(team, orders(folder / "pairs.json", parts, str(doom)), on_progress, work=replay)
    assert not list(doom.iterdir()), "not all of the workers that were to die did"
    files = [folder / f"{number}.json" for number in range(parts)]
    for file, one in zip(files, measured, strict=True):
        file.write_bytes(one.document)
    whole = join(tuple(files), parse_targets(recording.targets, "targets.yaml"))
    assert isinstance(whole, Comparison)
    return whole, {one.member.address for one in measured}


def replay(name: str, order: bytes) -> dict[str, Any]:
    """Do on a worker what it does for a part, with a recording in the place of processes that measure."""
    asked = msgspec.json.decode(order, type=Replay)
    division = Division(number=asked.number, count=asked.count)

    def die() -> None:
        for token in sorted(Path(asked.doom).glob("*"))[:1] if asked.doom else ():
            token.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    document = write_comparison(compared(read_recording(Path(asked.recording)), division, die))
    return {"pid": os.getpid(), "checkout": name, "prepared": True, "document": document}
