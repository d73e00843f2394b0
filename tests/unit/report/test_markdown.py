"""Results as GitHub Markdown."""

from __future__ import annotations

import re

import msgspec
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.model.profile import Cause, Explained, Profile, Profiles
from hivegate.report.markdown import render_summary

_OWN_TAGS = {"code", "/code", "br", "sub", "/sub", "details", "/details", "summary", "/summary", "wbr"}
_FAILED = "hive_coordination/consensus_latency[10]"
_MADE = Profile(
    benchmark=_FAILED,
    kind="py-spy",
    top=(
        Cause(function="_count", file="src/work.py", line=14, source="total += 1", share=0.548, seconds_per_call=1e-3),
    ),
)


def test_hostile_names_are_inert() -> None:
    """No tag, link, mention, reference or table cell begins in a name or in a failure's detail."""
    text = render_summary(bundle(results.hostile()))
    assert set(re.findall(r"<([^>]*)>", text)) <= _OWN_TAGS
    assert "@" not in text
    assert "&#64;&#8203;me" in text
    assert "http:" not in text
    assert "`" not in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.count("|") in {5, 6}, line


def test_code_is_the_name_letter_by_letter() -> None:
    """GitHub makes no mention of what is code, so a name that is copied from it has no hidden character."""
    text = render_summary(bundle(results.hostile()))
    assert "&#8203;" not in "".join(re.findall(r"<code>(.*?)</code>", text))


def test_a_summary_stays_below_what_github_keeps() -> None:
    """1500 failures with long hostile names fit, as many as can be are shown, and the others are counted."""
    name = "\U0001f600*|<" * 60
    many = run(*(benchmark(f"s/{number}{name}", [2.0] * 3) for number in range(1500)))
    text = render_summary(bundle(gate(targets(target("s/*", maximum=1.0)), many)))
    assert 900_000 * 0.95 < len(text.encode()) <= 900_000
    left = re.search(r"^(\d+) more rows in the JSON result$", text, re.MULTILINE)
    assert left
    assert text.count("| ❌ |") + int(left[1]) == 1500


def test_partial_result_says_so() -> None:
    """A selection is no verdict on the whole suite."""
    partial = gate(targets(target("a", maximum=2.0)), run(benchmark("a", [1.0] * 3), not_selected=("b",)))
    assert "**Partial**" in render_summary(bundle(partial))


def test_verdict_is_the_worst_of_all() -> None:
    """One document of two results has one verdict, a line for each, and what is broken before what is unknown."""
    text = render_summary(bundle(results.green(), results.changed()))
    lines = text.splitlines()
    assert lines[0] == "## ❌ hivegate: SLOWER"
    assert lines[2].startswith("- ✅ PASSED: 4 passed")
    assert lines[3].startswith("- ❌ SLOWER: 2 slower, 1 inconclusive, 1 faster, 2 passed")
    titles = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert titles == ["Slower than main, 1234567", "Inconclusive against main, 1234567"]
    joint = render_summary(bundle(results.changed(), results.red()))
    assert re.findall(r"^##.* (\w+)$", joint, re.MULTILINE)[0] == "FAILED"
    assert joint.index("### Beyond") < joint.index("### Inconclusive")


def test_artifacts_are_linked() -> None:
    """The page with all the rest is one click away."""
    page = "https://github.com/o/r/actions/runs/1"
    assert f"(<{page}>)" in render_summary(bundle(results.green(), artifacts=page))


def test_causes_stand_below_what_they_explain() -> None:
    """What the verdict holds goes before what profiles explain, and that before the profiles themselves."""
    profiles = Profiles(folder="p", profiles=(_MADE,))
    shown = render_summary(bundle(results.red(), profiles=profiles))
    title, line = (
        "### Where the time and the memory go",
        f"- <code>{_FAILED.replace('[', '&#91;').replace(']', '&#93;')}",
    )
    assert title in shown
    assert "55 % in <code>&#95;count</code> at <code>src/work&#46;py&#58;14</code>" in shown
    assert "1.00 ms a call" in shown

    key = next(verdict.key for verdict in results.red().verdicts if verdict.benchmark == _FAILED)
    told = Explained(key=key, profiled=_FAILED, outcome="failed", reason="", causes=("grew in _count",))
    explained = render_summary(bundle(results.red(), profiles=msgspec.structs.replace(profiles, explained=(told,))))
    assert f"{line}</code> p50: grew in &#95;count" in explained

    held = msgspec.structs.replace(
        results.red(),
        verdicts=tuple(msgspec.structs.replace(one, causes=("held",)) for one in results.red().verdicts),
    )
    assert f"{line}</code> p50: held" in render_summary(bundle(held, profiles=profiles))


def test_profiles_of_what_passed_are_not_told() -> None:
    """A summary tells causes of what is broken alone."""
    assert "Where the time" not in render_summary(
        bundle(results.green(), profiles=Profiles(folder="p", profiles=(_MADE,)))
    )
