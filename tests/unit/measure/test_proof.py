"""What two sides have loaded, held against what their trees hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.flows.project import find_project
from hivegate.measure.inputs import InputChanges
from hivegate.measure.proof import doubts_of_sides
from hivegate.model.protocol import LoadedProject

if TYPE_CHECKING:
    from pathlib import Path

_COMPILED = LoadedProject(sources=("toy/__init__.py",), compiled={"toy/_fast": "1"})
_FALLBACK = LoadedProject(sources=("toy/__init__.py", "toy/_slow.py"))


@pytest.mark.parametrize("compiled", ["head", "base"])
def test_what_is_compiled_on_one_side_only_is_doubted(tmp_path: Path, compiled: str) -> None:
    """Also where hivegate built both: yarl's tree was found before the wheel of it, and equal code was 45 times faster.

    Base's checkout lies in a folder of head's that is no source of head's.
    """
    trees = {"head": tmp_path, "base": tmp_path / ".hivegate" / "trees" / "0123456789ab-1"}
    for tree in trees.values():
        (tree / "toy").mkdir(parents=True)
        (tree / "toy" / "_fast.pyx").touch()
    loaded = {side: _COMPILED if side == compiled else _FALLBACK for side in trees}
    (doubt,) = doubts_of_sides(loaded, trees, InputChanges(), built=True)
    assert f"toy/_fast is compiled and was loaded on {compiled}" in doubt.text
    for side, tree in trees.items():
        if side != compiled:
            (tree / "toy" / "_fast.pyx").unlink()  # it has none of it: there is nothing that it should have built
    assert doubts_of_sides(loaded, trees, InputChanges(), built=True) == ()


def test_a_setup_cfg_names_the_distribution_where_pyproject_does_not(tmp_path: Path) -> None:
    """Else nobody would know whose installed copy to look for."""
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\n")
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = toy\n")
    assert find_project(tmp_path).name == "toy"
    (tmp_path / "setup.cfg").write_text("[metadata\n")
    assert find_project(tmp_path).name == ""
