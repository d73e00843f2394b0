"""Whether one process may stop and read another, as profilers do."""

from __future__ import annotations

import sys
from pathlib import Path

from hivegate.system.process import deadline, run

_SEIZE = """
import ctypes, os, signal, sys
pid = os.fork()
if pid == 0:
    signal.pause()
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
failed = libc.ptrace(0x4206, pid, None, None) != 0
number = ctypes.get_errno()
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
sys.exit(os.strerror(number) if failed else 0)
"""
_SECONDS = 20.0


def why_not_traced() -> str | None:
    """Try to seize a child of our own; tell why that is refused, None where it is allowed. On Linux only."""
    ended = run([sys.executable, "-I", "-c", _SEIZE], cwd=Path("/"), overdue=deadline(_SECONDS))
    if ended.returncode == 0:
        return None
    said = ended.output.strip().splitlines()
    return said[-1] if said and not ended.timed_out else ended.cause
