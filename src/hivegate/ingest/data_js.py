"""All runs of a page of github-action-benchmark, ``window.BENCHMARK_DATA = …`` in data.js: an entry is a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.ingest import github_action_benchmark
from hivegate.ingest.assemble import count_or_none, text_or_none
from hivegate.ingest.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.run import Environment, Run

_HEAD = re.compile(rb"\s*window\.BENCHMARK_DATA\s*=\s*")
_MOST_ENTRIES = 200_000


class _Page(msgspec.Struct, gc=False):
    entries: dict[str, msgspec.Raw]


class _Origin(msgspec.Struct, gc=False):
    """What an entry tells beside its numbers."""

    commit: dict[str, Any] = {}
    cpu: dict[str, Any] = {}


def recognises(document: Document) -> bool:
    """Tell whether a file is such a page."""
    return _HEAD.match(document.text[:4096]) is not None


def decode(document: Document, *, roots: tuple[str, ...] = ()) -> Iterator[tuple[Run, str | None, str | None]]:
    """Read every run with the time and the subject of its commit; raises `ResultsError` for another form."""
    text = _HEAD.sub(b"", document.text, count=1).rstrip().removesuffix(b";")
    suites = document.decode(text, _Page, "window.BENCHMARK_DATA").entries
    for suite, raw in suites.items():
        entries = document.objects(raw, f"entries.{suite}")
        if len(entries) > _MOST_ENTRIES:
            raise document.fault(f"entries.{suite}: holds {len(entries)} runs; at most {_MOST_ENTRIES} are read")
        for index, entry in enumerate(entries):
            # The reader of single results judges the newest entry: it is given pages of one, with all suites' names.
            page = {"entries": {name: [entry] if name == suite else [] for name in suites}}
            alone = Document(where=f"{document.where}: {suite}[{index}]", text=msgspec.json.encode(page), members=None)
            run = github_action_benchmark.decode(alone, roots)
            origin = _origin(entry)
            environment = _environment(run.environment, origin)
            told = msgspec.structs.replace(run, environment=environment, notes=())
            yield told, text_or_none(origin.commit.get("timestamp")), _subject(origin)


def _origin(entry: msgspec.Raw) -> _Origin:
    try:
        return msgspec.json.decode(entry, type=_Origin)
    except (msgspec.DecodeError, RecursionError):
        return _Origin()


def _environment(known: Environment, origin: _Origin) -> Environment:
    """Add the processor that a dialect of the page tells of."""
    speed, cores = text_or_none(origin.cpu.get("speed")), count_or_none(origin.cpu.get("cores"))
    return msgspec.structs.replace(
        known, cpu=known.cpu or (f"{speed} GHz" if speed else None), cores=known.cores or cores
    )


def _subject(origin: _Origin) -> str | None:
    message = text_or_none(origin.commit.get("message"))
    return message.splitlines()[0] if message else None
