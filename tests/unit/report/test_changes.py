"""Comparisons as a person reads them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests import results
from tests.measured import TODAY, bundle, targets
from tests.results import compared

from hivegate.judge import judge_changes
from hivegate.model.aa_test import BenchmarkSensitivity, Sensitivity
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.pairs import PairTrouble
from hivegate.report.aa_test import render_aa_test
from hivegate.report.markdown import render_summary
from hivegate.report.span import Span, bar, near_reach, reach_of
from hivegate.report.terminal import render_terminal

_RATIOS = st.floats(0.01, 100)


def page(*benchmarks: BenchmarkComparison, color: bool = False, verbose: bool = False) -> str:
    """Judge and spell a comparison."""
    result = judge_changes(targets(), Comparison(base="main, 1234567", benchmarks=benchmarks), today=TODAY)
    return render_terminal(result, color=color, verbose=verbose)


def test_changes_are_sorted_by_what_matters() -> None:
    """Slower before inconclusive before faster before equal, and in one outcome the farthest from no change first."""
    text = page(
        compared("same", 1.001),
        compared("fast", 0.8),
        compared("open", 1.02, 0.1),
        compared("slow", 1.1),
        compared("slowest", 1.5),
    )
    table = text[text.index("faster | slower") :]
    assert re.findall(r"(slowest|slow|open|fast|same)$", table, re.MULTILINE) == [
        "slowest",
        "slow",
        "open",
        "fast",
        "same",
    ]
    assert "room" not in text


def test_bars_are_plain_without_a_terminal() -> None:
    """A log keeps ASCII; a terminal gets lines."""
    assert page(compared("a", 1.1)).isascii()
    assert "●" in page(compared("a", 1.1), color=True)


def test_what_is_new_is_not_called_measured() -> None:
    """Base cannot run it, so nothing was compared."""
    new = BenchmarkComparison(id="a", node_id="a", in_base=False, trouble=PairTrouble(base="no"))
    assert "1 new: base cannot run them" in page(new)
    assert "nothing was compared" in page(new)


def test_markdown_has_the_change_and_its_interval() -> None:
    """A step summary says by how much, against what."""
    run = Comparison(base="main, 1234567", benchmarks=(compared("a", 1.1),))
    text = render_summary(bundle(judge_changes(targets(), run, today=TODAY)))
    assert "| +10&#160;%<br>" in text
    assert "against main, 1234567" in text


@given(_RATIOS, _RATIOS, _RATIOS, st.floats(1.01, 11), st.booleans())
def test_a_bar_keeps_its_width_and_shows_the_point(a: float, b: float, c: float, limit: float, plain: bool) -> None:  # noqa: FBT001  hypothesis passes it
    """Whatever the interval, the picture has one width, and an estimate in reach is on its side of zero."""
    low, ratio, high = sorted((a, b, c))
    span = Span(low=low, ratio=ratio, high=high, limit=limit)
    shown = bar(span, reach_of([span]), plain=plain)
    assert len(shown) == 25
    point = shown.index("o" if plain else "●")
    assert (point - 12) * math.log(ratio) >= 0


def test_an_open_interval_leaves_on_both_sides() -> None:
    """One pair has no spread: both ends are arrows; the budget has its place."""
    span = Span(low=0.0, ratio=1.0, high=math.inf, limit=1.02)
    assert bar(span, reach_of([span]), plain=True) == "<-----------o---------:->"


def test_no_budget_and_no_change_have_a_bar() -> None:
    """Memory that may not grow and did not: everything is the middle."""
    span = Span(low=1.0, ratio=1.0, high=1.0, limit=1.0)
    assert bar(span, reach_of([span]), plain=True) == " " * 12 + "o" + " " * 12


def test_calibration_names_budgets_that_cannot_be_judged() -> None:
    """The noisiest first; a budget below what can be judged has its advice, and what failed is told."""
    found = Sensitivity(
        revision="1234567",
        benchmarks=(
            BenchmarkSensitivity(
                benchmark="calm",
                budget=0.02,
                where="targets.yaml:3:5",
                seconds=1e-3,
                spread=0.004,
                visible=0.023,
                least_budget=0.003,
            ),
            BenchmarkSensitivity(
                benchmark="noisy",
                budget=0.02,
                where="targets.yaml:3:5",
                seconds=1e-8,
                spread=0.05,
                visible=0.06,
                least_budget=0.0321,
            ),
            BenchmarkSensitivity(benchmark="broken", budget=0.02, where="the default", trouble="failed: boom"),
        ),
    )
    text = render_aa_test(found)
    assert text.index("noisy") < text.index("calm")
    assert "noisy: its budget of 2 % cannot be judged here (targets.yaml:3:5)" in text
    assert "allow 3.3 % or more" in text
    assert "calm: its budget" not in text
    assert "broken: not measured: failed: boom" in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_bars_stand_below_each_other(width: int) -> None:
    """No change is one column of the screen in every row, and the usual budget is right of it."""
    text = render_terminal(results.changed(), width=width)
    rows = re.findall(r"^( +[+-][\d.]+ %  .*)(?:slower|faster|inconclusive|passed) ", text, re.MULTILINE)
    assert len(rows) == 6
    at_rest = [line.index("|") for line in rows if "|" in line]
    budgets = [line.index(":") for line in rows if ":" in line]
    assert len(set(at_rest)) == 1
    assert len(budgets) >= 5
    assert set(budgets) == {budgets[0]}
    assert budgets[0] > at_rest[0]


def test_what_is_far_slower_leaves_the_bar_instead_of_hiding_the_budget() -> None:
    """Beside a benchmark that takes twelve times as long, two percent more can still be seen."""
    spans = [Span(low=0.999, ratio=1.0, high=1.001, limit=1.02), Span(low=11.0, ratio=12.0, high=13.0, limit=1.02)]
    near, far = (bar(one, near_reach(spans), plain=True) for one in spans)
    assert near.index(":") - near.index("o") == 2
    assert far.endswith(" >")


@given(
    st.lists(
        st.text(st.characters(categories=("L", "N", "P", "Mn")), min_size=1, max_size=200), min_size=1, max_size=8
    ),
    st.integers(40, 120),
)
def test_tables_fit_whatever_the_names(names: list[str], width: int) -> None:
    """Characters of two columns or of none keep within the terminal, and each row is one line."""
    run = Comparison(base="main", benchmarks=tuple(compared(name, 1.0) for name in dict.fromkeys(names)))
    text = render_terminal(judge_changes(targets(), run, today=TODAY), width=width)
    table = text[text.index("change ") :].splitlines()[1:]
    assert len(table) == len(set(names))
    assert all(cell_len(line) <= width for line in table)


def test_a_narrow_terminal_gets_no_bars() -> None:
    """At 40 columns numbers, outcomes and names are what there is room for."""
    text = render_terminal(results.changed(), width=40)
    assert "faster | slower" not in text
    assert re.search(r"^ +\+10 %  slower        hive_…ction\[20\]$", text, re.MULTILINE)
