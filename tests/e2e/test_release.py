"""What a tag releases: the script that the release begins with, and the workflow's rights."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.documents import ROOT

import hivegate

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """# Changelog

<!-- towncrier release notes start -->

# hivegate 0.1.1 (2026-12-24)

## Bug fixes

- Later.

# hivegate 0.1.0 (2026-12-01)

## Features

- The first.
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make what the script reads of a tree that is ready to be released."""
    for name in (".github/release.py", "src/hivegate/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    module = tmp_path / "src" / "hivegate" / "__init__.py"
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace(f'"{hivegate.__version__}"', '"0.1.0"'), encoding="utf-8")
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return tmp_path


def start(tree: Path, *tags: str) -> tuple[int, str, str]:
    """Start the script as the workflow does."""
    command = [sys.executable, "-I", ".github/release.py", *tags]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_notes_of_a_tag_are_its_own_section(tree: Path) -> None:
    """They are what towncrier wrote for that version, and of no other."""
    assert start(tree, "v0.1.0") == (0, "## Features\n\n- The first.\n", "")


@pytest.mark.parametrize("tag", ["v0.1.1", "0.1.0", "v0.1.0-rc", "v0", ""])
def test_a_tag_that_is_not_the_version_is_refused(tree: Path, tag: str) -> None:
    """The message has both, and what to tag."""
    status, out, said = start(tree, tag)
    assert (status, out) == (1, "")
    assert f"the tag is {tag} and the version 0.1.0: tag v0.1.0" in said


def test_a_changelog_that_is_not_ready_is_refused(tree: Path) -> None:
    """Fragments that are left, and a version without a section, name the command that makes them one."""
    (tree / "changelog.d" / "+more.feature.md").write_text("More.\n", encoding="utf-8")
    status, _, said = start(tree, "v0.1.0")
    assert (status, "changelog.d still has +more.feature.md: run towncrier build" in said) == (1, True)
    (tree / "changelog.d" / "+more.feature.md").unlink()
    (tree / "CHANGELOG.md").write_text(CHANGELOG.replace("hivegate 0.1.0", "hivegate 0.0.9"), encoding="utf-8")
    status, _, said = start(tree, "v0.1.0")
    assert (status, "CHANGELOG.md has no section of 0.1.0" in said) == (1, True)
    assert start(tree)[0] == 1


def test_a_job_of_the_release_has_one_right_at_most() -> None:
    """Who proves its identity to the index can write nothing here, and nothing that is built or tested has either."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "build": {"contents": "read"},
        "test": {"contents": "read"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    # Nothing of the repository is run where there is a right to write.
    for name in ("publish", "announce"):
        assert not [step for step in jobs[name]["steps"] if "checkout" in step.get("uses", "")]
    needs = {name: job.get("needs") for name, job in jobs.items()}
    assert needs == {"build": None, "test": "build", "publish": "test", "announce": "publish"}
