"""Reading: a result file becomes a `Run`, whatever tool wrote it."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.ingest import pytest_benchmark, run_json
from hivegate.ingest.document import open_document
from hivegate.ingest.foreign import refuse_foreign
from hivegate.ingest.run_json import write_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.model.run import Run

__all__ = ["read", "write_run"]


def read(path: Path, *, roots: tuple[str, ...] = ()) -> Run:
    """Read a result file; its content, not its name, tells which tool wrote it.

    `roots` are the benchmark roots that ids are relative to. Raises `ResultsError` for everything that is not a
    pytest-benchmark result or a run of hivegate. Time and memory grow with the file: about 1.5 times its size.
    """
    with _collector_paused():
        document = open_document(path)
        if run_json.recognises(document):
            return run_json.decode(document)
        refuse_foreign(document)
        if pytest_benchmark.recognises(document):
            return pytest_benchmark.decode(document, roots)
        raise ResultsError(
            f"is of no known format: its keys are {document.some_keys()}",
            where=document.where,
            hint="write one with: pytest --benchmark-json=FILE, or: hivegate run --out FILE",
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
