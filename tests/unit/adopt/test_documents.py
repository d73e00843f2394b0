"""The texts that init writes, and how they get to their places."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.documents import ROOT, blocks

from hivegate.adopt import documents, writing
from hivegate.adopt.origin import Origin, origin_of, published
from hivegate.adopt.requirements import Requirements
from hivegate.adopt.writing import State
from hivegate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "4" * 40
ORIGIN = Origin(requirement="hivegate==1", repository="someone/hivegate", commit=COMMIT)


def documented(name: str) -> str:
    """Read a workflow that the reference shows."""
    return next(one.text for one in blocks("yaml") if one.file.name == "github.md" and f"name: {name}\n" in one.text)


def test_the_workflows_are_those_of_the_reference() -> None:
    """Init writes what the reference shows and its tests execute, but for names, the pin, and what is installed."""
    needs = Requirements(installable=True, group="test", complete=True)
    gate = yaml.safe_load(documents.gate_text(ORIGIN, needs, python="3.13", place="."))
    shown = yaml.safe_load(documented("gate").replace("OWNER/", "someone/").replace("@COMMIT", f"@{COMMIT}"))
    newer, install = gate["jobs"]["gate"]["steps"].pop(2)["run"].split(" && ")
    assert newer == "python -m pip install --quiet 'pip>=25.1'"  # an older one does not know --group
    assert install == "python -m pip install --quiet -e . --group test"
    assert shown["jobs"]["gate"]["steps"].pop(2)["run"] == "python -m pip install --quiet -e . pytest-benchmark"
    assert gate == shown | {"name": "hivegate"}
    comment = yaml.safe_load(documents.comment_text(ORIGIN))
    shown = yaml.safe_load(documented("gate-comment").replace("OWNER/", "someone/").replace("@COMMIT", f"@{COMMIT}"))
    shown[True]["workflow_run"]["workflows"] = ["hivegate"]
    assert comment == shown | {"name": "hivegate-comment"}


def test_pins_are_as_new_as_our_own() -> None:
    """An action that init pins has the commit that this repository's workflows use."""
    own = (ROOT / ".github" / "workflows" / "gate.yml").read_text(encoding="utf-8")
    text = documents.gate_text(ORIGIN, Requirements(), python="3.12", place=".")
    pins = re.findall(r"uses: (actions/\S+)", text)
    assert len(pins) == 2
    assert all(pin in own for pin in pins)
    assert 'python-version: "3.12"' in text


def test_a_package_has_its_folder_and_its_suffix() -> None:
    """The workflow of a package installs and measures in its folder, under names of its own."""
    gate = yaml.safe_load(documents.gate_text(ORIGIN, Requirements(), python="3.13", place="packages/a"))
    steps = gate["jobs"]["gate"]["steps"]
    assert gate["name"] == "hivegate-packages-a"
    assert steps[2]["working-directory"] == "packages/a"
    assert steps[3]["with"] == {"working-directory": "packages/a", "suffix": "-packages-a"}


@pytest.mark.parametrize(
    ("needs", "call"),
    [
        (Requirements(installable=True), "register()"),
        (Requirements(installable=True, group="test"), 'register(groups=["test"])'),
        (Requirements(installable=True, extra="dev"), 'register(extras=["dev"])'),
        (Requirements(file="r/t.txt"), 'register(install=False, requirements=["-r", "r/t.txt"])'),
    ],
)
def test_the_noxfile_registers_what_the_project_needs(needs: Requirements, call: str) -> None:
    """It is Python whose header names nox and this hivegate, and whose call installs what was found."""
    text = documents.noxfile_text(ORIGIN, needs)
    compile(text, "noxfile.py", "exec")
    assert f"hivegate.sessions.{call}\n" in text
    header = "".join(line[2:] + "\n" for line in text.split("# ///", 2)[1].splitlines()[1:])
    assert tomllib.loads(header)["dependencies"] == ["nox>=2025.2.9", "hivegate==1"]


def test_origins_are_as_installers_record_them(tmp_path: Path) -> None:
    """A folder is local; a published one is a git URL at the same commit; an archive is itself."""
    local = origin_of(tmp_path.as_uri(), None, "1")
    assert (local.requirement, local.local, local.commit) == (f"hivegate @ {tmp_path.as_uri()}", True, None)
    assert published(ORIGIN, "a/b").requirement == f"hivegate @ git+https://github.com/a/b@{COMMIT}"
    assert origin_of("https://example.org/h.whl", None, "1").requirement == "hivegate @ https://example.org/h.whl"


def test_lines_go_to_the_end_and_nothing_else_changes(tmp_path: Path) -> None:
    """An append keeps what is there, its line ends, and a last line without one; what is there is not added again."""
    ignore = tmp_path / ".gitignore"
    ignore.write_bytes(b"build/\r\n/.nox")
    plan = writing.ignored_by_git(ignore, (".hivegate/", ".nox/"))
    writing.write(plan)
    assert ignore.read_bytes() == b"build/\r\n/.nox\r\n.hivegate/\r\n"
    assert writing.ignored_by_git(ignore, (".hivegate/", ".nox/")).state is State.KEPT


def test_settings_are_added_only_where_there_are_none(tmp_path: Path) -> None:
    """[tool.hivegate] goes behind what pyproject.toml has, which stays valid; one that is there is kept."""
    path = tmp_path / "pyproject.toml"
    path.write_text("[project]\nname = 'toy'", encoding="utf-8")
    writing.write(writing.settings(path, ("bench", 'a"b'), configured=False))
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {
        "project": {"name": "toy"},
        "tool": {"hivegate": {"paths": ["bench", 'a"b']}},
    }
    assert writing.settings(path, ("bench",), configured=True).state is State.KEPT
    path.write_text("tool = {black = {}}\n", encoding="utf-8")
    closed = writing.settings(path, ("bench",), configured=False)
    assert (closed.state, closed.why) == (State.KEPT, 'add to [tool]: hivegate = {paths = ["bench"]}')


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Between planning and writing somebody else may write: theirs stays, whole, and the error says so."""
    path = tmp_path / "noxfile.py"
    plan = writing.new_file(path, "ours")
    path.write_text("theirs", encoding="utf-8")
    with pytest.raises(UsageError, match="File exists"):
        writing.write(plan)
    assert path.read_text(encoding="utf-8") == "theirs"
    assert [one.name for one in tmp_path.iterdir()] == ["noxfile.py"]
