"""`hivegate validate`: targets files checked without measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Project

GOOD = "schema: 1\ntargets:\n  - {benchmark: a/b, max: 1 s}\nbudgets:\n  - {benchmark: '*', budget: 2 %}\n"


def test_every_file_is_told_with_its_line_and_its_fix(project: Project) -> None:
    """Of several files the good are counted and every bad one is told with line, key and fix; the end is 2."""
    project.write("a/targets.yaml", GOOD)
    project.write("b/targets.yaml", GOOD.replace("1 s", "1"))
    project.write("c/targets.yaml", GOOD.replace("schema: 1", "schema: 1\nbudgets: []"))
    answer = project.hivegate("validate", "b/targets.yaml", "a/targets.yaml", "c/targets.yaml", "d/targets.yaml")
    assert answer.status == 2
    assert answer.out == "a/targets.yaml: 1 target, 1 budget, 0 waivers\n"
    assert "b/targets.yaml:3:27: targets[0].max" in answer.err
    assert "did you mean 1 ms" in answer.err
    assert "c/targets.yaml:5:1: budgets" in answer.err
    assert "d/targets.yaml: no such file" in answer.err


def test_without_a_file_it_is_the_projects_own(project: Project) -> None:
    """The project's targets file is found by its settings, also from another folder by -C."""
    project.write("pyproject.toml", "[tool.hivegate]\ntargets = 'perf.yaml'\n")
    project.write("perf.yaml", GOOD)
    project.write("elsewhere/pyproject.toml", "")
    assert project.hivegate("validate").out == "perf.yaml: 1 target, 1 budget, 0 waivers\n"
    assert project.hivegate("-C", "elsewhere", "validate").status == 2
    back = project.hivegate("-C", "elsewhere", "-C", "..", "validate")
    assert back.status == 2  # the last one counts, as with other options
    assert "'nowhere' does not exist" in project.hivegate("-C", "nowhere", "validate").err
