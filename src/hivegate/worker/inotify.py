"""Which of some files this process opens, by whatever code: told by the kernel, where it has inotify."""

from __future__ import annotations

import os
import sys
from typing import Any

_OPEN = 0x20  # IN_OPEN
_EVENT = 16  # bytes of an event without a name
_CHUNK = 65536


class OpenedFiles:
    """Watch files; `unknown` says why that cannot be done, and is "" where it can."""

    def __init__(self, paths: list[str]) -> None:
        self.unknown = "what C code opens cannot be seen on this system"
        self._paths: dict[int, str] = {}
        self._overflow = False
        if not sys.platform.startswith("linux"):
            return
        try:
            import ctypes  # noqa: PLC0415  few need it

            libc: Any = ctypes.CDLL(None)
            self._descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            for path in paths:
                number = libc.inotify_add_watch(self._descriptor, os.fsencode(path), _OPEN)
                if number < 0:
                    return
                self._paths[number] = path
        except (ImportError, OSError, AttributeError):
            return
        with open(paths[0], "rb"):  # noqa: PTH123  some file systems take a watch and tell nothing
            pass
        if paths[0] in self.drain():
            self.unknown = ""

    def drain(self) -> list[str]:
        """Name the files that were opened since the last time; all of them where there were too many events."""
        found: dict[str, None] = {}
        while True:
            try:
                data = os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                return list(found)
            while data:
                number = int.from_bytes(data[:4], sys.byteorder, signed=True)
                length = int.from_bytes(data[12:_EVENT], sys.byteorder)
                found.update(dict.fromkeys([self._paths[number]] if number in self._paths else self._paths.values()))
                data = data[_EVENT + length :]
