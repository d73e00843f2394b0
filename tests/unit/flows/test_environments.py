"""Environments are made from what a project says; beside what nothing is installed from, none is made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from hivegate.errors import HivegateError, MeasureError
from hivegate.flows.environments import make_environments, what_base_gets
from hivegate.flows.project import find_project
from hivegate.model.events import ignore_progress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("there", "changed"),
    [
        *((name, ()) for name in ("poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "conda-lock.yml")),
        ("environment.yml", ()),
        *((name, (name,)) for name in ("Pipfile", "pixi.toml", "pylock.toml", "pylock.dev.toml", "environment.yaml")),
        ("ci/environment-dev.yml", ("ci/environment-dev.yml",)),
    ],
)
def test_what_nothing_is_installed_from_is_refused(tmp_path: Path, there: str, changed: tuple[str, ...]) -> None:
    """Two equal environments would pass whatever it asks for; with uv.lock, uv's own is what counts."""
    trees = {side: tmp_path / side for side in ("base", "head")}
    for tree in trees.values():
        (tree / there).parent.mkdir(parents=True)
        (tree / there).write_text(str(tree), encoding="utf-8")
    with pytest.raises(MeasureError, match=f"does not install from {there}"):
        make_environments(trees, tmp_path / "made", sys.executable, (), ignore_progress, changed=changed)
    for tree in trees.values():
        (tree / "uv.lock").write_text("", encoding="utf-8")
    with pytest.raises(HivegateError) as other:
        make_environments(trees, tmp_path / "made", "/nowhere/python", (), ignore_progress, changed=changed)
    assert "does not install from" not in other.value.message


def test_the_doctor_names_the_lock_that_base_cannot_be_made_from(tmp_path: Path) -> None:
    """The first of several; what is made from a project's own words is said as well."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'toy'\nversion = '0'\n", encoding="utf-8")
    assert "cannot be made" not in what_base_gets(find_project(tmp_path)).found
    (tmp_path / "poetry.lock").touch()
    assert "cannot be made from poetry.lock;" in what_base_gets(find_project(tmp_path)).found
