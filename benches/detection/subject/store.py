"""A small database in a file."""

import functools
import sqlite3
import tempfile
from pathlib import Path

from .doses import STORE


@functools.cache
def _opened() -> "tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str]]":
    folder = tempfile.TemporaryDirectory(prefix="subject-")
    connection = sqlite3.connect(Path(folder.name) / "store.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("CREATE TABLE cells (name TEXT PRIMARY KEY, level INTEGER)")
    return connection, folder


def store() -> int:
    """Write and read so many rows, each in a transaction of its own."""
    connection, _ = _opened()
    total = 0
    for _ in range(STORE):
        connection.execute("INSERT OR REPLACE INTO cells VALUES ('a', 7)")
        total += connection.execute("SELECT level FROM cells WHERE name = 'a'").fetchone()[0]
    return total
