"""What a change can reach: benchmarks whose traces show equal code on equal inputs need not be measured.

The argument is that of the first difference. Two processes in one environment do the same until one of them runs code
that differs, or reads something that differs. So where a trace of each side shows neither, from the start of the
process to its end, both do the same to the end. What a trace cannot show, as another process, is taken for reached.
"""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from hivegate.errors import HivegateError
from hivegate.measure.inputs import is_aside
from hivegate.measure.pairs.checkout import SIDES
from hivegate.measure.subject import ONE_THREAD
from hivegate.measure.worker_run import run_in_worker
from hivegate.model.events import Started
from hivegate.model.protocol import ReachPlan
from hivegate.model.reach import Unreached, UntestedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hivegate.measure.collect import BenchmarkItem
    from hivegate.measure.pairs.checkout import PairSetup
    from hivegate.measure.worker_run import WorkerRun
    from hivegate.model.events import ProgressCallback
    from hivegate.model.protocol import CodeFacts, ReachReadings

_SEEDS = ("1", "2")  # of hashes: what depends on the order of a set shows itself
_OLDEST, _NEWEST = (3, 11), (3, 13)  # those that the mutants are tried under
_DISTRIBUTIONS = (".dist-info", ".egg-info", ".egg")
_NOT_CONTENT = frozenset({".git", ".hivegate", "__pycache__", ".pytest_cache", ".benchmarks"})

Codes = dict[str, dict[str, dict[str, "CodeFacts"]]]  # by side, file and place


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """By id why a change reaches a benchmark, and those that it cannot reach; what it touches that nothing runs."""

    reached: dict[str, str]
    unreached: dict[str, Unreached]
    untested: tuple[UntestedFunction, ...] = ()


class _Trace(NamedTuple):
    """One run of a side's traces."""

    side: str
    run: WorkerRun


def why_not_traced(python: str, implementation: str) -> str:
    """Say why an interpreter's processes cannot be traced; "" where they can."""
    version = tuple(int(part) for part in python.split(".")[:2])
    if implementation != "CPython" or not _OLDEST <= version <= _NEWEST:
        known = " to ".join(".".join(map(str, one)) for one in (_OLDEST, _NEWEST))
        return f"a trace needs CPython {known}; this is {implementation} {python}"
    return "" if hasattr(os, "fork") else "a trace needs a system that can fork"


def find_reach(
    setup: PairSetup, chosen: tuple[BenchmarkItem, ...], differing: Sequence[str], on_progress: ProgressCallback
) -> Reach:
    """Trace what is chosen on both sides, twice with another seed of hashes, and find what the change reaches.

    `differing` are all files of the repository that are not as in base's commit.
    """
    try:
        traces = [
            _Trace(side, _trace(setup, side, chosen, differing, seed, on_progress)) for seed in _SEEDS for side in SIDES
        ]
    except HivegateError as fault:
        return Reach(reached={item.id: f"the trace failed: {fault.message}" for item in chosen}, unreached={})
    trees = {"head": setup.trees.repository, "base": setup.trees.of("base", setup.trees.repository)}
    codes = {side: _codes(traces, side) for side in SIDES}
    comparer = _Comparer(trees, frozenset(differing), codes)
    reached: dict[str, str] = {}
    unreached: dict[str, Unreached] = {}
    ran: dict[str, set[str]] = {}
    for item in chosen:
        readings = [(side, end.reach if (end := run.finished.get(item.id)) else None) for side, run in traces]
        known = [(side, one) for side, one in readings if one is not None]
        why = "it was not traced to its end in each process" if len(known) < len(readings) else comparer.why(known)
        for side, one in known:
            for file, places in one.places.items() if side == "head" else ():
                ran.setdefault(file, set()).update(places)
        if why:
            reached[item.id] = why
        else:
            functions = known[-1][1].functions
            unreached[item.id] = Unreached(functions=sum(map(len, functions.values())), modules=len(functions))
    return Reach(reached=reached, unreached=unreached, untested=tuple(_untested(codes, ran)))


def _trace(
    setup: PairSetup,
    side: str,
    chosen: tuple[BenchmarkItem, ...],
    differing: Sequence[str],
    seed: str,
    on_progress: ProgressCallback,
) -> WorkerRun:
    suite = setup.suite_of(side, chosen)
    variables = {**ONE_THREAD, **suite.subject.variables, "PYTHONHASHSEED": seed}
    suite = msgspec.structs.replace(suite, subject=msgspec.structs.replace(suite.subject, variables=variables))
    top = setup.trees.of(side, setup.trees.repository)
    on_progress(Started(stage=f"what is reached on {side}, {seed}", steps=len(chosen)))
    return run_in_worker(suite, ReachPlan(top=str(top), differing=tuple(differing)), {}, on_progress)


def _codes(traces: Sequence[_Trace], side: str) -> dict[str, dict[str, CodeFacts]]:
    return next((run.codes.files for of, run in traces if of == side and run.codes is not None), {})


class _Comparer:
    """Says whether anything differs that a benchmark reached."""

    def __init__(self, trees: Mapping[str, Path], differing: frozenset[str], codes: Codes) -> None:
        self._trees = trees
        self._differing = differing
        self._codes = codes
        self._known: dict[tuple[str, str], str] = {}

    def why(self, readings: Sequence[tuple[str, ReachReadings]]) -> str:
        """Say why a change reaches a benchmark; "" where nothing of these traces differs."""
        for _, one in readings:
            if one.unknown:
                return f"not known: {one.unknown}"
        touched = {(name, kind) for _, one in readings for name, kinds in one.touched.items() for kind in kinds}
        for name, kind in sorted(touched):
            if why := self._touched(name, kind):
                return why
        line_reader = next((one.line_reader for _, one in readings if one.line_reader), "")
        for name in sorted({name for _, one in readings for name in one.functions}):
            places = {place for _, one in readings for place in one.places.get(name, ())}
            if why := self._ran(name, places, line_reader):
                return why
        ran = [
            {(name, said.rpartition(":")[0]) for name, all_said in one.functions.items() for said in all_said}
            for _, one in readings
        ]
        if some := {one for each in ran for one in each if any(one not in other for other in ran)}:
            name, function = min(some)
            return f"not known: {function} ({name}) ran in some of its traces only"
        return ""

    def _ran(self, name: str, places: set[str], line_reader: str) -> str:
        """Compare what ran of a file."""
        if not (why := self._touched(name, "read")):
            return ""
        base, head = (self._codes[side].get(name) for side in SIDES)
        if base is None or head is None or not places:
            return why
        for place in sorted(places):
            old, new = base.get(place), head.get(place)
            if old is None or new is None or old.digest != new.digest:
                return f"it runs {_readable(place)} of {name}, which differs"
            if line_reader and old.digest_with_lines != new.digest_with_lines:
                return f"{line_reader} reads numbers of lines, and those of {name} differ"
        return ""

    def _touched(self, name: str, kind: str) -> str:
        key = name, kind
        if key not in self._known:
            self._known[key] = {
                "exists": self._exists,
                "config": self._configures,
                "distributions": self._has_distributions,
                "names": self._names,
                "list": self._lists,
            }.get(kind, self._read)(name)
        return self._known[key]

    def _exists(self, name: str) -> str:
        if name.rpartition("/")[2] in _NOT_CONTENT:  # .git is a file in a worktree; what is in one is compared
            return ""
        base, head = (_kind(self._trees[side] / name) for side in SIDES)
        return "" if base == head else f"it looks for {name}, which is {base} on base and {head} on head"

    def _configures(self, name: str) -> str:
        base, head = (_pytest_table(self._trees[side] / name) for side in SIDES)
        return "" if base is not None and base == head else f"pytest reads {name}, which differs"

    def _names(self, name: str) -> str:
        base, head = (_listed(self._trees[side] / name) for side in SIDES)
        return f"it lists {name}, whose files differ" if base != head else ""

    def _has_distributions(self, name: str) -> str:
        both = [_listed(self._trees[side] / name) or [] for side in SIDES]
        base, head = ([one for one in listed if one.lower().endswith(_DISTRIBUTIONS)] for listed in both)
        return f"it looks for distributions in {name}, which differ" if base != head else ""

    def _lists(self, name: str) -> str:
        inside = [one for one in self._differing if (one.rpartition("/")[0] or ".") == name]
        return f"it lists {name}, whose files differ" if inside else self._names(name)

    def _read(self, name: str) -> str:
        base, head = (self._trees[side] / name for side in SIDES)
        if name in self._differing:
            return f"it reads {name}, which differs"
        if _kind(base) != _kind(head):
            return self._exists(name)
        if not head.is_file():
            return ""
        try:
            return "" if base.read_bytes() == head.read_bytes() else f"it reads {name}, which differs"
        except OSError:
            return f"it reads {name}, which cannot be compared"


def _kind(path: Path) -> str:
    if path.is_symlink():
        return f"a link to {path.readlink()}"
    return "a folder" if path.is_dir() else "a file" if path.exists() else "absent"


def _listed(folder: Path) -> list[str] | None:
    return sorted({entry.name for entry in folder.iterdir()} - _NOT_CONTENT) if folder.is_dir() else None


def _pytest_table(file: Path) -> object:
    """Read what pytest reads of a pyproject.toml; None where that is not known."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    tool = document.get("tool", {})
    return {"pytest": tool.get("pytest"), "project": "project" in document} if isinstance(tool, dict) else None


def _readable(place: str) -> str:
    return place or "the module's own code"


def _untested(codes: Codes, ran: Mapping[str, set[str]]) -> Iterator[UntestedFunction]:
    """Find the functions of head that differ from base's and that no benchmark ran; the outermost of each."""
    for name, head in codes["head"].items():
        if is_aside(name):
            continue
        base = codes["base"].get(name, {})
        seen: list[str] = []
        for place, code in head.items():
            known = base.get(place)
            differs = known is None or known.digest != code.digest
            inner = any(place.startswith(f"{outer}.") for outer in seen)
            if place and differs and not inner and place not in ran.get(name, ()) and "?" not in ran.get(name, ()):
                seen.append(place)
                yield UntestedFunction(name=place, file=name, first=code.first, last=code.last)
