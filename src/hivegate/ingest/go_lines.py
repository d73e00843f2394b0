"""The lines that a Go test binary printed, also where `go test -json` has wrapped them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.ingest.repeated_keys import repeated_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.ingest.document import Document

_HEAD = 65_536
_EVENTS = re.compile(rb'(?m)^\s*\{[^\n]*"Action"\s*:\s*"')
_ENDS = ("pass", "fail", "skip")
LONGEST = 65_536  # characters of a line; what is longer is no result


class _Event(msgspec.Struct, gc=False, rename="pascal"):
    action: str | None = None
    package: str = ""
    output: str = ""
    test: str | None = None


def lines_of(document: Document) -> Iterator[tuple[int, str]]:
    """Give each line with its number; of ``-json`` the output of each package together, one package after the other.

    A package whose events tell of a failure that its output does not, or that end before it does, gets the line that
    `go test` ends a failure with.
    """
    if _EVENTS.search(document.text[:_HEAD]) is None:
        yield from enumerate((line.decode(errors="replace") for line in _split(document.text)), start=1)
        return
    # Packages are tested side by side, and a line may be told in several events.
    outputs: dict[str, list[str]] = {}
    ends: dict[str, str | None] = {}
    for number, line in enumerate(_split(document.text), start=1):
        event = _event(line)
        if event is None:
            text = line.decode(errors="replace")
            if text[:1] == "{":  # what is no JSON at all was printed by a build
                document.drop(f"line {number} is not an event of go test -json: {text[:80]}")
            yield number, text
            continue
        if event.action == "output":
            outputs.setdefault(event.package, []).append(event.output)
        if event.package and event.test is None:
            ends[event.package] = event.action if event.action in _ENDS else ends.get(event.package)
    for package in dict.fromkeys([*outputs, *ends]):
        lines = "".join(outputs.get(package, ())).splitlines()
        if (end := _last_line(package, lines, ends.get(package, ""))) is not None:
            lines.append(end)
        yield from enumerate((line[:LONGEST] for line in lines), start=1)


def _event(line: bytes) -> _Event | None:
    try:
        event = msgspec.json.decode(line, type=_Event)
        return event if next(repeated_keys(line), None) is None else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _last_line(package: str, lines: list[str], end: str | None) -> str | None:
    """Make the line that a failure ends with, where the events tell of one and the output does not."""
    if end is None:
        return f"FAIL\t{package} [its events end before its run does]"
    said = any(line.startswith(f"FAIL\t{package}") for line in lines)
    return f"FAIL\t{package} [failed]" if end == "fail" and not said else None


def _split(text: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        yield text[start : min(end, start + LONGEST)].rstrip(b"\r")
        start = end + 1
