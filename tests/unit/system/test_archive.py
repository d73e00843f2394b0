from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.errors import ResultsError
from hivegate.system.archive import read_members

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("bench.json", "compare.json")
LIMIT = 2**20


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack members as they are given, also two of one name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content, compress_type=method)
    return made.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """Read as the command does."""
    return read_members(data, NAMES, limit=LIMIT, where="artifact", error=ResultsError)


def special(kind: int) -> zipfile.ZipInfo:
    """Make an entry that claims to be something else than a file."""
    info = zipfile.ZipInfo("bench.json")
    info.external_attr = (kind | 0o777) << 16
    return info


def patched(data: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """Change the entry of the central directory."""
    raw = bytearray(data)
    change(raw, raw.index(b"PK\x01\x02"))
    return bytes(raw)


def claim_two_gigabytes(raw: bytearray, entry: int) -> None:
    """Write 2 GB as the unpacked size."""
    raw[entry + 24 : entry + 28] = (2 * 10**9).to_bytes(4, "little")


def encrypt(raw: bytearray, entry: int) -> None:
    """Set the bit of encryption."""
    raw[entry + 8] |= 1


GOOD = packed(("bench.json", b"{}"))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_named_members_are_read(method: int) -> None:
    """What is allowed by name is read, packed or not; a member may be absent."""
    both = packed(("compare.json", b"2"), ("bench.json", b"1" * LIMIT), method=method)
    assert read(both) == {"compare.json": b"2", "bench.json": b"1" * LIMIT}
    assert read(GOOD) == {"bench.json": b"{}"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"no archive", "cannot be read as a ZIP archive", id="text"),
        pytest.param(GOOD[:-30], "cannot be read as a ZIP archive", id="cut"),
        pytest.param(packed(("../bench.json", b"")), "has a member '../bench.json'", id="escape"),
        pytest.param(packed(("/etc/passwd", b"")), "has a member '/etc/passwd'", id="absolute"),
        pytest.param(packed(("..\\bench.json", b"")), "only bench.json and compare.json are allowed", id="backslash"),
        pytest.param(packed(("<script>alert(1)</script>", b"")), "has a member '<script>", id="script"),
        pytest.param(packed(("folder/", b"")), "has a member 'folder/'", id="folder"),
        pytest.param(packed(*((f"{one}", b"") for one in range(9))), "has 9 members", id="many"),
        pytest.param(packed((special(stat.S_IFLNK), b"/etc/passwd")), "is a link", id="link"),
        pytest.param(packed((special(stat.S_IFIFO), b"")), "is not a regular file", id="pipe"),
        pytest.param(patched(GOOD, claim_two_gigabytes), "claims 2000000000 bytes; at most 1 MiB", id="2 GB"),
        pytest.param(packed(("bench.json", bytes(LIMIT + 1))), "claims 1048577 bytes", id="bomb"),
        pytest.param(patched(GOOD, encrypt), "encrypted", id="encrypted"),
        pytest.param(packed(("bench.json", b"{}"), method=zipfile.ZIP_LZMA), "uses a compression", id="lzma"),
    ],
)
def test_anything_else_is_refused(data: bytes, said: str) -> None:
    """Links, escapes, strangers, bombs and claims are refused by what they are, before they are unpacked."""
    with pytest.raises(ResultsError, match=said.replace("(", r"\(").replace(")", r"\)")):
        read(data)


def test_two_members_of_one_name_are_refused() -> None:
    """Readers disagree about which of two counts, so neither does."""
    twice = packed(("bench.json", b"1"), ("other.json", b"2")).replace(b"other.json", b"bench.json")
    with pytest.raises(ResultsError, match="two members with the same name"):
        read(twice)


def test_a_size_that_is_smaller_than_it_says_is_refused() -> None:
    """Content that runs beyond its claim, as a bomb's does, fails its checksum and is never read beyond the claim."""
    bomb = packed(("bench.json", bytes(64 * LIMIT)))
    claimed = patched(
        bomb, lambda raw, entry: raw.__setitem__(slice(entry + 24, entry + 28), (5).to_bytes(4, "little"))
    )
    with pytest.raises(ResultsError, match="cannot be read as a ZIP archive: Bad CRC"):
        read(claimed)


@given(st.data())
def test_no_archive_makes_it_stumble(data: st.DataObject) -> None:
    """Whatever bytes of an archive are changed, it is read within the limit or refused as what it is."""
    raw = bytearray(packed(("bench.json", b'{"schema": 1}' * 9), ("compare.json", b"{}")))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        members = read(bytes(raw))
    except ResultsError:
        return
    assert set(members) <= set(NAMES)
