"""Markdown documents of a capped size: sections of rows, of which the last ones give way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under a title; `header` are the lines that make them a table.

    The first `unfolded` rows are seen at once, the others behind `folded_as`; a section without a title begins with
    what is folded. Each row is one line.
    """

    rows: tuple[str, ...]
    title: str = ""
    header: tuple[str, ...] = ()
    unfolded: int = 0
    folded_as: str = ""


def fitted(head: Sequence[str], sections: Iterable[Section], foot: Sequence[str], *, most: int) -> str:
    """Assemble a document of at most `most` bytes of UTF-8: rows that do not fit are counted instead of shown.

    Space goes to the sections in their order, so the first ones are to be those that matter.
    """
    shown = [one for one in sections if one.rows]
    room = most - _size(head) - _size(foot) - sum(_size(_lines(one, 0, frame=True)) for one in shown)
    lines = list(head)
    for section in shown:
        kept = 0
        for row in section.rows:
            room -= _size((row,))
            if room < 0:
                break
            kept += 1
        lines += _lines(section, kept)
    return "\n".join([*lines, *foot]) + "\n"


def _lines(section: Section, kept: int, *, frame: bool = False) -> list[str]:
    """Spell a section with its first rows; with `frame` all that may stand around the rows of any number."""
    open_rows, folded = section.rows[: min(section.unfolded, kept)], section.rows[section.unfolded : kept]
    lines = ["", f"### {section.title}"] if section.title else []
    if open_rows or frame:
        lines += ["", *section.header, *open_rows]
    if folded or frame:
        lines += [
            "",
            f"<details><summary>{section.folded_as}</summary>",
            "",
            *section.header,
            *folded,
            "",
            "</details>",
        ]
    if kept < len(section.rows):
        lines += ["", _rest(section, len(section.rows) - kept)]
    return lines


def _rest(section: Section, left: int) -> str:
    rows = f"{left} more row{'s' * (left != 1)} in the JSON result"
    return rows if left < len(section.rows) or section.title else f"{section.folded_as}: {rows}"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
