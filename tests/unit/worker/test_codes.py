"""Which code objects run alike: what a digest tells apart, and what it does not."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from hivegate.worker.codes import codes_of, digest, last_line

if TYPE_CHECKING:
    from pathlib import Path

_BASE = '''
"""Module."""
TABLE = {"a": 1, "b": (1, 2.0)}


def outer(a, b=1):
    """Outer."""
    def inner(c):
        return [a + c for a in {1, 2}]
    return inner if a in {"x", "y"} else lambda: b


class Basket:
    size = 1

    def total(self):
        return self.size
'''
_PLACES = ["", "outer", "outer.inner", "outer.inner.<listcomp>", "outer.<lambda>", "Basket", "Basket.total"]


def differing(tmp_path: Path, old: str, new: str) -> list[str]:
    """Name the places whose code differs where a text is replaced."""
    assert old in _BASE
    base, head = tmp_path / "base.py", tmp_path / "head.py"
    base.write_text(textwrap.dedent(_BASE), encoding="utf-8")
    head.write_text(textwrap.dedent(_BASE.replace(old, new)), encoding="utf-8")
    codes = codes_of(str(base)), codes_of(str(head))
    assert set(_PLACES) - {"outer.inner.<listcomp>"} <= set(codes[0])  # of Python 3.12 on a part of its function
    return [place for place in codes[0] if place not in codes[1] or digest(codes[0][place]) != digest(codes[1][place])]


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("TABLE = ", "# comment\n\n\nTABLE = ", []),
        ('"a": 1', '"a": 2', [""]),
        ('"a": 1', '"a": True', [""]),
        ("2.0", "2", [""]),
        ('"""Module."""', '"""Another."""', [""]),
        ("b=1", "b=2", [""]),
        ("b=1", "c=1", ["", "outer", "outer.<lambda>"]),
        ('"""Outer."""', '"""Other."""', ["", "outer"]),
        ("return self.size", "return self.size + 1", ["Basket.total"]),
        ("total(self)", "total(self, more=())", ["Basket", "Basket.total"]),
        ("size = 1", "size = 2", ["Basket"]),
        ("class Basket:", "class Basket(dict):", [""]),
        ("    def total", "    @property\n    def total", ["Basket"]),
        ("lambda: b", "lambda: b + b", ["outer.<lambda>"]),
        ('{"x", "y"}', '{"x", "z"}', ["outer"]),
        ("def inner(c):", "async def inner(c):", ["outer", "outer.inner"]),
    ],
)
def test_a_change_shows_in_the_code_that_runs_it_and_in_what_makes_it_visible(
    tmp_path: Path, old: str, new: str, places: list[str]
) -> None:
    """A body is its own; a name, a parameter, a kind and a docstring are also of whoever makes the function."""
    assert [place for place in differing(tmp_path, old, new) if "listcomp" not in place] == places


def test_lines_tell_code_apart_only_where_they_are_asked_for(tmp_path: Path) -> None:
    """Code that moved is equal, and at another line."""
    files = tmp_path / "base.py", tmp_path / "head.py"
    for file, before in zip(files, ("", "\n\n"), strict=True):
        file.write_text(f"{before}def work():\n    return 1\n", encoding="utf-8")
    base, head = (codes_of(str(file))["work"] for file in files)
    assert digest(base) == digest(head)
    assert digest(base, lines=True) != digest(head, lines=True)
    assert (head.co_firstlineno, last_line(head)) == (3, 4)
