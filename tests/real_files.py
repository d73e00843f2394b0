"""Result files of other tools, kept in ``tests/corpus``; the large ones are compressed there."""

from __future__ import annotations

import atexit
import functools
import lzma
import shutil
import tempfile
from pathlib import Path

_CORPUS = Path(__file__).parent / "corpus"
_PACKED = ".xz"
FILES = sorted(
    str(file.relative_to(_CORPUS)).removesuffix(_PACKED)
    for file in _CORPUS.rglob("*")
    if file.is_file() and file.relative_to(_CORPUS).parts[0] != "licences"
)


@functools.cache
def unpacked() -> Path:
    """Copy the corpus into a temporary folder, every file as its tool wrote it; once a process."""
    folder = Path(tempfile.mkdtemp(prefix="hivegate-corpus-"))
    atexit.register(shutil.rmtree, folder)
    for name in FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        packed = _CORPUS / (name + _PACKED)
        target.write_bytes(lzma.decompress(packed.read_bytes()) if packed.exists() else (_CORPUS / name).read_bytes())
    return folder
