"""hivegate history roles: who may add to a shared history, and who may only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.history.documents import new_store
from hivegate.history import roles

if TYPE_CHECKING:
    from pathlib import Path


def spell_roles(writers: tuple[str, ...], readers: tuple[str, ...], schema: str | None, *, with_tables: bool) -> str:
    """Spell the rights as SQL, without asking any server."""
    return roles.script(_chosen(writers, readers), schema, with_tables=with_tables)


def grant_roles(project: Path, place: str, writers: tuple[str, ...], readers: tuple[str, ...]) -> str:
    """Give the rights in the project's store, whose tables are made or led to the newest schema before.

    Returns the schema of the tables; raises `HistoryError` where the URL's role is not their owner.
    """
    chosen = _chosen(writers, readers)
    return roles.grant(new_store(project, place), chosen)


def _chosen(writers: tuple[str, ...], readers: tuple[str, ...]) -> roles.Roles:
    if not writers and not readers:
        raise UsageError("no role is named", hint="give --writer NAME, --reader NAME or both")
    both = sorted(set(writers) & set(readers))
    if both:
        raise UsageError(f"{both[0]} is to be a writer and a reader", hint="a writer may read as well: name it once")
    return roles.Roles(writers=writers, readers=readers)
