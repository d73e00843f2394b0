"""Folders in which tools keep their results from run to run, read file by file in the order of their names."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest import asv_storage, data_js, formats
from hivegate.ingest.document import open_document
from hivegate.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.ingest.document import Document

_SUFFIXES = frozenset({".json", ".js", ".jsonl"})
_BESIDE = frozenset({"machine.json", "benchmarks.json", "asv.conf.json", "index.json"})  # asv's own, and no results
_MOST_FILES = 200_000


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a storage, and of its commit the time in ISO 8601 and the first line of the message."""

    run: Run
    committed: str | None = None
    subject: str | None = None


def find_files(path: Path) -> tuple[Path, ...]:
    """List the result files of a storage folder, or the one that is named; links are not followed.

    Raises `ResultsError` where there is nothing, or more than any storage holds.
    """
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise ResultsError("no such file or folder", where=str(path))
    found: list[Path] = []
    for folder, _, names in os.walk(path):
        files = (Path(folder) / name for name in sorted(names) if _is_result(name))
        found += (one for one in files if stat.S_ISREG(one.lstat().st_mode))
        if len(found) > _MOST_FILES:
            raise ResultsError(f"contains more than {_MOST_FILES} files", where=str(path), hint="pass a folder inside")
    if not found:
        hint = "pass .benchmarks of pytest-benchmark, results of asv, or data.js of github-action-benchmark"
        raise ResultsError("contains no result files", where=str(path), hint=hint)
    return tuple(sorted(found))


def read_stored(path: Path, *, roots: tuple[str, ...] = ()) -> Iterator[Stored]:
    """Read every run that a file holds; raises `ResultsError` for one that cannot be read.

    A page of github-action-benchmark holds many runs, every other file one.
    """
    document = open_document(path)
    if data_js.recognises(document):
        for run, committed, subject in data_js.decode(document, roots=roots):
            yield Stored(run=run, committed=committed, subject=subject)
    elif asv_storage.recognises(document):
        run, committed = asv_storage.completed(document, formats.decode(document, roots), path)
        yield Stored(run=run, committed=committed)
    else:
        yield Stored(run=formats.decode(document, roots), committed=_commit_time(document))


def _is_result(name: str) -> bool:
    return Path(name).suffix in _SUFFIXES and name not in _BESIDE and not name.startswith(".")


def _commit_time(document: Document) -> str | None:
    """Read when the commit was made, where pytest-benchmark says so; no verdict rests on it."""
    try:
        info = msgspec.json.decode((document.members or {})["commit_info"], type=dict[str, object])
    except (KeyError, msgspec.DecodeError, RecursionError):
        return None
    told = info.get("time")
    return told if isinstance(told, str) else None
