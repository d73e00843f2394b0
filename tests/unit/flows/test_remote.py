"""What a machine that measures for another is sent: a document that says all, and is refused where it does not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import benchmark, run

import hivegate
from hivegate.flows.plan import ComparisonPlan, SuitePlan
from hivegate.flows.remote.cluster import ClusterJob
from hivegate.flows.remote.job import RemoteJob, read_job, write_job
from hivegate.flows.shard import Division
from hivegate.ingest import write_run
from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

DIVISION = Division(number=2, count=3, durations={"a/b": 1.5})
JOB = RemoteJob(
    inside="packages/shop", paths=("benches",), roots=("benches",), python="python3.12", targets="schema: 1"
)


@pytest.mark.parametrize(
    "job",
    [
        msgspec.structs.replace(JOB, run=SuitePlan(passes=7, selectors=("a/*",), division=DIVISION)),
        msgspec.structs.replace(
            JOB,
            compare=ComparisonPlan(base="f" * 40, budget=0.02, by_instructions=True, max_time=1.5, division=DIVISION),
        ),
    ],
    ids=["run", "compare"],
)
def test_a_job_arrives_as_it_was_written(job: RemoteJob) -> None:
    """Nothing of the plan is left to the defaults of the machine that reads it."""
    assert read_job(write_job(job)) == job


@pytest.mark.parametrize("document", [b"", b"[]", b'{"inside": "."}', write_job(JOB)[:-1] + b', "more": 1}'])
def test_what_is_no_job_is_refused(document: bytes) -> None:
    """A field too few or too many is another version's; measuring something else would look like an answer."""
    with pytest.raises(hivegate.HivegateError, match="is not a job for a worker") as refused:
        read_job(document)
    assert refused.value.exit_status == 2


def subject(folder: Path, python: str) -> Subject:
    """Say what is measured."""
    return Subject(project=folder, python=python, paths=("benches",), roots=("benches",))


def test_a_cluster_gets_the_texts_and_not_the_paths_of_this_machine(tmp_path: Path) -> None:
    """Its workers do not see these files; an interpreter goes along only where it was asked for."""
    (tmp_path / "targets.yaml").write_text("schema: 1\n")
    (tmp_path / "run.json").write_bytes(write_run(run(benchmark("a/b", [0.5]))))
    own = subject(tmp_path, sys.executable)
    bare = ClusterJob.of(own, None, shard=None, durations=None)
    assert (bare.targets, bare.python, bare.durations) == (None, None, {})
    full = ClusterJob.of(
        subject(tmp_path, "python3.12"), tmp_path / "targets.yaml", shard=None, durations=tmp_path / "run.json"
    )
    assert (full.targets, full.python, full.durations) == ("schema: 1\n", "python3.12", {"a/b": 5.0})


def test_a_cluster_divides_by_itself(tmp_path: Path) -> None:
    """A shard of what is spread all the same would be a part that nobody joins."""
    with pytest.raises(hivegate.HivegateError, match="--on divides the suite"):
        ClusterJob.of(subject(tmp_path, sys.executable), None, shard=(1, 2), durations=None)
