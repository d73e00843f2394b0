"""A cluster worker's side: measure one part of a suite in this checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.flows.bench.measure import measure, open_suite
from hivegate.flows.compare.flow import measure_pairs
from hivegate.flows.project import find_project, handed_on
from hivegate.flows.remote.job import read_job
from hivegate.flows.rules import Rules
from hivegate.ingest import write_comparison, write_run
from hivegate.measure.subject import Subject
from hivegate.model.targets import Targets
from hivegate.system import git
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from hivegate.flows.remote.job import RemoteJob
    from hivegate.model.events import ProgressCallback

_SOURCE_FOLDERS = ("src", "")  # where a project's packages are, the first come first


def measure_job(document: bytes, on_progress: ProgressCallback) -> bytes:
    """Measure what a job asks for, in the checkout of the current folder; returns the shard, as `--shard` writes it.

    Raises `UsageError` for a document that is no job.
    """
    job = read_job(document)
    subject = _subject(job)
    targets = None if job.targets is None else parse_targets(job.targets, "targets.yaml")
    if job.compare is not None:
        base = None if job.base_targets is None else parse_targets(job.base_targets, "base's targets.yaml")
        rules = Rules(head=targets or Targets(source="no targets.yaml"), base=base)
        comparison, _ = measure_pairs(subject, rules, job.compare, on_progress)
        if comparison.interrupted:
            raise KeyboardInterrupt
        return write_comparison(comparison)
    if job.run is None:
        raise UsageError("the job asks for nothing")
    suite = open_suite(subject, job.run, targets, on_progress)
    measure(suite, job.run, targets)
    return write_run(suite.run())


def _subject(job: RemoteJob) -> Subject:
    """Make the subject of this checkout: its packages come before any that are installed or lie elsewhere."""
    project = git.toplevel(Path.cwd()) / job.inside
    folders = [str(project / name) for name in _SOURCE_FOLDERS if (project / name).is_dir()]
    variables = {
        "PYTHONPATH": os.pathsep.join(filter(None, (*folders, os.environ.get("PYTHONPATH")))),
        **handed_on(find_project(project).settings.pytest_args),
    }
    return Subject(
        project=project,
        python=job.python or sys.executable,
        paths=job.paths,
        roots=job.roots,
        variables=variables,
        exclude=job.exclude,
    )
