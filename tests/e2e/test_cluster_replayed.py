"""Wherever pairs are looked at, the verdicts are the same; what cannot be trusted is refused."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.clusters import ROOT, cluster, process_of, results_of
from tests.replayed import Recording, compared, compared_on, orders, replay, write_recording
from tests.repository import Repository

from hivegate.cluster import gather, read_place, spread
from hivegate.errors import MeasureError, UsageError
from hivegate.flows.compare.flow import judge_comparison
from hivegate.flows.rules import Rules
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS
from hivegate.system import checkouts
from hivegate.targets import parse_targets
from hivemind.queen import HiveQueen, render_lock
from hivemind.swarm import Coordinator, Pipeline, Stage, on_executor
from packs import generated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Project

    from hivegate.model.events import Event

_TARGETS = 'schema: 1\nbudgets:\n  - {benchmark: "*", budget: 5 %}\n'
_PAIRS = LOOKS[-1] + CONFIRMING_PAIRS


def recording() -> Recording:
    """Make pairs of benchmarks that are slower, faster and as fast, calm and noisy."""
    chance = random.Random(7)  # noqa: S311  reproducible input, no secret

    def pair(change: float, spread: float) -> PairSample:
        base = [0.01 * math.exp(chance.gauss(0, spread)) for _ in range(4)]
        head = [one * change * math.exp(chance.gauss(0, spread)) for one in base]
        here, there = Doubles(head), Doubles(base)
        return PairSample(calls=1, switches=0, base_wall=there, head_wall=here, base_cpu=there, head_cpu=here)

    kinds = [(change, spread) for change in (0.8, 1.0, 1.04, 1.06, 1.3) for spread in (0.001, 0.02, 0.2)]
    pairs = {f"made/{kind}": tuple(pair(*made) for _ in range(_PAIRS)) for kind, made in enumerate(kinds)}
    return Recording(pairs=pairs, targets=_TARGETS)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start four workers on this machine."""
    with cluster(4, tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Pack a project that is not measured."""
    made = Repository.new(tmp_path_factory.mktemp("packed"))
    made.commit({"pyproject.toml": ""})
    return checkouts.pack(made.folder, None)


def test_recorded_pairs_have_the_same_verdicts_on_four_workers(address: str, packed: bytes, tmp_path: Path) -> None:
    """All fields of every verdict are those of one look at the whole, although two workers die in the middle."""
    made, told = recording(), list["Event"]()
    whole, workers = compared_on(address, packed, made, tmp_path / "parts", parts=8, deaths=2, on_progress=told.append)
    targets = parse_targets(_TARGETS, "targets.yaml")
    spread_out = {one.benchmark: one for one in judge_comparison(Rules(head=targets), whole).verdicts}
    at_once = {one.benchmark: one for one in judge_comparison(Rules(head=targets), compared(made)).verdicts}
    assert spread_out == at_once
    assert len({one.outcome for one in at_once.values()}) >= 4
    assert len(workers) > 1  # the two that live on have had a part from the start
    assert sum("was lost" in str(one) for one in told) == 2


def test_the_hive_works_on_the_same_workers(address: str) -> None:
    """Agents vote and stages run there through the executor seam, and decide as they do here."""
    configuration = generated(12)
    import distributed  # noqa: PLC0415  an extra

    with distributed.Client(f"tcp://{address}", set_as_default=False) as client:
        executor = client.get_executor()
        worker_of = on_executor(executor, process_of)
        stages = [Stage(name=f"stage {number}", run=worker_of) for number in range(8)]
        gather_up = Stage(name="all", run=on_executor(executor, results_of), after=tuple(one.name for one in stages))
        report = asyncio.run(Coordinator().run(Pipeline([*stages, gather_up]), None))
        lock = render_lock(HiveQueen(executor=executor).compose(configuration))
    processes = report.result("all", list)
    assert len(processes) == 8
    assert len(set(processes)) > 1
    assert os.getpid() not in processes
    assert lock == render_lock(HiveQueen().compose(configuration))


def test_a_run_takes_machines_of_one_kind(address: str, packed: bytes, tmp_path: Path) -> None:
    """A worker of another kind, here for whom it works, measures nothing and is named with its kind."""
    write_recording(tmp_path / "pairs.json", recording())
    told: list[Event] = []
    with (
        another_worker(address, tmp_path, GITLAB_CI="true") as worker,
        gather(read_place(f"dask://{address}"), packed, told.append) as team,
    ):
        while len(team.members()) < 5 and worker.poll() is None:
            time.sleep(0.1)
        (odd,) = (one for one in team.members() if one.environment.runner == "gitlab-ci")
        measured = spread(team, orders(tmp_path / "pairs.json", 8), told.append, work=replay, alike=True)
    assert odd.address not in {one.member.address for one in measured}
    assert sum(f"{odd.address} on {odd.host} is not used" in str(one) for one in told) == 1


def test_other_versions_are_refused(address: str, packed: bytes, tmp_path: Path) -> None:
    """A worker that has another hivegate is named, with both versions."""
    fake = tmp_path / "hivegate-99.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: hivegate\nVersion: 99\n", encoding="utf-8")
    with (
        another_worker(address, tmp_path, PYTHONPATH=str(tmp_path)) as worker,
        pytest.raises(MeasureError, match="has hivegate 99, but this client has hivegate"),
    ):
        look_until_ended(address, packed, worker)


@contextlib.contextmanager
def another_worker(address: str, folder: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker that differs from the others by its variables."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://{address}", "--no-nanny", "--no-dashboard"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL) as worker:
        try:
            yield worker
        finally:
            worker.terminate()


def look_until_ended(address: str, packed: bytes, worker: subprocess.Popen[bytes]) -> None:
    """Look again and again who may measure."""
    with gather(read_place(f"dask://{address}"), packed, lambda _: None) as team:
        while worker.poll() is None:
            team.members()


def test_what_is_no_cluster_is_refused() -> None:
    """By what is allowed instead."""
    assert read_place("dask:3").workers == 3
    assert read_place("dask").workers >= 1
    assert read_place("dask://host:8786").address == "tcp://host:8786"
    assert read_place("tls://[::1]:8786").address == "tls://[::1]:8786"
    for wrong in ("", "dask:0", "dask://host", "host:8786", "dask://a@host:1", "ray://host:1", "dask:1x"):
        with pytest.raises(UsageError, match="use dask, dask:WORKERS"):
            read_place(wrong)


def test_without_the_extra_it_is_named(project: Project, tmp_path: Path) -> None:
    """Nothing is measured, and nothing fails before."""
    Repository(project.folder).git("init", "-q")
    Repository(project.folder).commit({"benches/bench_it.py": ""})
    (tmp_path / "without" / "distributed").mkdir(parents=True)
    (tmp_path / "without" / "distributed" / "__init__.py").write_text("raise ImportError('not here')\n")
    answer = project.hivegate("run", "--on", "dask:1", env={"PYTHONPATH": str(tmp_path / "without")})
    assert answer.status == 2
    assert "--on: measuring on a cluster needs distributed" in answer.err
    assert "pip install 'hivegate[dask]'" in answer.err
