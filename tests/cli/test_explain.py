"""hivegate explain, as a person runs it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests import results

from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.datetime.now(dt.UTC).date()
SOON = TODAY + dt.timedelta(days=10)
LATER = TODAY + dt.timedelta(days=400)
PAST = TODAY - dt.timedelta(days=1)
TARGETS = f"""schema: 1
tiers: {{must: fail, nice: note}}
targets:
  - name: Reads
    benchmark: swarm/reads[*]
    metric: p99
    max: 1 us
  - benchmark: swarm/reads[10]
    relative_to: reference
    per: operation
    max: 0.9
    tier: nice
    inconclusive: fail
    min_cores: 4
  - benchmark: swarm/*[*]
    relative_to: swarm/*_locked[*]
    metric: mean
    max: 50 %
    tier: nice
budgets:
  - benchmark: "*"
    budget: 2 %
  - benchmark: swarm/reads[*]
    budget: 3 %
    noise_floor: 20 ns
waivers:
  - {{benchmark: "swarm/*", limit: 12 %, reason: Validates now, owner: "@a", expires: {LATER}}}
  - {{benchmark: "swarm/*", kind: target, metric: p99, reason: r, owner: "@b", expires: {SOON}}}
  - {{benchmark: "swarm/*", reason: Old, owner: "@c", expires: {PAST}}}
  - {{benchmark: "swarm/*", reason: Ends today, owner: "@d", expires: {TODAY}}}
"""
EXPLAINED = f"""swarm/reads[10]

Targets
  Reads: p99, max 1 us
    tier must: when broken, fail; when inconclusive, warn
    because it matches swarm/reads[*] (targets.yaml:4:5)
  p50 per operation relative to the reference loop, max 0.9
    tier nice: when broken, note; when inconclusive, fail; needs at least 4 cores
    because it matches swarm/reads[10] (targets.yaml:8:5)
  mean relative to swarm/reads_locked[10], max 50 %
    tier nice: when broken, note; when inconclusive, warn
    because it matches swarm/*[*] (targets.yaml:15:5)

Budget of a comparison
  3.00 % of the mean, smaller than 20.0 ns never fails; matches swarm/reads[*] (targets.yaml:23:5)
  overridden by a later entry: 2.00 % of the mean; matches * (targets.yaml:21:5)

Waivers
  budget, up to 12.0 %, by @a until {LATER}: Validates now (targets.yaml:27:5)
  ends soon: target, any amount of p99, by @b until {SOON}: r (targets.yaml:28:5)
  expired, no longer applies: budget, any amount, by @c until {PAST}: Old (targets.yaml:29:5)
  expired, no longer applies: budget, any amount, by @d until {TODAY}: Ends today (targets.yaml:30:5)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project that has targets."""
    (tmp_path / "targets.yaml").write_text(TARGETS, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.hivegate]\npaths = ["perf"]\n', encoding="utf-8")
    return tmp_path


def explain(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    command = [sys.executable, "-m", "hivegate", "explain", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_everything_that_applies_is_told_with_the_line_that_says_so(project: Path) -> None:
    """Targets with their tier, the budget that won, the ones it overrides, waivers by their end."""
    done = explain(project, "swarm/reads[10]")
    assert (done.stdout, done.stderr, done.returncode) == (EXPLAINED, "", 0)


@pytest.mark.parametrize("node_id", ["perf/bench_swarm.py::bench_reads[10]", "perf\\test_swarm.py::test_reads[10]"])
def test_a_node_id_is_understood(project: Path, node_id: str) -> None:
    """What pytest shows can be pasted; the root is the project's."""
    assert explain(project, node_id).stdout == EXPLAINED


def test_a_project_is_found_from_a_folder_inside(project: Path) -> None:
    """Places are told relative to where the command runs."""
    (project / "perf").mkdir()
    assert "(../targets.yaml:8:5)" in explain(project / "perf", "swarm/reads[10]").stdout


def test_a_partner_is_told_who_is_held_against_it(project: Path) -> None:
    """A partner without targets of its own is not without meaning."""
    shown = explain(project, "other/reads").stdout
    assert "Targets: none names it; it is measured and reported as new\n" in shown
    assert "others are held" not in shown
    assert (
        "  others are held against it: swarm/*[*] (targets.yaml:15:5)\n"
        in explain(project, "swarm/reads_locked[10]").stdout
    )


def test_a_misspelt_id_is_told_the_nearest_selector(tmp_path: Path) -> None:
    """Nothing applies to it, and that is told with the likely meaning; the default budget is told too."""
    (tmp_path / "targets.yaml").write_text("schema: 1\ntargets: [{benchmark: swarm/reads, max: 1 s}]", encoding="utf-8")
    assert explain(tmp_path, "swarm/raeds").stdout == (
        "swarm/raeds\n\nTargets: none names it; it is measured and reported as new\n"
        "  the nearest selector is swarm/reads\n\nBudget of a comparison\n"
        "  no entry of budgets matches: the default budget of 2 % applies\n\nWaivers: none\n\n"
        "note: no entry names it, and there is no result yet. What the suite has: hivegate run --collect-only\n"
    )


def test_a_broken_file_is_told_in_two_lines_with_exit_status_2(project: Path) -> None:
    """The place, the key path, what is allowed, and the likely fix; no traceback."""
    (project / "targets.yaml").write_text("schema: 1\ntargets: [{benchmark: a, max: 5}]", encoding="utf-8")
    done = explain(project, "a")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == (
        "Targets error: targets.yaml:2:31: targets[0].max: is '5'; expected a time in ns, us, ms, s, min, µs\n"
        "  a unit is required; did you mean 5 ms?\n"
    )


def test_another_file_can_be_named(project: Path) -> None:
    """--targets takes the place of the project's file; one that is not there is told with its neighbours."""
    (project / "other.yaml").write_text("schema: 1\ntargets: [{benchmark: x, max: 7 s}]", encoding="utf-8")
    assert "max 7 s" in explain(project, "--targets", "other.yaml", "x").stdout
    done = explain(project, "--targets", "none.yaml", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Targets error: none.yaml: no such file\n  . contains other.yaml, targets.yaml\n"


def test_hostile_text_reaches_the_terminal_inert(project: Path) -> None:
    """Neither the file nor the argument can send escape sequences or lines of their own."""
    (project / "targets.yaml").write_text(
        'schema: 1\ntargets: [{benchmark: "*", name: "\\e[31m\\nred", max: 1 s}]', encoding="utf-8"
    )
    done = explain(project, "\x1b[2Jx\ny")
    assert done.stdout.startswith("[2Jx y\n\nTargets\n  [31m red: p50, max 1 s\n")
    assert "\x1b" not in done.stdout


def test_help_has_an_example(project: Path) -> None:
    """Without an id the usage is told, with exit status 2."""
    assert "Example: hivegate explain" in explain(project, "--help").stdout
    done = explain(project)
    assert done.returncode == 2
    assert "Missing argument 'ID'" in done.stderr


def test_what_no_result_and_no_rule_names_is_an_error(tmp_path: Path) -> None:
    """Where results say which benchmarks there are, another name is a mistake, with the likely one; so is a command."""
    latest = tmp_path / ".hivegate" / "latest"
    latest.mkdir(parents=True)
    (latest / "bench.json").write_text(render_json(results.green()), encoding="utf-8")
    (tmp_path / "targets.yaml").write_text("schema: 1\n", encoding="utf-8")
    command = [sys.executable, "-m", "hivegate"]
    asked = [*command, "explain", "swarm_primitives/snapshot_comit"]
    answer = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "did you mean swarm_primitives/snapshot_commit?" in answer.stderr
    answer = subprocess.run([*command, "benhc"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Did you mean 'bench'?" in answer.stderr
