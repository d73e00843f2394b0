"""Rows as values, and texts as rows: what crosses between the databases and the nouns."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hivegate.errors import HistoryError

if TYPE_CHECKING:
    from sqlalchemy import Result

T = TypeVar("T")


def typed(rows: object, kind: type[T], where: str) -> T:
    """Read rows as values: SQLite keeps any type in any column, and other tools can write there."""
    try:
        return msgspec.convert(rows, kind)
    except msgspec.ValidationError as fault:
        raise damaged(str(fault), where) from fault


def named(result: Result[Any]) -> list[dict[str, Any]]:
    """Fetch all rows at once, by the plain names of their columns; SQLAlchemy's own are of another kind."""
    names = [str(name) for name in result.keys()]  # noqa: SIM118  it is no mapping
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def plain(result: Result[Any]) -> list[tuple[Any, ...]]:
    """Fetch all rows at once, as plain tuples, which SQLAlchemy's are not."""
    return [tuple(row) for row in result.all()]


def damaged(what: str, where: str) -> HistoryError:
    """Return the error for a store that does not contain what hivegate wrote."""
    hint = "another tool changed it; move the file away and start a new one"
    return HistoryError(f"is damaged: {what}", where=where, hint=hint)


def decoded(text: str, kind: type[T], where: str) -> T:
    """Read a column of JSON."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as fault:
        raise damaged(str(fault), where) from fault


def encoded(value: object) -> str:
    """Write a column of JSON; equal values are equal texts."""
    return msgspec.json.encode(value, order="deterministic").decode()


def text_hash(text: str) -> str:
    """Hash a text of any length, which not every database could index."""
    return hashlib.sha256(text.encode()).hexdigest()
