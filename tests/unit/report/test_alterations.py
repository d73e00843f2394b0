"""Every report says what a change alters about its own judging, and begins with what only that lets pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from tests.measured import TODAY, targets
from tests.results import changed
from tests.unit.judge.test_changes import budget, change

from hivegate.flows.report.render import FORMATS, render
from hivegate.judge import judge_by_both, judge_changes
from hivegate.model.alteration import Alteration, AlterationKind
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.report.alterations import TITLE, alteration_lines
from hivegate.report.bundle import Bundle
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.report.terminal import render_terminal

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

ALTERATIONS = (
    Alteration(kind=AlterationKind.CONFTEST, name="benches/conftest.py"),
    Alteration(kind=AlterationKind.BUDGET, name="*", before="mean 3 %", after="mean 900 %", loosens=True),
    Alteration(kind=AlterationKind.WAIVER, name="a", after="any slowdown\n::error::<b>@me"),
    Alteration(kind=AlterationKind.TARGET, name="b p50", before="max 1 s"),
)


def reviewed() -> GateResult:
    """Judge a slowdown that only head's own budget lets pass."""
    one = BenchmarkComparison(id="a", node_id="b.py::a", confirmed=True, change=change(1.15, 1.25))
    run = Comparison(base="main", benchmarks=(one,))
    loose, strict = (targets(budgets=(budget(share),)) for share in (9.0, 0.03))
    return judge_by_both(loose, strict, lambda rules: judge_changes(rules, run, today=TODAY), alterations=ALTERATIONS)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"json", "junit"}])
def test_the_section_is_in_every_report(form: str) -> None:
    """With its title, and nothing of a name that could be markup or a command."""
    text = render(Bundle(results=(reviewed(),)), form)
    assert TITLE in text
    assert ("conftest" if form != "comment" else "4 things, in the summary of the run") in text
    assert "<b>" not in text.partition("</style>")[2].partition("</header>")[0]
    assert "\n::error::<b>" not in text
    assert TITLE not in render(Bundle(results=(changed(),)), form)


def test_the_review_is_named_before_what_holds() -> None:
    """In a terminal and a summary; a comment, of one screen, begins with both."""
    bundle = Bundle(results=(structs.replace(reviewed(), notes=("a note",)),))
    terminal = render_terminal(reviewed())
    assert terminal.startswith("REVIEW  1 review")
    assert terminal.index("slower by the rules of base") < terminal.index(TITLE)
    text = render(bundle, "markdown")
    assert "hivegate: REVIEW" in text
    assert text.index("For review") < text.index(TITLE) < text.index("a note")
    comment = render(bundle, "comment")
    assert comment.index("hivegate: REVIEW") < comment.index(TITLE) < comment.index("slower by the rules of base")


def test_what_loosens_comes_first_and_says_both() -> None:
    """Then what is new, changed or removed."""
    first, *others = alteration_lines(ALTERATIONS)
    assert first == "loosened budget: *: mean 3 % -> mean 900 %"
    assert others[0] == "conftest changed: benches/conftest.py"
    assert others[2] == "target: b p50: max 1 s -> removed"


def test_alterations_survive_the_json() -> None:
    """What is written is read back equal, and junit has them as properties."""
    document = render_json(reviewed())
    assert parse_json(document.encode(), where="x") == reviewed()
    assert json.loads(document)["alterations"][1]["loosens"] is True
    assert "alters its own judging" in render(Bundle(results=(reviewed(),)), "junit")
