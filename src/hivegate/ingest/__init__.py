"""Reading: a result file becomes a `Run`, whatever tool wrote it; of two revisions a `Comparison`."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

from hivegate.ingest import comparison_json, formats
from hivegate.ingest.comparison_json import write_comparison
from hivegate.ingest.document import open_document
from hivegate.ingest.run_json import write_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.model.comparison import Comparison
    from hivegate.model.run import Run

__all__ = ["read", "read_any", "write_comparison", "write_run"]


def read(path: Path, *, roots: tuple[str, ...] = ()) -> Run:
    """Read a result file; its content, not its name, tells which tool wrote it. A folder is criterion's.

    `roots` are the benchmark roots that ids are relative to. Raises `ResultsError` for everything that is not of a
    format of docs/reference/formats.md. Time and memory grow with the file: of pytest-benchmark's about 1.5 times its
    size, of none more than ten times.
    """
    with _collector_paused():
        if path.is_dir():
            from hivegate.ingest.criterion import read_folder  # noqa: PLC0415  a format is imported when it is met

            return read_folder(path)
        return formats.decode(open_document(path), roots)


def read_any(path: Path) -> Run | Comparison:
    """Read a result file, or a comparison that is inconclusive yet; raises `ResultsError` for everything else."""
    if path.is_dir():
        return read(path)
    with _collector_paused():
        document = open_document(path)
        return (
            comparison_json.decode(document)
            if comparison_json.is_comparison(document)
            else formats.decode(document, ())
        )


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    # Reading makes no cycles, but up to a million values that stay: the collector would take a third of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
