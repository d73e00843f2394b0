"""github-action-benchmark: the `data.js` of its page, and the JSON that its custom tools take.

A page is a history. What is judged is its newest commit; entries of one commit are jobs of their own, so each is a
pass. Which direction is better follows from the tool that an entry names, else from the unit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import assemble, benchmark_of, invalid_sample, iso_time, name_in, refuse_too_many
from hivegate.ingest.repair import repair
from hivegate.ingest.repeated_keys import repeated_keys
from hivegate.ingest.units import Unit, custom_unit, read_unit, sample_in, time_in
from hivegate.model.identity import benchmark_id
from hivegate.model.run import Commit, Sample, Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.ingest.document import Document
    from hivegate.model.run import Benchmark, Run

ASSIGNMENT = re.compile(rb"\s*window\.BENCHMARK_DATA\s*=\s*")
_BIGGER, _SMALLER = "customBiggerIsBetter", "customSmallerIsBetter"
_MEDIANS = frozenset({"cargo"})  # what libtest prints; the others' values are means
_MEANS_OF_ROUNDS = "pytest"
_NODE_ID = re.compile(r".+\.py::.+", re.DOTALL)


class _Bench(msgspec.Struct, gc=False):
    name: str
    value: float
    unit: str


class _CommitId(msgspec.Struct, gc=False):
    id: str | None = None


class Entry(msgspec.Struct, gc=False):
    """What one job measured at one commit; `benches` are decoded when they are asked for."""

    benches: msgspec.Raw
    commit: _CommitId | None = None
    date: float | None = None
    tool: str | None = None


class _Entries(msgspec.Struct, gc=False):
    entries: dict[str, msgspec.Raw]


class _Found(msgspec.Struct, gc=False):
    """The samples of one benchmark, and how its values are to be understood."""

    samples: list[Sample]
    unit: Unit | None = None
    better: dict[str, str] = {}


def decode(document: Document, roots: tuple[str, ...]) -> Run:
    """Read the newest entries of a page, or a list of values; raises `ResultsError` for what is no sound result."""
    if document.members is None and document.text.lstrip()[:1] == b"[":
        found: dict[str, _Found] = {}
        _add(document, Entry(benches=msgspec.Raw(document.text)), "", "", found, roots)
        return assemble(document, _benchmarks(found), source="github-action-benchmark")
    page = Page(document, roots)
    chosen: dict[str, dict[int, Entry]] = {}
    notes: list[str] = []
    for suite in page.suites:
        parts = page.parts(suite)
        entries = [page.entry(suite, index, part) for index, part in enumerate(parts)]
        chosen[suite] = {index: entries[index] for index in _newest(entries)}
        if len(chosen[suite]) < len(entries):
            notes.append(f"{suite[:80]} has {len(entries)} entries; only those of the newest commit are checked")
    return page.run(chosen, notes)


class Page:
    """A page: the suites by name, each a list of entries, the oldest first. Raises `ResultsError` for another form."""

    def __init__(self, document: Document, roots: tuple[str, ...]) -> None:
        self._document = document
        self._roots = roots
        assignment = ASSIGNMENT.match(document.text)
        text = document.text[assignment.end() :].rstrip().removesuffix(b";") if assignment else document.text
        try:
            read = document.decode(text, _Entries, "window.BENCHMARK_DATA")
        except ResultsError:
            if not assignment:  # a document of JSON alone was repaired when it was opened
                raise
            text = repair(text)
            read = document.decode(text, _Entries, "window.BENCHMARK_DATA")
        self.suites = read.entries
        if next(repeated_keys(text), None) is not None:
            self._document = msgspec.structs.replace(document, repeats=True)
            self._document.refuse_repeated_names(text)
            self._document.refuse_repeated_names(
                document.decode(text, dict[str, msgspec.Raw], "")["entries"], "entries"
            )

    def parts(self, suite: str) -> list[msgspec.Raw]:
        """Split a suite into its entries."""
        return self._document.objects(self.suites[suite], f"entries.{suite}")

    def entry(self, suite: str, index: int, part: msgspec.Raw) -> Entry:
        """Decode an entry."""
        self._document.refuse_repeated_names(part, f"entries.{suite}[{index}]")
        return self._document.decode(part, Entry, f"entries.{suite}[{index}]")

    def run(self, chosen: Mapping[str, Mapping[int, Entry]], notes: Sequence[str] = ()) -> Run:
        """Make a run of some entries, by suite and index; those of one benchmark are its passes.

        Where a page has several suites, benchmarks are named after theirs.
        """
        found: dict[str, _Found] = {}
        for suite, entries in chosen.items():
            prefix = f"{suite}/" if len(self.suites) > 1 else ""
            for index, entry in entries.items():
                _add(self._document, entry, f"entries.{suite}[{index}].benches", prefix, found, self._roots)
        taken = [entry for entries in chosen.values() for entry in entries.values()]
        commits = {_commit_id(entry) for entry in taken}
        sha = commits.pop() if len(commits) == 1 else None
        return assemble(
            self._document,
            _benchmarks(found),
            source="github-action-benchmark",
            created=iso_time(max((entry.date for entry in taken if entry.date is not None), default=None)),
            commit=Commit(sha=sha) if sha else None,
            notes=notes,
        )


def _newest(entries: list[Entry]) -> list[int]:
    """Find the entries of the commit that was added last."""
    if not entries:
        return []
    last = _commit_id(entries[-1])
    if last is None:
        return [len(entries) - 1]
    return [index for index, one in enumerate(entries) if _commit_id(one) == last]


def _commit_id(entry: Entry) -> str | None:
    return None if entry.commit is None else entry.commit.id


def _add(
    document: Document, entry: Entry, at: str, prefix: str, found: dict[str, _Found], roots: tuple[str, ...]
) -> None:
    """Add the values of one entry, each to the passes of its benchmark."""
    seen: set[str] = set()
    for index, part in enumerate(document.objects(entry.benches, at)):
        place = f"{at}[{index}]"
        plain = name_in(part, "name") or place
        name = prefix + (benchmark_id(plain, roots) if _NODE_ID.fullmatch(plain) else plain)
        known = found.setdefault(name, _Found(samples=[]))
        try:
            if plain == place:
                raise document.fault(f"{place}.name: is no name; expected a text that is not empty")
            if name in seen:
                raise document.fault(f"{place}.name: duplicate name {name[:200]} (rename one of them)")
            document.refuse_repeated(part, place)
            sample = _sample(document, place, entry, document.decode(part, _Bench, place), known)
        except ResultsError as fault:
            sample = invalid_sample(fault.message)
        seen.add(name)
        known.samples.append(msgspec.structs.replace(sample, pass_index=len(known.samples)))
    refuse_too_many(document, len(found), "benchmarks")
    refuse_too_many(document, sum(len(one.samples) for one in found.values()), "passes")


def _understood(text: str, tool: str | None) -> tuple[Unit, dict[str, str]]:
    """Find the unit and the better direction; a direction that contradicts the unit makes the metric a custom one."""
    unit = read_unit(text)
    if tool not in {_BIGGER, _SMALLER}:
        return unit, unit.better
    higher = tool == _BIGGER
    if (unit.seconds is not None and higher) or (unit.per_second is not None and not higher):
        unit = custom_unit(text)
    told = unit.seconds is not None or unit.per_second is not None
    return unit, {} if told else {unit.metric: "higher" if higher else "lower"}


def _sample(document: Document, at: str, entry: Entry, bench: _Bench, known: _Found) -> Sample:
    unit, better = _understood(bench.unit, entry.tool)
    if known.unit not in {None, unit}:
        raise document.fault(f"{at}.unit: is {bench.unit!r}, but another entry of the same commit has a different unit")
    known.unit, known.better = unit, better
    if unit.seconds is not None:
        time = time_in(document, f"{at}.value", unit.seconds, bench.value)
        return Sample(summary=Summary(median=time) if entry.tool in _MEDIANS else Summary(mean=time))
    sample = sample_in(document, f"{at}.value", unit, [bench.value])
    if entry.tool == _MEANS_OF_ROUNDS and sample.throughput:
        # pytest-benchmark's rate is one over the mean of its rounds.
        return Sample(summary=Summary(mean=1 / sample.throughput))
    return sample


def _benchmarks(found: dict[str, _Found]) -> list[Benchmark]:
    return [benchmark_of(name, one.samples, better=one.better) for name, one in found.items()]
