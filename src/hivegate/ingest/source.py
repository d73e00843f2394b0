"""The bytes of a result file: plain UTF-8 text, or a refusal that says what it is instead."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from hivegate.errors import ResultsError
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

SIZE_LIMIT = 512 * MEBIBYTE

_COMPRESSED = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"\x28\xb5\x2f\xfd": ("Zstandard", "unzstd"),
    b"PK\x03\x04": ("zip", "unzip"),
}
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> bytes:
    """Read a file whose whole content is UTF-8; raises `ResultsError` for any other."""
    where = str(path)
    data = read_bytes(path, limit=SIZE_LIMIT, error=ResultsError)
    for magic, (kind, command) in _COMPRESSED.items():
        if data.startswith(magic):
            raise ResultsError(f"is compressed ({kind})", where=where, hint=f"unpack it first: {command} {path.name}")
    if data.startswith(_UTF16_MARKS):
        raise ResultsError(
            "is UTF-16; a result file is UTF-8",
            where=where,
            hint="the shell wrote it when it redirected output; let the tool write the file",
        )
    data = data.removeprefix(_UTF8_MARK)
    if not data or data.isspace():
        raise ResultsError("is empty", where=where, hint="a tool that was stopped leaves such a file; run it again")
    if not data.isascii():
        _refuse_undecodable(data, where)
    if (zero := data.find(b"\x00")) >= 0:
        raise ResultsError(f"is not text: byte {zero} is zero", where=where)
    return data


def _refuse_undecodable(data: bytes, where: str) -> None:
    # Piece by piece: the text of a whole file would double its memory.
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    start = 0
    try:
        for start in range(0, len(data), MEBIBYTE):
            decoder.decode(view[start : start + MEBIBYTE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        # What the decoder holds back from the piece before is at most three bytes.
        found = data.find(fault.object[fault.start : fault.end], max(0, start - 3))
        raise ResultsError(
            f"is not UTF-8 text: byte {found} is {data[found]:#04x}",
            where=where,
            hint="pass the JSON file that the benchmark tool wrote",
        ) from fault
