"""The result as GitHub Markdown."""

from __future__ import annotations

import re

from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.report.markdown import render_summary

_OWN_TAGS = {"code", "/code", "br", "sub", "/sub", "details", "/details", "summary", "/summary"}


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
            assert line.count("|") in {6, 7}, line


def test_a_summary_stays_below_what_github_keeps() -> None:
    """Ten thousand failures with long hostile names fit a step summary of 1 MiB, and say how many are left out."""
    name = "\U0001f600*|<" * 60
    many = run(*(benchmark(f"s/{number}{name}", [2.0] * 3) for number in range(5000)))
    text = render_summary(bundle(gate(targets(target("s/*", maximum=1.0)), many)))
    assert len(text.encode()) < 2**20
    assert re.search(r"\d+ more rows in the JSON result", text)


def test_partial_result_says_so() -> None:
    """A selection is no verdict on the whole suite."""
    partial = gate(targets(target("a", maximum=2.0)), run(benchmark("a", [1.0] * 3), not_selected=("b",)))
    assert "**Partial**" in render_summary(bundle(partial))
