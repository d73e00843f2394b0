"""`.hivegate/latest/`: where the latest results are for a report, a profile or a workflow."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from hivegate.decode import decode_json
from hivegate.errors import HivegateError, ResultsError, UsageError
from hivegate.ingest import write_run
from hivegate.model.events import Noted
from hivegate.model.profile import PROFILE_SCHEMA, Profiles
from hivegate.model.verdict import Outcome
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.system.files import read_bytes, write_atomic
from hivegate.targets.schema import json_schema

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult

ResultName: TypeAlias = Literal["bench", "compare"]  # the flows that keep their latest result

_LARGEST = 64 * 2**20


def own_folder(project: Path) -> Path:
    """Name hivegate's own folder in a project, kept out of version control and with the schema for editors in it."""
    own = project / ".hivegate"
    ignore, schema = own / ".gitignore", own / "targets.schema.json"
    if not ignore.exists():
        write_atomic(ignore, "*\n", error=UsageError)
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if not schema.exists() or schema.read_text(encoding="utf-8", errors="replace") != text:  # of another version
        write_atomic(schema, text, error=UsageError)
    return own


def save_result(project: Path, name: ResultName, result: GateResult) -> None:
    """Keep a result as the latest of its flow."""
    write_atomic(own_folder(project) / "latest" / f"{name}.json", render_json(result), error=UsageError)


def page_of(project: Path) -> Path:
    """Name the page of the latest result."""
    return project / ".hivegate" / "report.html"


def add_causes(project: Path, name: ResultName, result: GateResult) -> None:
    """Keep a result with the causes that profiles found; it stays as old as it is, so that they are of it."""
    path = own_folder(project) / "latest" / f"{name}.json"
    judged = path.stat().st_mtime
    write_atomic(path, render_json(result), error=UsageError)
    os.utime(path, (judged, judged))


def save_run(project: Path, run: Run) -> None:
    """Keep a run as the latest."""
    write_atomic(own_folder(project) / "latest" / "run.json", write_run(run), error=UsageError)


def keep_interrupted(project: Path, run: Run, on_progress: ProgressCallback) -> None:
    """Keep in .hivegate/latest/interrupted.json what was measured of a run, where anything was, and say so."""
    if any(benchmark.samples for benchmark in run.benchmarks):
        with contextlib.suppress(HivegateError):
            path = own_folder(project) / "latest" / "interrupted.json"
            write_atomic(path, write_run(run), error=UsageError)
            file = path.relative_to(project).as_posix()
            on_progress(Noted(message=f"interrupted; what was measured so far: hivegate check {file}"))


def load_result(path: Path) -> GateResult:
    """Read a result; raises `ResultsError` for anything else."""
    return parse_json(read_bytes(path, limit=_LARGEST, error=ResultsError), where=str(path))


def newest_result(project: Path) -> Path | None:
    """Find the result that was written last, of `bench` or `compare`: a reader may think of either."""
    folder = project / ".hivegate" / "latest"
    results = [path for name in get_args(ResultName) if (path := folder / f"{name}.json").exists()]
    return max(results, key=lambda path: path.stat().st_mtime, default=None)


def measured_benchmarks(project: Path) -> frozenset[str]:
    """Name the benchmarks of the latest results, as far as they can be read; a missing one is none."""
    names: set[str] = set()
    for name in get_args(ResultName):
        with contextlib.suppress(ResultsError):
            result = load_result(project / ".hivegate" / "latest" / f"{name}.json")
            names |= {one.benchmark for one in result.verdicts if one.outcome is not Outcome.MISSING}
            names |= {*result.not_selected, *result.not_compared}
    return frozenset(names)


def load_profiles(path: Path) -> Profiles:
    """Read the index of what `hivegate profile` wrote, profiles.json; raises `ResultsError` for anything else."""
    return parse_profiles(read_bytes(path, limit=_LARGEST, error=ResultsError), where=str(path))


def parse_profiles(data: bytes, *, where: str) -> Profiles:
    """Read the same from bytes."""
    profiles = decode_json(data, Profiles, where=where, error=ResultsError)
    if profiles.schema != PROFILE_SCHEMA:
        raise ResultsError(
            f"schema: is {profiles.schema}; this hivegate reads profiles of schema {PROFILE_SCHEMA}",
            where=where,
            hint="make them again: hivegate profile",
        )
    return profiles
