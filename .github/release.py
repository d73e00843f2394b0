#!/usr/bin/env python3
"""release.py TAG: refuse a tag that is not this tree's version, and print what its changelog says of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


class WrongTagError(Exception):
    """A tag that must not be released from this tree."""


def release_notes(tag: str, root: Path = ROOT) -> str:
    """Return the changelog's section of a tag; raises `WrongTagError` for a tag that is not the tree's version."""
    module = root / "src" / "hivegate" / "__init__.py"
    found = re.search(r'^__version__ = "([^"]+)"$', module.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise WrongTagError(f'{module} has no line __version__ = "..."')
    version = found[1]
    if tag != f"v{version}":
        raise WrongTagError(f"the tag is {tag} and the version {version}: tag v{version}, or change __version__ first")
    if left := sorted(file.name for file in (root / "changelog.d").glob("*.md")):
        raise WrongTagError(f"changelog.d still has {left[0]}: run towncrier build --version {version}, and commit it")
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^# ", text.partition("<!-- towncrier release notes start -->")[2], flags=re.MULTILINE)
    notes = [one.partition("\n")[2].strip() for one in sections if re.split(r"[\s(]", one)[:2] == ["hivegate", version]]
    if not any(notes):
        raise WrongTagError(f"CHANGELOG.md has no section of {version}: run towncrier build --version {version}")
    return notes[0] + "\n"


if __name__ == "__main__":
    try:
        sys.stdout.write(release_notes(*sys.argv[1:2]))
    except (WrongTagError, TypeError) as fault:
        sys.exit(f"{Path(__file__).name}: {fault}")
