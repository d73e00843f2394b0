"""A JSON document that is split first and decoded part by part, so that a large file is never all objects at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.repair import repair
from hivegate.ingest.repeated_keys import repeated_keys
from hivegate.ingest.source import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_KEYS_SHOWN = 8
_VALUE_SHOWN = 60
_MESSAGE_SHOWN = 1000
_DROPPED_SHOWN = 200
GIVEN_TWICE = "the key {!r} is given twice, and nothing says which of its values counts"
_STOPPED = "the tool that wrote it was probably stopped in the middle; run it again"

# A part that is kept costs up to 160 bytes beside its text. In the files of real tools a member takes 25 bytes or more
# and an object 80.
_LARGE = 2**21
_SHORTEST_MEMBER = 16
_SHORTEST_OBJECT = 24
_LARGEST_PLAIN = 2**20
_A_LINE_EACH = re.compile(rb"\s*\{[^\n]{0,65536}\}[ \t\r]*\n\s*\{")


class _Object(msgspec.Struct, gc=False):
    """Any JSON object; none of it is kept."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file's text and, where its top level is an object, the undecoded members of that.

    `text` is whole JSON where it begins with a bracket or a brace, unless each line of it is an object. `dropped` names
    what of it could not be read, by the benchmark that it belongs to. `repeats` says that an object of it gives a key
    twice.
    """

    where: str
    text: bytes
    members: dict[str, msgspec.Raw] | None
    dropped: list[str] = []
    repeats: bool = False

    def drop(self, what: str) -> None:
        """Remember a part that is not read although its benchmark is; `assemble` counts and names them in a note."""
        self.dropped.append(shorten(what, _DROPPED_SHOWN))

    def some_keys(self) -> str:
        """Name the first keys for a message."""
        keys = list(self.members or ())
        more = ", …" if len(keys) > _KEYS_SHOWN else ""
        return (", ".join(f"{key[:40]!r}" for key in keys[:_KEYS_SHOWN]) or "none") + more

    def decode(
        self,
        raw: msgspec.Raw | bytes | memoryview,
        kind: type[T],
        at: str,
        *,
        dec_hook: Callable[[type, Any], object] | None = None,
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

    def refuse_repeated(self, raw: msgspec.Raw | bytes, at: str) -> None:
        """Raise `ResultsError` for a part of which an object gives a key twice."""
        if self.repeats and (key := next(repeated_keys(raw), None)) is not None:
            raise self.fault(f"{at}: {GIVEN_TWICE.format(key)}")

    def repeated_names(self, raw: msgspec.Raw | bytes) -> frozenset[str]:
        """Name the keys that an object gives twice, without those of what is in it."""
        return frozenset(repeated_keys(raw, inside=False)) if self.repeats else frozenset()

    def refuse_repeated_names(self, raw: msgspec.Raw | bytes, at: str = "") -> None:
        """Raise `ResultsError` for an object that gives a key twice, whatever is in it."""
        for name in sorted(self.repeated_names(raw)):
            raise self.fault(f"{at}: {GIVEN_TWICE.format(name)}" if at else GIVEN_TWICE.format(name))

    def objects(self, raw: msgspec.Raw | bytes | memoryview, at: str) -> list[msgspec.Raw]:
        """Split an array of objects; raises `ResultsError` for another value, and in large arrays for other elements.

        An element that is kept costs 72 bytes, so a large array is looked through before: one of short numbers would
        take many times its size.
        """
        view = memoryview(raw)
        if len(view) > _LARGE:
            self.decode(view, list[_Object], at)
        return self.decode(view, list[msgspec.Raw], at)

    def plain(self, raw: msgspec.Raw, at: str) -> object:
        """Decode a part that may be anything, as long as it is short: lists of nothing cost twenty times their text."""
        if len(memoryview(raw)) > _LARGEST_PLAIN:
            raise self.fault(f"{at}: has {len(memoryview(raw))} bytes; at most {_LARGEST_PLAIN} are supported")
        return self.decode(raw, object, at)

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
    _refuse_crumbs(text, where)
    if text[:64].lstrip()[:1] not in {b"{", b"["}:
        return Document(where=where, text=text, members=None)
    try:
        return _split(text, where)
    except msgspec.DecodeError:
        if _A_LINE_EACH.match(text):
            return Document(where=where, text=text, members=None)
    text = repair(text)
    try:
        return _split(text, where)
    except msgspec.DecodeError as fault:
        raise _syntax_fault(fault, text, where) from fault


def _refuse_crumbs(text: bytes, where: str) -> None:
    if len(text) <= _LARGE:
        return
    members, objects = text.count(b":"), text.count(b"{")
    if members * _SHORTEST_MEMBER > len(text):
        members = text.translate(None, b" \t\r\n").count(b'":')  # colons stand in names too
    if members * _SHORTEST_MEMBER > len(text) or objects * _SHORTEST_OBJECT > len(text):
        raise ResultsError(f"contains {members} members in {len(text)} bytes, too small for a result", where=where)


def _split(text: bytes, where: str) -> Document:
    members = None
    try:
        if text[:64].lstrip()[:1] == b"[":
            msgspec.json.decode(text, type=msgspec.Raw)
        else:
            members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except RecursionError as fault:
        raise ResultsError("is nested too deeply to be a result file", where=where) from fault
    return Document(where=where, text=text, members=members, repeats=next(repeated_keys(text), None) is not None)


def _syntax_fault(fault: msgspec.DecodeError, text: bytes, where: str) -> ResultsError:
    found = re.fullmatch(r"(?:JSON is malformed: )?(?P<what>.*?) \(byte (?P<byte>\d+)\)", str(fault))
    if found is None:
        line = text.count(b"\n") + 1
        return ResultsError(f"ends in the middle, in line {line}: {fault}", where=where, hint=_STOPPED)
    byte = int(found["byte"])
    line = text.count(b"\n", 0, byte) + 1
    column = byte - text.rfind(b"\n", 0, byte)
    return ResultsError(f"is not JSON: {found['what']}", where=f"{where}:{line}:{column}")


def _located(fault: msgspec.ValidationError, raw: msgspec.Raw | bytes | memoryview, at: str) -> str:
    # A hook's own error carries a path inside of what the hook was given: "what - at `$[3]` - at `$.rounds`".
    what, *paths = re.split(r" - at `(?=\$|key)", str(fault))
    below = "".join(path.removesuffix("`").removeprefix("$") for path in reversed(paths))
    return f"{at}{below}: {what}{_shown(raw, below)}"


def _shown(raw: msgspec.Raw | bytes | memoryview, path: str) -> str:
    """Format the value at a path of fields and indices, where it is short enough to help."""
    if len(memoryview(raw)) > _LARGE:
        return ""
    for field, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", path):
        try:
            if field:
                raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[field]
            else:
                raw = msgspec.json.decode(raw, type=list[msgspec.Raw])[int(index)]
        except (msgspec.DecodeError, LookupError, ValueError, RecursionError):
            return ""
    text = bytes(memoryview(raw)[: _VALUE_SHOWN + 1])
    return f" {text.decode(errors='replace')}" if len(text) <= _VALUE_SHOWN and text != b"null" else ""
