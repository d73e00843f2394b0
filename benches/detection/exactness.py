"""Whether the doses are what they claim: work counted in both revisions, not timed.

Two counts: lines of the subject that one call executes, which are its units; and instructions of the processor, which
valgrind counts and which hold everything that a call does below Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from detection.plan import Share
from detection.revisions import Repository, make_revisions
from detection.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detection.workloads import Workload

_CALLS = 5
_UNCOUNTED = {"sleep"}  # its units are microseconds
_LINES = """
import importlib, json, sys, threading
lines = []  # appended to, for threads would lose additions
def trace(frame, event, argument):
    if "subject" not in frame.f_code.co_filename:
        return None
    if event == "line":
        lines.append(1)
    return trace
def count(module, name):
    call = getattr(importlib.import_module("subject." + module), name)
    threading.settrace(trace)
    call()
    sys.settrace(trace)
    lines.clear()
    call()
    sys.settrace(None)
    return len(lines)
print(json.dumps({name: count(module, name) for module, name in json.loads(sys.argv[1])}))
"""
_TWICE = "from subject.{module} import {name}\nfor _ in range({calls}): {name}()\n"
_REFS = re.compile(r"I\s+refs:\s+([\d,]+)")


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """By how much percent head's work is more than base's: as asked for, and as counted; None where it was not."""

    benchmark: str
    asked: int
    lines: float
    instructions: float | None = None


def read_counted(file: Path) -> list[Counted]:
    """Read what was counted; nothing where nothing was."""
    return msgspec.json.decode(file.read_bytes(), type=list[Counted]) if file.exists() else []


def write_counted(file: Path, counted: list[Counted]) -> None:
    """Keep what was counted, a line a function."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(msgspec.json.encode(one).decode() for one in counted)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def count(asked: int, *, instructions: bool) -> Iterator[Counted]:
    """Make two revisions where everything is dosed alike, and count the work of one call of each function."""
    counted = [one for one in WORKLOADS if one.dosed and one.name not in _UNCOUNTED]
    with tempfile.TemporaryDirectory(prefix="detection-") as name:
        head = Path(name) / "head"
        base_commit, _ = make_revisions(head, 0, {one.name: Share(1, asked) for one in counted})
        base = Path(name) / "base"
        Repository(head).git("worktree", "add", "-q", "--detach", str(base), base_commit)
        of_base, of_head = (lines_of(project, counted) for project in (base, head))
        for one in counted:
            # What threads do while they wait for each other is not counted twice alike.
            exact = instructions and one.kind not in {"threads", "I/O"}
            yield Counted(
                benchmark=one.name,
                asked=asked,
                lines=_more(of_base[one.name], of_head[one.name]),
                instructions=_more(instructions_of(base, one), instructions_of(head, one)) if exact else None,
            )


def lines_of(project: Path, counted: Sequence[Workload]) -> dict[str, int]:
    """Count the lines that one call of each function executes, in all its threads."""
    names = json.dumps([(one.module, one.name) for one in counted])
    found: dict[str, int] = json.loads(_python(project, _LINES, names).stdout)
    return found


def instructions_of(project: Path, one: Workload) -> float:
    """Count the instructions of one call; raises `RuntimeError` where valgrind is missing."""
    tool = shutil.which("valgrind")
    if tool is None:
        raise RuntimeError("valgrind is not installed; it counts instructions")
    counting = (tool, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    few, many = (
        _python(project, _TWICE.format(module=one.module, name=one.name, calls=calls), before=counting)
        for calls in (_CALLS, 2 * _CALLS)
    )
    return (_refs(many) - _refs(few)) / _CALLS


def _refs(done: subprocess.CompletedProcess[str]) -> int:
    found = _REFS.search(done.stderr)
    if found is None:
        raise RuntimeError(f"valgrind did not count: {done.stderr[-1000:]}")
    return int(found[1].replace(",", ""))


def _python(project: Path, program: str, *given: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "PYTHONHASHSEED": "0"}
    command = [*before, sys.executable, "-c", program, *given]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True)  # noqa: S603  an argument list


def _more(base: float, head: float) -> float:
    return round(100 * (head / base - 1), 3)
