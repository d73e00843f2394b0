"""Runs into the history and out of it: add, import, list, load, export, prune."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HistoryError, ResultsError, UsageError
from hivegate.flows.history.record import Origin, implausible, record_of, utc
from hivegate.flows.history.store import existing_store, new_store
from hivegate.flows.source.commit_urls import check_address
from hivegate.flows.workspace import load_result
from hivegate.history import runs
from hivegate.history.exported import parse_records, recognises, render_record
from hivegate.history.queries import list_environments, list_runs, load_records
from hivegate.ingest import read
from hivegate.ingest.assemble import is_invalid
from hivegate.ingest.storage import find_files, read_stored
from hivegate.model.events import Advanced, Noted, Started, ignore_progress
from hivegate.system import commits, git
from hivegate.system.files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback
    from hivegate.model.record import Record, StoredEnvironment, StoredRun
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult

_BATCH = 50_000  # estimates in one transaction: a second, in which other writers wait
_LARGEST = 2**32
_SHORTEST_COMMIT = 4  # digits; fewer name anything
_MOST_SHOWN = 20


class AddedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs a store got, how many of those given it held already, and how many files could not be read."""

    new: int
    known: int
    unread: int = 0


class AddOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say what `add_runs` keeps: result files, none for the latest run with its verdicts.

    `branch` is that of runs that do not say theirs; `report` is the https address of a page that tells more of them.
    """

    files: tuple[Path, ...] = ()
    branch: str | None = None
    report: str | None = None


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Say which runs stay when a store is pruned: those from a day on, and the newest so many of each environment."""

    since: dt.date | None = None
    newest: int | None = None


def add_runs(project: Project, options: AddOptions | None = None) -> AddedRuns:
    """Keep result files, all or none, as ``hivegate history add`` does; without any the latest run with its verdicts.

    What a run does not say of its commit is asked of git; a run that is kept already is not kept again. Raises
    `ResultsError` for a file that is no result and `HistoryError` for a history that cannot be written.
    """
    options = options or AddOptions()
    if options.report is not None:
        check_address(options.report)
    if options.files:
        pairs: list[tuple[Run, GateResult | None]] = [(read(file, roots=project.roots), None) for file in options.files]
    else:
        pairs = [_latest(project.folder)]
    described = commits.describe(project.folder, (run.commit.sha for run, _ in pairs if run.commit))
    records = []
    for number, (run, result) in enumerate(pairs):
        commit = described.get(run.commit.sha) if run.commit else None
        origin = Origin(
            committed=commit.committed if commit else None,
            subject=commit.subject if commit else None,
            branch=options.branch,
            report=options.report,
        )
        record = record_of(run, origin, result)
        if said := implausible(record, dt.datetime.now(dt.UTC)):
            where = str(options.files[number]) if options.files else "the latest run"
            raise ResultsError(said, where=where, hint="it would be the newest for ever; nothing is stored")
        records.append(record)
    new = runs.add(new_store(project), records, now=_now())
    return AddedRuns(new=new, known=len(records) - new)


def import_runs(
    project: Project,
    paths: Sequence[Path],
    branch: str | None = None,
    on_progress: ProgressCallback = ignore_progress,
) -> AddedRuns:
    """Keep the runs of storage folders, pages and exports of others; what the store holds already is not kept twice.

    A file that cannot be read is named and left out. Runs that do not say their branch are of `branch`, the default
    branch unless one is given. Each batch is kept whole, so one that is interrupted can be begun again.
    """
    files = [file for path in paths for file in find_files(path)]
    store = new_store(project)
    branch = branch or git.default_branch(project.folder)
    unread: list[str] = []
    on_progress(Started(stage="importing", steps=len(files), unit="file"))
    records = _watched(files, project.roots, branch, unread, on_progress)
    new = known = 0
    for batch in _batches(records):
        try:
            added = runs.add(store, _dated(project.folder, batch), now=_now())
        except HistoryError as fault:
            if not new:
                raise
            message = f"{fault.message}, but {new} run{' was' if new == 1 else 's were'} stored before"
            raise HistoryError(message, where=fault.where, hint=fault.hint) from fault
        new, known = new + added, known + len(batch) - added
    if not new and not known:
        raise ResultsError(f"none of {len(files)} files contains a run that can be stored", where=str(paths[0]))
    return AddedRuns(new=new, known=known, unread=len(unread))


def list_stored_runs(project: Project) -> tuple[tuple[StoredEnvironment, ...], tuple[StoredRun, ...]]:
    """List the machines and the runs, each the newest first."""
    store = existing_store(project)
    return list_environments(store), tuple(reversed(list_runs(store)))


def load_stored_runs(project: Project, named: str) -> tuple[tuple[int, Record], ...]:
    """Read the runs that a number or the beginning of a commit names; raises `UsageError` where there is none."""
    store = existing_store(project)
    stored = list_runs(store)
    found = [run for run in stored if str(run.id) == named]
    if not found and len(named) >= _SHORTEST_COMMIT:
        found = [run for run in stored if (run.commit or "").startswith(named)]
    if not found:
        raise UsageError(f"no run is {named!r}", hint="name a number or a commit that hivegate history show lists")
    chosen = found[-_MOST_SHOWN:]
    return tuple(zip((run.id for run in chosen), load_records(store, chosen), strict=True))


def export_runs(project: Project) -> Iterator[bytes]:
    """Write every run as a line of JSON, in the order of their revisions; `import_runs` reads them back."""
    store = existing_store(project)
    return map(render_record, load_records(store, list_runs(store)))


def prune_runs(project: Project, retention: Retention, *, dry_run: bool) -> tuple[StoredRun, ...]:
    """Remove the runs that `retention` does not keep, and free their space; `dry_run` only lists them."""
    store = existing_store(project)
    stored = list_runs(store)
    since = "" if retention.since is None else retention.since.isoformat()
    old = [run for run in stored if run.moment < since]
    if retention.newest is not None:
        newest = {run.id for run in _newest(stored, retention.newest)}
        old = [run for run in stored if run.moment < since or run.id not in newest]
    if old and not dry_run:
        runs.remove(store, [run.id for run in old])
        store.shrink()
    return tuple(old)


def _newest(stored: Sequence[StoredRun], count: int) -> Iterator[StoredRun]:
    seen: dict[str, int] = {}
    for run in reversed(stored):
        seen[run.environment] = seen.get(run.environment, 0) + 1
        if seen[run.environment] <= count:
            yield run


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
            yield from map(_plausible, _records(file, roots, branch, on_progress))
        except (ResultsError, HistoryError) as fault:
            unread.append(str(file))
            on_progress(Noted(message=f"left out: {fault.where or file}: {fault.message}"))
        on_progress(Advanced(what=file.name))


def _plausible(record: Record) -> Record:
    if said := implausible(record, dt.datetime.now(dt.UTC)):
        raise ResultsError(f"{record.source}: {said}", hint="no clock and no benchmark says so: it was changed")
    return record


def _records(file: Path, roots: tuple[str, ...], branch: str | None, on_progress: ProgressCallback) -> Iterator[Record]:
    if recognises(file):
        yield from parse_records(read_bytes(file, limit=_LARGEST, error=ResultsError), where=str(file))
        return
    kept = 0
    odd: list[str] = []
    for stored in read_stored(file, roots=roots):
        origin = Origin(committed=stored.committed, subject=stored.subject, branch=branch)
        odd += (f"{one.id}: {one.samples[0].detail}" for one in stored.run.benchmarks if is_invalid(one))
        record = record_of(stored.run, origin)
        if record.levels:
            kept += 1
            yield record
    if odd and not kept:
        raise ResultsError(odd[0], where=str(file))
    for what in odd:
        on_progress(Noted(message=f"left out: {file}: {what}"))


def _dated(project: Path, batch: Sequence[Record]) -> list[Record]:
    """Ask git for the times of commits that their files do not tell."""
    asked = (
        record.commit.sha for record in batch if record.commit is not None and not (record.committed and record.subject)
    )
    described = commits.describe(project, asked)
    return [_with_commit(record, described.get(record.commit.sha) if record.commit else None) for record in batch]


def _with_commit(record: Record, commit: commits.CommitDescription | None) -> Record:
    if commit is None:
        return record
    return msgspec.structs.replace(
        record, committed=record.committed or utc(commit.committed), subject=record.subject or commit.subject
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
