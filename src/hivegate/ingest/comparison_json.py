"""A comparison as JSON: what was measured of two revisions, not yet judged. What is written can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.model.comparison import Comparison

if TYPE_CHECKING:
    from hivegate.ingest.document import Document

FORMAT = "hivegate comparison"
COMPARISON_SCHEMA = 1  # history: 1 first


class _Head(msgspec.Struct):
    format: str
    schema: int


def write_comparison(run: Comparison) -> bytes:
    """Write a comparison that `decode` gives back equal."""
    document = {"format": FORMAT, "schema": COMPARISON_SCHEMA, **msgspec.structs.asdict(run)}
    return msgspec.json.encode(document) + b"\n"


def is_comparison(document: Document) -> bool:
    """Return whether a document says that it is a comparison."""
    said = (document.members or {}).get("format")
    return said is not None and bytes(said).strip() == msgspec.json.encode(FORMAT)


def decode(document: Document) -> Comparison:
    """Read a comparison; raises `ResultsError` for another schema and for what is no comparison."""
    head = document.decode(document.text, _Head, "the comparison")
    if head.schema != COMPARISON_SCHEMA:
        raise document.fault(
            f"schema: is {head.schema}; this hivegate supports schema {COMPARISON_SCHEMA}",
            "measure and merge with one version of hivegate",
        )
    return document.decode(document.text, Comparison, "the comparison")
