"""Measure ours beside its rivals and write docs/performance/RIVALS.md; with --page, the page alone.

Run by ``nox -s rivals``; gcc is needed, and where rustc is at hand Rust is measured as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from rivals.page import render
from rivals.record import TURNS, Record, compiled_floor, compiled_rust, described, measure
from rivals.rows import rows

_DOCS = Path(__file__).parents[2] / "docs" / "performance"


def main() -> None:
    """Measure, and write record and page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the page from the record that there is")
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    file = _DOCS / "rivals.json"
    if not given.page:
        before = os.getloadavg()[0]
        with tempfile.TemporaryDirectory(prefix="rivals-") as place:
            folder = Path(place)
            found = measure(rows(compiled_floor(folder)), compiled_rust(folder), folder, given.turns)
        record = described(found, given.turns, before)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=0) + b"\n")
    text = render(msgspec.json.decode(file.read_bytes(), type=Record))
    (_DOCS / "RIVALS.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
