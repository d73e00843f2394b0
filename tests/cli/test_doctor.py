"""`hivegate doctor`, started as a person starts it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Project


def test_quick_look_is_text_and_json(project: Project) -> None:
    """Without measuring, the findings are printed and written alike; nothing is left in the project but the file."""
    before = {one.name for one in project.folder.iterdir()}
    answer = project.hivegate("doctor", "--quick", "--json", "doctor.json")
    assert answer.status == 0
    told = json.loads((project.folder / "doctor.json").read_text(encoding="utf-8"))
    assert told["noise"] is None
    assert all(one["name"] in answer.out for one in told["findings"])
    assert "What a budget can see was not measured." in answer.out
    assert {one.name for one in project.folder.iterdir()} == before | {"doctor.json"}


def test_the_smallest_visible_slowdown_is_measured(project: Project) -> None:
    """Outside any project too, the machine's noise is measured, and JSON stands alone on standard output."""
    answer = project.hivegate("doctor", "--json", "-")
    told = json.loads(answer.out)
    assert answer.status == 0
    assert told["noise"]["pairs"] == 8
    assert told["noise"]["visible"] > told["noise"]["budget"] == 0.02
