"""What asv's folders tell of a result beside its numbers: the machine, the environment, and which code was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.ingest.assemble import iso_time, text_or_none
from hivegate.system.files import MEBIBYTE

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.ingest.document import Document
    from hivegate.model.run import Run

_KEYS = frozenset({"results", "params", "commit_hash"})
_LARGEST = 64 * MEBIBYTE


def recognises(document: Document) -> bool:
    """Return whether a document is a result of asv."""
    return document.members is not None and document.members.keys() >= _KEYS


def completed(document: Document, run: Run, path: Path) -> tuple[Run, str | None]:
    """Name the machine and the packages that a result was measured with; also give the time of its commit.

    asv's ``date`` is of the commit. Results of a benchmark whose code has changed since are left out, as asv leaves
    them out: ``benchmarks.json``, beside the result or a folder above, says which version counts.
    """
    members = document.members or {}
    params, requirements = _loose(members.get("params")), _loose(members.get("requirements"))
    packages = {str(name): text_or_none(version) or "" for name, version in requirements.items()}
    machine = text_or_none(params.get("machine"))
    environment = msgspec.structs.replace(
        run.environment, packages=packages, runner=f"asv machine {machine}" if machine else None
    )
    outdated = _outdated(_loose(members.get("benchmark_version")), _versions(path))
    kept = tuple(one for one in run.benchmarks if one.id.partition("[")[0] not in outdated)
    notes = (f"{len(outdated)} benchmarks are left out, because their code has changed since",) if outdated else ()
    whole = msgspec.structs.replace(
        run, created=_started(members), environment=environment, benchmarks=kept, notes=(*run.notes, *notes)
    )
    return whole, iso_time(_decoded(members.get("date")))


def _started(members: dict[str, msgspec.Raw]) -> str | None:
    times = [one for one in _loose(members.get("started_at")).values() if type(one) is int]
    return iso_time(min(times, default=None))


def _outdated(measured: dict[str, Any], current: dict[str, Any]) -> set[str]:
    return {
        name
        for name, version in measured.items()
        if isinstance(now := current.get(name), dict) and now.get("version", version) != version
    }


def _versions(path: Path) -> dict[str, Any]:
    for folder in path.parents[:2]:
        beside = folder / "benchmarks.json"
        if beside.is_file() and not beside.is_symlink() and beside.stat().st_size <= _LARGEST:
            return _loose(beside.read_bytes())
    return {}


def _loose(raw: msgspec.Raw | bytes | None) -> dict[str, Any]:
    found = _decoded(raw)
    return found if isinstance(found, dict) else {}


def _decoded(raw: msgspec.Raw | bytes | None) -> object:
    try:
        return None if raw is None else msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
