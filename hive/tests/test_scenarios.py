"""The 24 scenarios do what their names say: nothing is simulated by sleeping."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHES = Path(__file__).parents[2] / "benches"
# Each at a size that is quick; the 24th, everything together, is made of these and takes seconds.
SCENARIOS = {
    "hive_coordination": (
        "consensus_latency[5] agent_spawning[4] conflict_detection[5] configuration_analysis[5] parallel_agents[2] "
        "memory_overhead[10] orchestration_throughput[10]"
    ),
    "swarm_coordination": (
        "pipeline_execution[6] dependency_resolution[4] concurrent_execution[2] semaphore_coordination[10] "
        "timeout_overhead[100] artifact_conversion[10] swarm_memory_allocation[10] default_pipeline_real[foaf]"
    ),
    "swarm_primitives": (
        "snapshot_reads[10] snapshot_writes[10] commutative_aggregation[10] conditional_aggregation[10] "
        "priority_scheduling[10] scheduler_queue_depth[100] conflict_detection[10] proposal_merging[5] "
        "scheduling_hint_sorting[100]"
    ),
}
WAITING = {
    "hive_coordination": "parallel_agents_waiting[2]",
    "swarm_coordination": "pipeline_execution_waiting[6] concurrent_execution_waiting[2] timeout_overhead_fired[100]",
}


def listed(scenarios: dict[str, str]) -> set[str]:
    """Return scenarios as the tests that they are."""
    return {f"bench_{suite}.py::test_{name}" for suite, names in scenarios.items() for name in names.split()}


@pytest.fixture(scope="module")
def slept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, float]]:
    """Call each scenario once, its own assertions included, and return the seconds slept and taken."""
    found = tmp_path_factory.mktemp("waiting") / "found.json"
    environment = os.environ | {"WAITING": str(found), "PYTHONPATH": str(Path(__file__).parent)}
    tests = sorted(listed(SCENARIOS) | listed(WAITING))
    command = ["-m", "pytest", "-q", "-p", "waiting", "-p", "no:cacheprovider", "--benchmark-disable", *tests]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BENCHES,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    times: dict[str, tuple[float, float]] = json.loads(found.read_text())
    return times


def test_no_scenario_sleeps_in_the_place_of_work(slept: dict[str, tuple[float, float]]) -> None:
    """At most a twentieth of a scenario is a timer that runs out; of the named extras it is the most."""
    assert slept.keys() == listed(SCENARIOS) | listed(WAITING)
    sleeping = {name for name, (asleep, taken) in slept.items() if asleep > taken / 20}
    assert sleeping == listed(WAITING)
