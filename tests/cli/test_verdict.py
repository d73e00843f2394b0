from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.results import green, needing_more, red

from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from tests.conftest import Project

PARTIAL = msgspec.structs.replace(green(), partial=True, not_selected=("a/b", "a/c"))
FORGED = msgspec.structs.replace(red(), outcome=green().outcome, exit_status=0)


@pytest.mark.parametrize(
    ("results", "status", "outcomes"),
    [
        ([green(), green()], 0, ["PASSED", "PASSED"]),
        ([green(), red()], 1, ["PASSED", "FAILED"]),
        ([red(), None], 1, ["FAILED", "UNREADABLE"]),
        ([None, green()], 2, ["UNREADABLE", "PASSED"]),
        ([PARTIAL, green()], 3, ["PARTIAL", "PASSED"]),
        ([green(), needing_more()], needing_more().exit_status, ["PASSED", "INCONCLUSIVE"]),
        ([FORGED], 2, ["UNREADABLE"]),
    ],
    ids=["green", "red", "red and missing", "missing", "partial", "needing_more", "forged"],
)
def test_the_worst_result_decides(project: Project, results: list[object], status: int, outcomes: list[str]) -> None:
    """Each result is told on its line; missing, partial and contradictory ones do not pass."""
    names = ["bench.json", "compare.json"][: len(results)]
    for name, result in zip(names, results, strict=True):
        if result is not None:
            project.write(name, render_json(result))  # type: ignore[arg-type]  # every one is a result
    answer = project.hivegate("verdict", *names)
    assert answer.status == status
    told = [line.split(": ")[:2] for line in answer.out.splitlines()]
    assert told == [[name, outcome] for name, outcome in zip(names, outcomes, strict=True)]


def test_nothing_is_no_verdict(project: Project) -> None:
    """Without a file there is nothing that could have passed."""
    assert project.hivegate("verdict").status == 2
