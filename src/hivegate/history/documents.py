"""Documents in a store, by key: what ``hivegate report --store`` keeps."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from hivegate.errors import HistoryError
from hivegate.history.locks import Lock, hold
from hivegate.history.rows import typed
from hivegate.history.tables import contents, documents
from hivegate.model.document import Document, Draft, Entry
from hivegate.model.identity import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from hivegate.history.store import Store

_KEY = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_MOST_KEYS = 8  # named in an error
_SIGNS = "use letters, digits and . _ - in parts joined by /, at most 200 characters, such as shop/results"


def put(store: Store, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
    """Keep documents, all or none, each as the next version of its key; returns the version that holds each.

    What a key's newest version already holds (content, media type and commit alike) is not kept again, and content
    that any version holds is stored once. Raises `HistoryError` for a key or a content that cannot be kept.
    """
    checked = [(draft, _encoded(draft)) for draft in drafts]

    def write(connection: Connection) -> tuple[Entry, ...]:
        hold(connection, Lock.DOCUMENTS)
        return tuple(_put(connection, draft, data, store.where) for draft, data in checked)

    return store.write(write)


def get(store: Store, key: str) -> Document:
    """Read the newest version of a key; raises `HistoryError` where there is none, or its content is damaged."""
    wanted = _entries().add_columns(contents.c.content).where(documents.c.key == key)
    with store.reading() as connection:
        row = connection.execute(wanted.order_by(documents.c.version.desc()).limit(1)).mappings().first()
        if row is None:
            raise _unknown(connection, store.where, key)
    document = typed({"entry": row, "content": row["content"]}, Document, store.where)
    if _hash(document.content.encode()) != document.entry.content_hash:
        raise HistoryError(
            f"the content of {key} version {document.entry.version} is damaged",
            where=store.where,
            hint="another tool changed it; write it again: hivegate report --store",
        )
    return document


def _encoded(draft: Draft) -> bytes:
    if not _KEY.fullmatch(draft.key):
        raise HistoryError(f"{draft.key!r} is not a valid key", hint=f"{_SIGNS}")
    try:
        data = draft.content.encode()
    except UnicodeEncodeError as fault:
        raise HistoryError(f"character {fault.start} cannot be encoded as UTF-8", where=draft.key) from fault
    if b"\0" in data:
        hint = "only text can be stored; store a reference to the file instead"
        raise HistoryError(f"is not text: byte {data.index(0)} is zero", where=draft.key, hint=hint)
    return data


def _put(connection: Connection, draft: Draft, data: bytes, where: str) -> Entry:
    newest = _entries().where(documents.c.key == draft.key).order_by(documents.c.version.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    last = None if row is None else typed(row, Entry, where)
    entry = Entry(
        key=draft.key,
        version=1 if last is None else last.version + 1,
        media_type=draft.media_type,
        created=draft.created,
        commit=draft.commit,
        content_hash=_hash(data),
        size=len(data),
    )
    if last is not None and _identity(last) == _identity(entry):
        return last
    if connection.execute(select(contents.c.hash).where(contents.c.hash == entry.content_hash)).first() is None:
        values = {"hash": entry.content_hash, "size": entry.size, "content": draft.content}
        connection.execute(insert(contents).values(values))
    fields = {name: getattr(entry, name) for name in ("key", "version", "media_type", "created", "content_hash")}
    connection.execute(insert(documents).values(**fields, commit_sha=entry.commit))
    return entry


def _identity(entry: Entry) -> tuple[str, str, str | None]:
    return entry.content_hash, entry.media_type, entry.commit


def _entries() -> Select[Any]:
    of = documents.c
    commit = of.commit_sha.label("commit")
    columns = (of.key, of.version, of.media_type, of.created, commit, of.content_hash, contents.c.size)
    return select(*columns).join_from(documents, contents)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unknown(connection: Connection, where: str, key: str) -> HistoryError:
    keys = sorted(connection.execute(select(documents.c.key).distinct()).scalars())
    near = closest(key, keys)
    if near:
        hint = f"did you mean {near}?"
    else:
        hint = (
            f"stored keys: {', '.join(keys[:_MOST_KEYS])}" if keys else "store a report first: hivegate report --store"
        )
    return HistoryError(f"no document with the key {key!r}", where=where, hint=hint)
