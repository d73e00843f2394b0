"""Documents of a capped size."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hivegate.report.sections import Section, fitted

_HEADER = ("| a |", "|---|")


def section(rows: int, *, unfolded: int = 3, width: int = 20, sign: str = "r") -> Section:
    """Make a section of rows that are told from others by their sign."""
    lines = tuple(f"| {sign}{number} {'x' * width} |" for number in range(rows))
    folded_as = f"{max(0, rows - unfolded)} more"
    return Section(title=f"Title {sign}", header=_HEADER, rows=lines, unfolded=unfolded, folded_as=folded_as)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), st.integers(0, 300)), max_size=6),
    st.integers(3000, 12_000),
)
def test_no_row_is_broken_or_forgotten(given_sections: list[tuple[int, int, int]], most: int) -> None:
    """Whatever the rows, the document fits, each row is whole or counted, and earlier sections lose none for later."""
    sections = [section(rows, unfolded=unfolded, width=width) for rows, unfolded, width in given_sections]
    text = fitted(["# head"], sections, ["foot é"], most=most)
    assert len(text.encode()) <= most
    assert text.startswith("# head\n")
    assert text.endswith("foot é\n")
    every = {row for one in sections for row in one.rows}
    shown = [line for line in text.splitlines() if line.startswith("| r")]
    assert set(shown) <= every
    left = sum(map(int, re.findall(r"^(?:.*: )?(\d+) more rows? in the JSON result$", text, re.MULTILINE)))
    assert len(shown) + left == sum(len(one.rows) for one in sections)


def test_first_sections_keep_their_rows_longest() -> None:
    """What matters stands first, and what gives way is the end of the last."""
    sections = [section(20, sign="worst"), section(20, sign="least")]
    text = fitted([], sections, [], most=1500)
    assert "| worst19 " in text
    assert "| least0 " in text
    assert "| least19 " not in text


def test_only_the_first_rows_are_unfolded() -> None:
    """Three rows are seen at once, the others behind a line that counts them, under a header of their own."""
    text = fitted([], [section(5)], [], most=10_000)
    before, _, after = text.partition("<details><summary>2 more</summary>")
    assert before.count("| r") == 3
    assert after.count("| r") == 2
    assert after.count("|---|") == 1


def test_empty_sections_leave_no_title() -> None:
    """No rows, no heading."""
    assert fitted(["head"], [section(0)], ["foot"], most=1000) == "head\nfoot\n"
