"""The lock file for development holds what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements() -> Iterator[Requirement]:
    """List what the project, its extras and its groups require of others."""
    lists = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    for group in (*lists, *PROJECT["dependency-groups"].values()):
        for line in group:
            if isinstance(line, str) and not line.startswith("hivegate"):
                yield Requirement(line)


@pytest.mark.parametrize("requirement", sorted(set(map(str, requirements()))))
def test_every_requirement_is_locked(requirement: str) -> None:
    """To a version that fits it, with hashes; when this fails, run: nox -s lock."""
    wanted = Requirement(requirement)
    locked = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+).*?\\$", LOCK, re.MULTILINE)
    versions = [version for name, version in locked if canonicalize_name(name) == canonicalize_name(wanted.name)]
    assert versions, f"{wanted.name} is not in requirements-dev.lock"
    assert all(wanted.specifier.contains(version, prereleases=True) for version in versions)


def test_no_server_is_named() -> None:
    """Whoever installs from it uses the package index that they are set up for."""
    assert "://" not in LOCK
    assert "index-url" not in LOCK
