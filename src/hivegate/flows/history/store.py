"""The project's store, and the documents in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.flows.workspace import own_folder
from hivegate.history import documents
from hivegate.history.store import open_store

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.history.store import Store
    from hivegate.model.document import Document


def new_store(project: Project) -> Store:
    """Open the project's store, which is made where there is none."""
    url = project.settings.history
    if "://" not in url and (project.folder / url).parent == project.folder / ".hivegate":
        own_folder(project.folder)
    return open_store(url, folder=project.folder, create=True)


def existing_store(project: Project) -> Store:
    """Open the project's store; raises `HistoryError` where nothing is kept yet."""
    return open_store(project.settings.history, folder=project.folder, create=False)


def read_document(project: Project, key: str) -> Document:
    """Read the newest version of a document; raises `HistoryError` where nothing is kept under its key."""
    return documents.get(existing_store(project), key)
