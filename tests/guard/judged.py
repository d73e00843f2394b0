"""What recordings, and the result files of the cases, are judged to be by the hivegate of this checkout."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from tests.guard import files, replay


def judged(kind: str, name: str) -> Any:  # noqa: ANN401  JSON values
    """Judge a recording in every way that it asks for."""
    recording = files.load_recording(kind, name)
    if kind == "histories":
        return replay.find_changes(recording)
    judge = replay.judge_pairs if kind == "comparisons" else replay.judge_passes
    return {way: judge(recording, judgement) for way, judgement in recording["judgements"].items()}


def result_files() -> list[str]:
    """List the cases that are result files, by folder and name."""
    kinds = (".json", ".js", ".txt", ".jsonl")
    found = (file for file in files.CASES.glob("*/*") if file.suffix in kinds)
    return sorted(file.relative_to(files.CASES).as_posix() for file in found)


def check(name: str) -> dict[str, Any]:
    """Give a result file to the command; returns the exit status, and the result where there is one."""
    file = files.CASES / name
    command = [sys.executable, "-m", "hivegate", "check", file.name, "--json", "-"]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False, timeout=300)
    return {"exit status": done.returncode, "result": replay.read_result(done.stdout) if done.stdout else None}
