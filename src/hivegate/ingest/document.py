"""A JSON document that is split first and decoded part by part, so that a large file is never all objects at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.mend import mend, mendable
from hivegate.ingest.source import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_KEYS_SHOWN = 8
_VALUE_SHOWN = 60
_MESSAGE_SHOWN = 1000
_STOPPED = "the tool that wrote it was probably stopped in the middle; run it again"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file's text and, where its top level is an object, the undecoded members of that."""

    where: str
    text: bytes
    members: dict[str, msgspec.Raw] | None

    def some_keys(self) -> str:
        """Name the first keys for a message."""
        keys = list(self.members or ())
        more = ", …" if len(keys) > _KEYS_SHOWN else ""
        return (", ".join(f"{key[:40]!r}" for key in keys[:_KEYS_SHOWN]) or "none") + more

    def decode(
        self, raw: msgspec.Raw, kind: type[T], at: str, *, dec_hook: Callable[[type, Any], object] | None = None
    ) -> T:
        """Decode one part as `kind`; raises `ResultsError` with the key path, which begins with `at`."""
        try:
            return msgspec.json.decode(raw, type=kind, dec_hook=dec_hook)
        except msgspec.ValidationError as fault:
            raise self.fault(_located(fault, raw, at)) from fault
        except RecursionError as fault:
            raise self.fault(f"{at}: is nested too deeply to be a result") from fault
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise self.fault(f"{at}: is not JSON: {fault}") from fault

    def fault(self, message: str, hint: str = "") -> ResultsError:
        """Make the error for something in this file."""
        return ResultsError(shorten(message, _MESSAGE_SHOWN), where=self.where, hint=hint)


def shorten(text: str, shown: int) -> str:
    """Leave out the middle of what is too long for a message."""
    return text if len(text) <= shown else f"{text[: shown // 2]} … {text[-shown // 2 :]}"


def open_document(path: Path) -> Document:
    """Read and split a file; raises `ResultsError` where it is not UTF-8 text or begins as JSON and is not that."""
    where = str(path)
    text = read_text(path)
    if text[:64].lstrip()[:1] != b"{":
        return Document(where=where, text=text, members=None)
    try:
        return _split(text, where)
    except msgspec.DecodeError as fault:
        if not mendable(text):
            raise _syntax_fault(fault, text, where) from fault
    text = mend(text)
    try:
        return _split(text, where)
    except msgspec.DecodeError as fault:
        raise _syntax_fault(fault, text, where) from fault


def _split(text: bytes, where: str) -> Document:
    try:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except RecursionError as fault:
        raise ResultsError("is nested too deeply to be a result file", where=where) from fault
    return Document(where=where, text=text, members=members)


def _syntax_fault(fault: msgspec.DecodeError, text: bytes, where: str) -> ResultsError:
    found = re.fullmatch(r"(?:JSON is malformed: )?(?P<what>.*?) \(byte (?P<byte>\d+)\)", str(fault))
    if found is None:
        line = text.count(b"\n") + 1
        return ResultsError(f"ends in the middle, in line {line}: {fault}", where=where, hint=_STOPPED)
    byte = int(found["byte"])
    line = text.count(b"\n", 0, byte) + 1
    column = byte - text.rfind(b"\n", 0, byte)
    return ResultsError(f"is not JSON: {found['what']}", where=f"{where}:{line}:{column}")


def _located(fault: msgspec.ValidationError, raw: msgspec.Raw, at: str) -> str:
    # A hook's own error carries a path inside of what the hook was given: "what - at `$[3]` - at `$.rounds`".
    what, *paths = re.split(r" - at `(?=\$|key)", str(fault))
    below = "".join(path.removesuffix("`").removeprefix("$") for path in reversed(paths))
    return f"{at}{below}: {what}{_shown(raw, below)}"


def _shown(raw: msgspec.Raw, path: str) -> str:
    """Spell the value at a path of fields and indices, where it is short enough to help."""
    for field, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", path):
        try:
            if field:
                raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[field]
            else:
                raw = msgspec.json.decode(raw, type=list[msgspec.Raw])[int(index)]
        except (msgspec.DecodeError, LookupError, ValueError):
            return ""
    text = bytes(memoryview(raw)[: _VALUE_SHOWN + 1])
    return f" {text.decode(errors='replace')}" if len(text) <= _VALUE_SHOWN else ""
