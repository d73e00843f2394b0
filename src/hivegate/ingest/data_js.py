"""All runs of a page of github-action-benchmark, ``window.BENCHMARK_DATA = …`` in data.js: an entry is a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.ingest.assemble import count_or_none, text_or_none
from hivegate.ingest.github_action_benchmark import ASSIGNMENT, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.ingest.document import Document
    from hivegate.model.run import Environment, Run

_MOST_ENTRIES = 200_000


class _Origin(msgspec.Struct, gc=False):
    """What an entry tells beside its numbers."""

    commit: dict[str, Any] = {}
    cpu: dict[str, Any] = {}


def recognises(document: Document) -> bool:
    """Return whether a file is such a page."""
    return ASSIGNMENT.match(document.text[:4096]) is not None


def decode(document: Document, *, roots: tuple[str, ...] = ()) -> Iterator[tuple[Run, str | None, str | None]]:
    """Read every run with the time and the subject of its commit; raises `ResultsError` for another form."""
    page = Page(document, roots)
    for suite in page.suites:
        parts = page.parts(suite)
        if len(parts) > _MOST_ENTRIES:
            raise document.fault(f"entries.{suite}: contains {len(parts)} runs; at most {_MOST_ENTRIES} are supported")
        for index, part in enumerate(parts):
            run = page.run({suite: {index: page.entry(suite, index, part)}})
            origin = _origin(part)
            told = msgspec.structs.replace(run, environment=_environment(run.environment, origin))
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
