"""hivegate history add, import, export and prune: runs into the store, and out of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HistoryError, ResultsError
from hivegate.flows.history.documents import existing_store, new_store
from hivegate.flows.history.record import Origin, record_of, utc
from hivegate.flows.source.commit_urls import check_address
from hivegate.flows.workspace import load_result
from hivegate.history import runs
from hivegate.history.exported import parse_records, recognises, render_record
from hivegate.history.queries import list_runs, load_records
from hivegate.ingest import read
from hivegate.ingest.storage import find_files, read_stored
from hivegate.model.events import Advanced, Noted, Started
from hivegate.system import commits, git
from hivegate.system.files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from hivegate.model.events import ProgressCallback
    from hivegate.model.record import KeptRun, Record
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult

_BATCH = 50_000  # estimates in one transaction: a second, in which other writers wait
_LARGEST = 2**32


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs a store got, how many of those given it held already, and how many files could not be read."""

    new: int
    known: int
    unread: int = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs stay when a store is pruned: those from a day on, and the newest so many of each environment."""

    since: dt.date | None = None
    newest: int | None = None


def add_files(
    project: Path, place: str, files: Sequence[Path], roots: tuple[str, ...], *, branch: str | None, report: str | None
) -> Added:
    """Keep result files, all or none; without any the latest run of the project, with its verdicts.

    What a run does not say of its commit is asked of git. Raises `ResultsError` for a file that is none.
    """
    if report is not None:
        check_address(report)
    if files:
        pairs: list[tuple[Run, GateResult | None]] = [(read(one, roots=roots), None) for one in files]
    else:
        pairs = [_latest(project)]
    told = commits.tell(project, (run.commit.sha for run, _ in pairs if run.commit))
    records = []
    for run, result in pairs:
        known = told.get(run.commit.sha) if run.commit else None
        origin = Origin(
            committed=known.committed if known else None,
            subject=known.subject if known else None,
            branch=branch,
            report=report,
        )
        records.append(record_of(run, origin, result))
    new = runs.add(new_store(project, place), records, now=_now())
    return Added(new=new, known=len(records) - new)


def import_history(
    project: Path,
    place: str,
    paths: Sequence[Path],
    roots: tuple[str, ...],
    branch: str | None,
    on_progress: ProgressCallback,
) -> Added:
    """Keep the runs of storage folders, pages and exports of others; what the store holds already is not kept twice.

    A file that cannot be read is named and left out. Runs that do not say their branch are of `branch`, the default
    branch unless one is given. Each batch is kept whole, so one that is interrupted can be begun again.
    """
    files = [file for path in paths for file in find_files(path)]
    store = new_store(project, place)
    branch = branch or git.default_branch(project)
    unread: list[str] = []
    on_progress(Started(stage="importing", steps=len(files), unit="file"))
    records = _watched(files, roots, branch, unread, on_progress)
    new = known = 0
    for batch in _batches(records):
        try:
            added = runs.add(store, _dated(project, batch), now=_now())
        except HistoryError as fault:
            if not new:
                raise
            message = f"{fault.message}, but {new} run{'s' * (new != 1)} before were"
            raise HistoryError(message, where=fault.where, hint=fault.hint) from fault
        new, known = new + added, known + len(batch) - added
    if not new and not known:
        raise ResultsError(f"none of {len(files)} files holds a run that can be kept", where=str(paths[0]))
    return Added(new=new, known=known, unread=len(unread))


def export_history(project: Path, place: str) -> Iterator[bytes]:
    """Spell every run as a line of JSON, in the order of their revisions; `import_history` reads them back."""
    store = existing_store(project, place)
    return map(render_record, load_records(store, list_runs(store)))


def prune_history(project: Path, place: str, kept: Kept, *, dry: bool) -> tuple[KeptRun, ...]:
    """Take out the runs that `kept` does not keep, and give the room back; `dry` only tells which."""
    store = existing_store(project, place)
    everything = list_runs(store)
    since = "" if kept.since is None else kept.since.isoformat()
    gone = [one for one in everything if one.moment < since]
    if kept.newest is not None:
        stay = {one.id for one in _newest(everything, kept.newest)}
        gone = [one for one in everything if one.moment < since or one.id not in stay]
    if gone and not dry:
        runs.remove(store, [one.id for one in gone])
        store.shrink()
    return tuple(gone)


def _newest(everything: Sequence[KeptRun], count: int) -> Iterator[KeptRun]:
    seen: dict[str, int] = {}
    for one in reversed(everything):
        seen[one.environment] = seen.get(one.environment, 0) + 1
        if seen[one.environment] <= count:
            yield one


def _latest(project: Path) -> tuple[Run, GateResult | None]:
    folder = project / ".hivegate" / "latest"
    path = folder / "run.json"
    if not path.exists():
        hint = "measure first: hivegate bench, or name result files"
        raise HistoryError("there is no latest run to add", where=str(path), hint=hint)
    run = read(path)
    if not (folder / "bench.json").exists():
        return run, None
    result = load_result(folder / "bench.json")
    own = (result.commit, result.environment, result.created) == (run.commit, run.environment, run.created)
    return run, result if own else None


def _watched(
    files: Iterable[Path], roots: tuple[str, ...], branch: str | None, unread: list[str], on_progress: ProgressCallback
) -> Iterator[Record]:
    for file in files:
        try:
            yield from _records(file, roots, branch)
        except (ResultsError, HistoryError) as fault:
            unread.append(str(file))
            on_progress(Noted(message=f"left out: {fault.where or file}: {fault.message}"))
        on_progress(Advanced(what=file.name))


def _records(file: Path, roots: tuple[str, ...], branch: str | None) -> Iterator[Record]:
    if recognises(file):
        yield from parse_records(read_bytes(file, limit=_LARGEST, error=ResultsError), where=str(file))
        return
    for stored in read_stored(file, roots=roots):
        origin = Origin(committed=stored.committed, subject=stored.subject, branch=branch)
        record = record_of(stored.run, origin)
        if record.levels:
            yield record


def _dated(project: Path, batch: Sequence[Record]) -> list[Record]:
    """Ask git for the times of commits that their files do not tell."""
    asked = (one.commit.sha for one in batch if one.commit is not None and not (one.committed and one.subject))
    told = commits.tell(project, asked)
    return [_with_commit(one, told.get(one.commit.sha) if one.commit else None) for one in batch]


def _with_commit(record: Record, told: commits.Told | None) -> Record:
    if told is None:
        return record
    return msgspec.structs.replace(
        record, committed=record.committed or utc(told.committed), subject=record.subject or told.subject
    )


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.levels)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
