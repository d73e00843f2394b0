"""hivegate history: documents kept by key."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hivegate.errors import HistoryError
from hivegate.flows.workspace import own_folder
from hivegate.history import documents
from hivegate.history.store import open_store
from hivegate.model.document import Document, Draft, Entry
from hivegate.system import git
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.history.store import Store

_LARGEST = 64 * MEBIBYTE
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


def put_document(project: Path, place: str, key: str, file: Path) -> Entry:
    """Keep a text file under a key, with the revision that the project is at."""
    data = read_bytes(file, limit=_LARGEST, error=HistoryError)
    try:
        content = data.decode()
    except UnicodeDecodeError as fault:
        hint = "only text is kept; keep what refers to the file instead"
        message = f"is not UTF-8 text: byte {fault.start} is {data[fault.start]:#04x}"
        raise HistoryError(message, where=str(file), hint=hint) from fault
    at = git.describe(project)
    draft = Draft(
        key=key,
        content=content,
        media_type=_MEDIA_TYPES.get(file.suffix.lower(), "text/plain"),
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        commit=None if at is None else commit_name(at.sha, dirty=at.dirty),
    )
    (entry,) = put_drafts(project, place, draft)
    return entry


def put_drafts(project: Path, place: str, *drafts: Draft) -> tuple[Entry, ...]:
    """Keep documents, all or none, in a store that is made where there is none."""
    return documents.put(new_store(project, place), drafts)


def get_document(project: Path, place: str, key: str, version: int | None) -> Document:
    """Read a document, its newest version unless one is named."""
    return documents.get(existing_store(project, place), key, version)


def list_documents(project: Path, place: str, key: str | None) -> tuple[Entry, ...]:
    """List the newest version of every key, or every version of one, newest first."""
    store = existing_store(project, place)
    return documents.list_keys(store) if key is None else documents.list_versions(store, key)


def commit_name(sha: str, *, dirty: bool) -> str:
    """Spell a revision as ``git describe --dirty`` does."""
    return f"{sha}-dirty" if dirty else sha


def new_store(project: Path, place: str) -> Store:
    """Open the project's store, which is made where there is none."""
    if "://" not in place and (project / place).parent == project / ".hivegate":
        own_folder(project)
    return open_store(place, folder=project, create=True)


def existing_store(project: Path, place: str) -> Store:
    """Open the project's store; raises `HistoryError` where nothing is kept yet."""
    return open_store(place, folder=project, create=False)
