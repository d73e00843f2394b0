"""The project's Markdown files, taken apart for the tests that execute them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
FILES = sorted(
    file
    for pattern in ("*.md", "docs/**/*.md", "changelog.d/*.md")
    for file in ROOT.glob(pattern)
    if not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One fenced block: its file, its language and its text."""

    file: Path
    language: str
    text: str

    def __str__(self) -> str:
        """Name the block in the list of tests."""
        return f"{self.file.name}-{self.language}-{self.text.split(chr(10), 1)[0][:40]}"


class Command(NamedTuple):
    """One command of a ``console`` block, and the output that the document shows for it."""

    block: Block
    words: list[str]
    output: str

    def __str__(self) -> str:
        """Name the command in the list of tests."""
        return f"{self.block.file.name}-{' '.join(self.words)}"


def blocks(*languages: str) -> list[Block]:
    """Find the fenced blocks of these languages, or all, but for the tutorial's: test_tutorial.py takes its steps."""
    found = [
        Block(file, language, text)
        for file in FILES
        if file.parent.name != "tutorial"
        for language, text in _FENCE.findall(file.read_text(encoding="utf-8"))
    ]
    return [one for one in found if not languages or one.language in languages]


def commands() -> list[Command]:
    """Take the console blocks apart: what stands after ``$``, and what follows up to the next."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            found.append(Command(block, shlex.split(line, comments=True), output))
    return found


def prose(file: Path) -> str:
    """Return a file without its fenced blocks."""
    return _FENCE.sub("", file.read_text(encoding="utf-8"))


def first_cells(file: Path, heading: str) -> list[str]:
    """Collect the code spans in the first column of the table whose header's first cell is `heading`."""
    found = re.search(
        rf"^\| {re.escape(heading)} \|.*?\n\|[-|]+\|\n((?:\|.*\n?)+)", file.read_text("utf-8"), re.MULTILINE
    )
    assert found, f"{file} has no table headed {heading!r}"
    return [name for row in found[1].splitlines() for name in re.findall(r"`([^`]+)`", row.split(" |")[0])]


def lacks(whole: Any, part: Any, path: str = "") -> list[str]:  # noqa: ANN401  any JSON value
    """Name what of `part` is not in `whole`; lists are compared item by item."""
    if isinstance(part, dict) and isinstance(whole, dict):
        missing = [f"{path}.{key}" for key in part if key not in whole]
        return missing + [one for key in part if key in whole for one in lacks(whole[key], part[key], f"{path}.{key}")]
    if isinstance(part, list) and isinstance(whole, list) and len(part) == len(whole):
        return [one for place, item in enumerate(part) for one in lacks(whole[place], item, f"{path}[{place}]")]
    return [] if part == whole else [f"{path}: {part!r} is not {whole!r}"]
