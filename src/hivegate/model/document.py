"""Documents: texts that are kept by key, every version of them."""

from __future__ import annotations

import msgspec


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be kept; `created` is ISO 8601 in UTC, `commit` the revision that it tells of."""

    key: str
    content: str
    media_type: str
    created: str
    commit: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One kept version without its content: `size` in bytes of UTF-8, `content_hash` the SHA-256 of these bytes.

    Versions of a key count from 1 and never change.
    """

    key: str
    version: int
    media_type: str
    created: str
    commit: str | None
    content_hash: str
    size: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One kept version and its content."""

    entry: Entry
    content: str
