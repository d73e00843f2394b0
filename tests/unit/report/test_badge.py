"""Results as a badge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.report.badge import render_badge

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

_COLORS = {"brightgreen", "green", "yellowgreen", "yellow", "orange", "red", "blue", "lightgrey"}


def badge(*given: GateResult) -> dict[str, Any]:
    """Read a badge, which has what shields.io's endpoint requires."""
    found = json.loads(render_badge(bundle(*given)))
    assert found["schemaVersion"] == 1
    assert found["message"]
    assert found["color"] in _COLORS
    assert set(found) == {"schemaVersion", "label", "message", "color", "isError"}
    return dict(found)


@pytest.mark.parametrize(
    ("given", "message", "color"),
    [
        ([results.green()], "passed, 4 of 4", "brightgreen"),
        ([results.red()], "4 failed, 2 missing, 1 invalid", "red"),
        ([results.needing_more()], "2 inconclusive", "lightgrey"),
        ([results.green(), results.changed()], "2 slower, 1 inconclusive", "red"),
    ],
)
def test_worst_outcome_decides(given: list[GateResult], message: str, color: str) -> None:
    """Words and colour are of the worst result."""
    found = badge(*given)
    assert (found["message"], found["color"], found["isError"]) == (message, color, color == "red")


def test_selection_is_never_green() -> None:
    """A part of the suite that passed is no pass of the suite."""
    part = gate(targets(target("a", maximum=2.0)), run(benchmark("a", [1.0] * 3), not_selected=("b",)))
    assert (badge(part)["message"], badge(part)["color"]) == ("passed, 1 of 1 (partial)", "yellow")
