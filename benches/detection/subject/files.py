"""A journal in a file."""

import functools
import tempfile
from pathlib import Path

from .doses import JOURNAL

_ENTRY = b"2026-11-23 a worker reported\n" * 4


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="subject-")
    (Path(folder.name) / "journal").touch()
    return folder


def journal() -> int:
    """Write and read back a small file so many times."""
    place = Path(_folder().name) / "journal"
    total = 0
    for _ in range(JOURNAL):
        with place.open("r+b") as file:
            file.write(_ENTRY)
            file.flush()
            file.seek(0)
            total += len(file.read())
    return total
