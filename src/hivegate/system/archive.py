"""ZIP archives of strangers: read in memory, never extracted."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from hivegate.system.files import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Collection

    from hivegate.errors import HivegateError

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises for archives that are broken or that it cannot read.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def read_members(
    data: bytes, names: Collection[str], *, limit: int, where: str, error: type[HivegateError]
) -> dict[str, bytes]:
    """Read the members of a ZIP by name, any of `names` and nothing else, each of at most `limit` bytes.

    Raises `error` for any other name, so that no path leads anywhere, for a name that comes twice, for links and other
    special files, for encryption, for a size that is claimed or real above the limit, and for what is no ZIP.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > len(names):
                raise error(f"has {len(members)} members; at most {len(names)} are allowed", where=where)
            if len({one.filename for one in members}) < len(members):
                raise error("has two members with the same name", where=where)
            return {one.filename: _read(archive, one, names, limit, where, error) for one in members}
    except _BROKEN as fault:
        raise error(f"cannot be read as a ZIP archive: {fault}", where=where) from fault


def _read(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    names: Collection[str],
    limit: int,
    where: str,
    error: type[HivegateError],
) -> bytes:
    if member.filename not in names:
        allowed = " and ".join(sorted(names))
        raise error(f"has a member {member.filename[:80]!r}; only {allowed} are allowed", where=where)
    place = f"{where}: {member.filename}"
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise error("is a link" if stat.S_ISLNK(mode) else "is not a regular file", where=place)
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise error("is encrypted, or uses a compression that GitHub does not use", where=place)
    if member.file_size > limit:
        raise error(f"claims {member.file_size} bytes; at most {limit // MEBIBYTE} MiB are read", where=place)
    with archive.open(member) as content:
        return content.read(limit)
