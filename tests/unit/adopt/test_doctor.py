from __future__ import annotations

import json
import math
import sys
import venv
from pathlib import Path

import msgspec
import pytest

from hivegate.adopt.doctor import examine
from hivegate.adopt.noise import measure_noise, noise_of
from hivegate.errors import MeasureError
from hivegate.model.diagnosis import Diagnosis, Finding, Noise, State
from hivegate.model.pairs import PairSample
from hivegate.model.run import Doubles
from hivegate.report.diagnosis import diagnosis_json, render_diagnosis
from hivegate.system import machine
from hivegate.system.programs import find_pythons
from hivegate.system.quota import processor_quota
from hivegate.system.tracing import why_not_traced


def pair(ratio: float, *, held: float = 0.0) -> PairSample:
    """Make a pair of which the head takes `ratio` of the base, with the core held by others for a share of the time."""
    base, head = [0.01] * 12, [0.01 * ratio] * 12
    return PairSample(
        calls=5,
        switches=0,
        base_wall=Doubles(time / (1 - held) for time in base),
        head_wall=Doubles(time / (1 - held) for time in head),
        base_cpu=Doubles(base),
        head_cpu=Doubles(head),
    )


def test_quota_of_version_2_is_the_tightest_above_us(tmp_path: Path) -> None:
    """A group and each above it may have a quota; max is none."""
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    (root / "outer" / "inner").mkdir(parents=True)
    membership.write_text("0::/outer/inner\n")
    assert processor_quota(root, membership) is None
    (root / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    assert processor_quota(root, membership) is None
    (root / "outer" / "cpu.max").write_text("150000 100000\n")
    assert processor_quota(root, membership) == 1.5
    (root / "outer" / "inner" / "cpu.max").write_text("50000 100000\n")
    assert processor_quota(root, membership) == 0.5


def test_quota_of_version_1_and_of_containers(tmp_path: Path) -> None:
    """Version 1 has two files, -1 for none; a container sees its own group at the root."""
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    group = root / "cpu,cpuacct" / "docker" / "abc"
    group.mkdir(parents=True)
    membership.write_text("4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n")
    (group / "cpu.cfs_quota_us").write_text("-1\n")
    (group / "cpu.cfs_period_us").write_text("100000\n")
    assert processor_quota(root, membership) is None
    (group / "cpu.cfs_quota_us").write_text("200000\n")
    assert processor_quota(root, membership) == 2.0
    (root / "cpu.max").write_text("25000 100000\n")
    assert processor_quota(root, membership) == 0.25


@pytest.mark.parametrize("content", ["", "x y\n", "0 0\n", "1\n", "100000 0\n", "nan nan\n"])
def test_a_strange_quota_is_none(tmp_path: Path, content: str) -> None:
    """What cannot be understood limits nothing."""
    (tmp_path / "cpu.max").write_text(content)
    assert processor_quota(tmp_path, tmp_path / "absent") is None


def test_noise_follows_from_the_spread_of_pairs() -> None:
    """More spread, more that cannot be seen; at rest the budget itself is nearly what is seen."""
    quiet = noise_of([pair(1 + sign * 0.001) for sign in (1, -1) * 4], manner="forked", budget=0.02)
    loud = noise_of([pair(1 + sign * 0.05) for sign in (1, -1) * 4], manner="forked", budget=0.02)
    assert 0.02 < quiet.visible < 0.025 < loud.visible
    assert quiet.least_budget < 0.01
    assert loud.least_budget > 0.02
    assert loud.spread == pytest.approx(0.05, rel=0.6)
    assert (quiet.pairs, quiet.busy) == (8, 0.0)


def test_time_that_others_had_is_told() -> None:
    """Processor time over wall time tells how busy the machine was; it moves no ratio."""
    calm, held = (
        noise_of([pair(1.01)] * 4, manner="", budget=0.02),
        noise_of([pair(1.01, held=0.5)] * 4, manner="", budget=0.02),
    )
    assert held.busy == pytest.approx(0.5)
    assert held.spread == calm.spread


@pytest.mark.parametrize("fork", [True, False])
def test_this_machine_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fork: bool) -> None:
    """Real pairs of real children, forked or started, differ by a finite little.

    Only where they are started does every child run the interpreter anew: two a pair, beside the one that leads them.
    """
    venv.create(tmp_path, symlinks=True)
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    starts = tmp_path / "starts.txt"
    (packages / "sitecustomize.py").write_text(f"open({str(starts)!r}, 'a').write('.')\n")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    noise = measure_noise(4, fork=fork, budget=0.02)
    assert noise.pairs == 4
    assert noise.manner == ("forked" if fork else "started")
    assert len(starts.read_text()) == (1 if fork else 1 + 2 * 4)
    assert 0 < noise.spread < 1
    assert noise.budget < noise.visible < math.inf


def test_an_interpreter_that_cannot_measure_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is told, and is no number."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(MeasureError, match="ended with exit status 1"):
        measure_noise(2, fork=True, budget=0.02)


def test_everything_is_looked_at() -> None:
    """Each thing that measuring rests on has a finding, and what is not well says what helps."""
    found = examine(budget=0.02, pairs=0)
    names = {one.name for one in found.findings}
    assert names >= {"cores", "quota", "governor", "container", "fork", "ptrace", "valgrind", "PostgreSQL", "Pythons"}
    assert all(one.remedy for one in found.findings if one.state is not State.GOOD)
    assert not any(one.remedy for one in found.findings if one.state is State.GOOD)
    assert found.noise is None
    assert "neighbours" not in names


_SERVICES = ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "JENKINS_URL", "TF_BUILD", "CI")


@pytest.mark.parametrize(
    ("variables", "container", "service"),
    [
        ({}, "none seen", "none seen"),
        ({"GITLAB_CI": "true"}, "gitlab-ci", "gitlab-ci"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes", "none seen"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "CI": "true"}, "kubernetes", "ci"),
    ],
)
def test_a_container_or_a_service_is_named_where_either_shows_itself(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], container: str, service: str
) -> None:
    """The container comes first; one that shows itself by a file of its own hides the rest."""
    for name in ("KUBERNETES_SERVICE_HOST", *_SERVICES):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (machine.runner() or "none seen") == service
    (found,) = (one for one in examine(budget=0.02, pairs=0).findings if one.name == "container")
    engine = "docker" if Path("/.dockerenv").exists() else "podman" if Path("/run/.containerenv").exists() else None
    assert found.found == (engine or container)


def test_tracing_is_tried_and_the_running_python_is_found() -> None:
    """A child of our own is seized for real; a refusal has its reason."""
    refused = why_not_traced()
    assert refused is None or refused
    assert f"3.{sys.version_info.minor}" in find_pythons()


@pytest.mark.parametrize(("platform", "said"), [("darwin", "macOS is not tested"), ("win32", "Windows is not tested")])
def test_other_systems_are_told_plainly(platform: str, said: str) -> None:
    """What does not work elsewhere is said, not tried."""
    found = examine(budget=0.02, pairs=0, platform=platform)
    assert said in found.support
    (ptrace,) = (one for one in found.findings if one.name == "ptrace")
    assert ptrace.state is State.LIMITED


def test_a_diagnosis_is_read_by_people_and_programs() -> None:
    """Text says what to do below what is not well; JSON comes back as it was."""
    noise = Noise(manner="forked", pairs=8, spread=0.031, budget=0.02, visible=0.041, least_budget=0.025, busy=0.1)
    findings = (
        Finding(name="cores", state=State.LIMITED, found="1", remedy="give it a second core"),
        Finding(name="git", state=State.GOOD, found="/usr/bin/git\x1b[31m"),
    )
    made = Diagnosis(system="Linux 6, a CPU", support="In full.", findings=findings, noise=noise)
    text = render_diagnosis(made, width=80)
    assert "limited  cores         1\n                       -> give it a second core\n" in text
    assert "\x1b" not in text
    said = " ".join(text.split())
    assert "8 forked pairs of equal work differ by 3.10 %" in said
    assert "A budget of 2 % finds slowdowns from 4.1 % here" in said
    assert "the least budget that can be judged is 2.5 %, so this one is too tight." in said
    assert max(map(len, text.splitlines())) <= 80
    assert msgspec.json.decode(diagnosis_json(made), type=Diagnosis) == made
    unknown = render_diagnosis(msgspec.structs.replace(made, noise=None, trouble="it ended"), width=80)
    assert "What a budget can see is unknown: it ended" in unknown
    assert json.loads(diagnosis_json(made))["schema"] == 1
