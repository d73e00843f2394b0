"""A part of a suite, ordered by another machine: what to measure, as a document, and measuring it here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.bench.measure import BenchOptions, measure, open_suite
from hivegate.flows.compare.flow import CompareOptions, measure_comparison
from hivegate.ingest import write_comparison, write_run
from hivegate.measure.subject import Subject
from hivegate.model.targets import Targets
from hivegate.system import git
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from hivegate.model.events import ProgressCallback

_USUAL = ("src", "")  # where a project's packages lie, the first place first


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part: the project's folder in its repository, its suite, the text of its targets.yaml, and what is asked.

    `python` is the interpreter to measure with, where another than the worker's own was asked for. One of `compare`
    and `run` is there.
    """

    inside: str
    paths: tuple[str, ...]
    roots: tuple[str, ...]
    python: str | None = None
    targets: str | None = None
    compare: CompareOptions | None = None
    run: BenchOptions | None = None


def write_part(part: Part) -> bytes:
    """Write a job that `measure_part` reads."""
    return msgspec.json.encode(part)


def measure_part(document: bytes, on_progress: ProgressCallback) -> bytes:
    """Measure what is ordered, in the checkout that we are in; returns the shard, as `--shard` writes it.

    Raises `UsageError` for what is no job.
    """
    try:
        part = msgspec.json.decode(document, type=Part)
    except msgspec.MsgspecError as fault:
        raise UsageError(f"is no order of a part: {fault}", hint="hivegate ... --on writes it") from fault
    subject = _subject(part)
    targets = None if part.targets is None else parse_targets(part.targets, "targets.yaml")
    if part.compare is not None:
        given = targets or Targets(source="no targets.yaml")
        return write_comparison(measure_comparison(subject, given, part.compare, on_progress))
    if part.run is None:
        raise UsageError("the order of a part asks for nothing")
    suite = open_suite(subject, part.run, targets, on_progress)
    measure(suite, part.run, targets)
    return write_run(suite.run())


def _subject(part: Part) -> Subject:
    """Make the subject of this checkout: its packages come before any that are installed or lie elsewhere."""
    project = git.toplevel(Path.cwd()) / part.inside
    places = [str(project / name) for name in _USUAL if (project / name).is_dir()]
    variables = {"PYTHONPATH": os.pathsep.join(filter(None, (*places, os.environ.get("PYTHONPATH"))))}
    return Subject(
        project=project,
        python=part.python or sys.executable,
        paths=part.paths,
        roots=part.roots,
        variables=variables,
    )
