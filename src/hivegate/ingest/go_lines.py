"""The lines that a Go test binary printed, also where `go test -json` has wrapped them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import ResultsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.ingest.document import Document

LONGEST = 65_536  # characters of a line; what is longer is no result


class _Event(msgspec.Struct, gc=False, rename="pascal"):
    action: str | None = None
    package: str = ""
    output: str = ""


def lines_of(document: Document) -> Iterator[tuple[int, str]]:
    """Give each line with its number; of ``-json`` the output of each package together, one package after the other."""
    if document.text[:64].lstrip()[:1] != b"{":
        yield from enumerate((line.decode(errors="replace") for line in _split(document.text)), start=1)
        return
    # Packages are tested side by side, and a line may be told in several events.
    outputs: dict[str, list[str]] = {}
    for number, line in enumerate(_split(document.text), start=1):
        if not line.strip():
            continue
        try:
            event = msgspec.json.decode(line, type=_Event)
        except (msgspec.DecodeError, RecursionError) as fault:
            raise ResultsError(
                f"is not an event of go test -json: {fault}", where=f"{document.where}:{number}"
            ) from fault
        if event.action == "output":
            outputs.setdefault(event.package, []).append(event.output)
    for parts in outputs.values():
        yield from enumerate((line[:LONGEST] for line in "".join(parts).splitlines()), start=1)


def _split(text: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        yield text[start : min(end, start + LONGEST)].rstrip(b"\r")
        start = end + 1
