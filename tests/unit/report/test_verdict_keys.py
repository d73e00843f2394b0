"""What is said of a verdict is joined to it by its key on every surface, never by its reason or its benchmark alone."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.model.run import MemorySample
from hivegate.report.escape import markdown_text
from hivegate.report.html import render_html
from hivegate.report.html.anchors import anchors
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.report.markdown import render_summary
from hivegate.report.terminal import render_terminal
from hivegate.report.top_causes import explanations, with_causes

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

SLOW = "90 % in slow_loop m.py:3"
LARGE = "80 % in big_list m.py:9 (1.00 MiB a call)"
MADE = (
    Profile(
        benchmark="s/one",
        kind="py-spy",
        top=(Cause(function="slow_loop", file="m.py", line=3, share=0.9, seconds_per_call=1e-3),),
    ),
    Profile(
        benchmark="s/one",
        kind="memray",
        unit="bytes",
        top=(Cause(function="big_list", file="m.py", line=9, share=0.8, bytes_per_call=2.0**20),),
    ),
)


@pytest.fixture
def red() -> GateResult:
    """Two targets of one benchmark fail, and for the same reason: time, and memory."""
    peak = (MemorySample(peak=2_000_000), MemorySample(peak=2_000_000))
    measured = msgspec.structs.replace(benchmark("s/one", [2e-3] * 5), memory=peak)
    slow = msgspec.structs.replace(target("s/one", "p50", maximum=1e-3), where="targets.yaml:3:5")
    large = msgspec.structs.replace(target("s/one", "peak_memory", maximum=1e6), where="targets.yaml:5:5")
    result = gate(targets(slow, large), run(measured))
    assert result.verdicts[0].reason == result.verdicts[1].reason
    return result


@pytest.fixture
def profiles(red: GateResult) -> Profiles:
    """Profile the benchmark, and explain its verdicts."""
    made = Profiles(folder=".hivegate/profiles", profiles=MADE)
    return msgspec.structs.replace(made, explained=explanations(red, made))


def test_each_verdict_on_a_benchmark_has_its_own_cause(red: GateResult, profiles: Profiles) -> None:
    """The profiler of what failed gives the one answer; JSON holds it and gives it back."""
    explained = with_causes(red, profiles)
    assert [verdict.causes for verdict in explained.verdicts] == [(SLOW,), (LARGE,)]
    document = render_json(explained)
    assert [verdict["causes"] for verdict in json.loads(document)["verdicts"]] == [[SLOW], [LARGE]]
    assert parse_json(document.encode(), where="r.json") == explained


def test_a_terminal_shows_each_cause_under_its_own_verdict(red: GateResult, profiles: Profiles) -> None:
    """The first line below the reason is the cause of that metric."""
    text = render_terminal(with_causes(red, profiles), width=120)
    first = re.findall(r"\((?:must, )?targets\.yaml:(\d):5\)\n  (.*)", text)
    assert sorted(first) == [("3", SLOW), ("5", LARGE)]


@pytest.mark.parametrize("held", [True, False])
def test_a_summary_names_the_metric_of_each_cause(red: GateResult, profiles: Profiles, held: bool) -> None:  # noqa: FBT001  a case
    """Whether the verdicts hold their causes, or only the profiles beside them tell."""
    text = render_summary(bundle(with_causes(red, profiles) if held else red, profiles=profiles))
    assert f"</code> p50: {markdown_text(SLOW)}\n" in text
    assert f"</code> {markdown_text('peak_memory')}: {markdown_text(LARGE)}\n" in text


def test_a_summary_tells_a_cause_that_verdicts_share_once(red: GateResult, profiles: Profiles) -> None:
    """Two metrics of time fail by one cause: one line names both."""
    p50, memory = with_causes(red, profiles).verdicts
    both = msgspec.structs.replace(red, verdicts=(p50, msgspec.structs.replace(p50, metric="p95"), memory))
    text = render_summary(bundle(both))
    assert text.count("slow_loop") == 1
    assert f"</code> p50, p95: {markdown_text(SLOW)}" in text


def test_the_page_shows_each_cause_under_its_own_verdict(red: GateResult, profiles: Profiles) -> None:
    """The line of the verdict is of the metric that failed, and the profiles below begin with it."""
    page = html.unescape(render_html(bundle(with_causes(red, profiles), profiles=profiles)))
    panels = page.split('class="detail" id="')[1:]
    assert len(panels) == 2
    for panel in panels:
        mine, other, kind = (LARGE, SLOW, "memray") if panel.startswith("s-one-peak") else (SLOW, LARGE, "py-spy")
        assert mine in panel
        assert other not in panel
        assert re.findall(r"<h3>([\w-]+)", panel)[0] == kind


def test_no_two_verdicts_of_a_result_share_a_key() -> None:
    """Targets, budgets, defaults and benchmarks without a target are told apart, so each has its own anchor."""
    for result in (results.green(), results.red(), results.needing_more(), results.changed()):
        keys = {verdict.key for verdict in result.verdicts}
        assert len(keys) == len(result.verdicts) == len(set(anchors(result.verdicts)))


def test_an_anchor_stays_when_lines_of_targets_yaml_move(red: GateResult) -> None:
    """A link to a verdict holds in the next report, whatever was written above its target meanwhile."""
    moved = tuple(msgspec.structs.replace(verdict, where="targets.yaml:90:5") for verdict in red.verdicts)
    assert anchors(moved) == anchors(red.verdicts)
