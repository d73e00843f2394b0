"""Hostile names in Markdown reports, read back by a parser of GitHub's Markdown: text they stay, and nothing else."""

from __future__ import annotations

import functools
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.measured import bundle, words

from hivegate.model.change import Change
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.model.reason import AdviceCode
from hivegate.model.run import Commit, Environment
from hivegate.model.targets import Limit, RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.report.comment import render_comment
from hivegate.report.escape import printable
from hivegate.report.markdown import render_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_NAMES = 20_000
_AT_ONCE = 200
_PLACES = 8
_CODE = {0, 4, 6, 7}  # the places whose text is code
_LIMIT = Limit(maximum=1.0, dimension=Dimension.SECONDS, text="max 1 s")
_TWO = Estimate(value=2.0, low=2.0, high=2.0, n=3)
_ZERO_WIDTH = "\u200b"
_UNBROKEN = "\u00a0"
_PIECES = [
    *("a", "b", "X", "Y", "Z", "0", "1", "9", " ", "\t", "\n", "\r\n", "\x00", "\x07", "\x1b", "\x7f", "\x85"),
    *"|`*_~[](){}<>#+-=.!\\/&;:'\"@$%^?,",
    *"\u00a0\u2028\u202e\u2066\u200b\ufeff\ud800",
    *(
        "``",
        "```",
        "~~~",
        "**",
        "__",
        "~~",
        "$$",
        "||",
        "\\|",
        "\\`",
        "- ",
        "+ ",
        "* ",
        "1. ",
        "1) ",
        "> ",
        "# ",
        "---",
    ),
    *(
        "===",
        "***",
        "    ",
        "[ ] ",
        "[x](y)",
        "![x](y)",
        "[^1]",
        "[a]: b",
        "<b>",
        "</code>",
        "</details>",
        "<!--",
        "-->",
    ),
    *("<script>alert(1)</script>", "<img src=x onerror=y>", "<a href='x'>", "<https://a.b>", "<a@b.co>", "</td>"),
    *("http://a.b", "https://evil.example/x?y=z", "www.evil.com", "ftp://a.b", "mailto:a@b.co", "a@b.co", "evil.com"),
    *("@me", "@org/team", "#1", "GH-1", "o/r#2", ":tada:", "&lt;", "&#60;", "&#x3c;", "&nbsp;", "&amp;", "&copy"),
    *(
        "::error::x",
        "##[error]x",
        "%0A",
        "é",
        "e\u0301",
        "Z\u0351\u036b\u0343",
        "ß",
        "漢字",
        "עברית",
        "😀",
        "👩‍👩‍👧",
        "ﬁ",
    ),
    *("|---|---|", "| a | b |", "\n\n", "\r\n# x", "\n```\n", "\n> ", "\n- ", "\n<div>", "x" * 200),
]
_PARSER = MarkdownIt("gfm-like", {"linkify": True})


def hostile_name(chance: random.Random) -> str:
    """Make a name of pieces that mean something to Markdown, HTML, GitHub or a terminal, and some of any characters."""
    pieces = chance.choices(_PIECES, k=chance.randint(1, 12))
    if chance.random() < 0.2:
        pieces.insert(0, chr(chance.choice((chance.randrange(0x20, 0x3000), chance.randrange(0x110000)))))
    return "".join(pieces).strip() or "?"


def told(names: Sequence[str]) -> str:
    """Spell a report in which the names stand in turn in every place that foreign text can come to."""
    failed, missing, advised, waived, new, noted, changed, profiled = (
        names[place::_PLACES] for place in range(_PLACES)
    )
    targets = _result(
        Outcome.FAILED,
        *(
            _verdict(name, Outcome.FAILED, name=f"x{name}", metric="p50", limit=_LIMIT, estimate=_TWO)
            for name in failed
        ),
        *(_verdict("s", Outcome.MISSING, reason=words(name)) for name in missing),
        *(_verdict("s", Outcome.MISSING, reason=words("s", name), advice=AdviceCode.OTHER) for name in advised),
        *(_verdict("s", Outcome.WAIVED, metric=name) for name in waived),
        *(_verdict(name, Outcome.NEW) for name in new),
        notes=tuple(noted),
        environment=Environment(cpu=names[0]),
        commit=Commit(sha=names[0]),
    )
    change = Change(ratio=1.5, low=1.4, high=1.6, n=6, instrument=names[0], base_value=1.0, head_value=1.5)
    limit = Limit(maximum=1.02, dimension=Dimension.RATIO, text=names[0])
    slower = (_verdict(name, Outcome.SLOWER, change=change, limit=limit, causes=(name,)) for name in changed)
    compared = _result(Outcome.SLOWER, *slower, base=names[0])
    causes = (Cause(function=name, file=name, line=1, source=name, share=0.5) for name in profiled)
    made = tuple(Profile(benchmark="s/a", kind=one.function, top=(one,)) for one in causes)
    # Apart from the others: a name with a star in it would stand for the benchmark of these profiles.
    explained = _result(Outcome.FAILED, _verdict("s/a", Outcome.FAILED))
    profiles = Profiles(folder="p", profiles=made)
    return render_summary(bundle(targets, compared)) + render_summary(bundle(explained, profiles=profiles))


def _verdict(benchmark: str, outcome: Outcome, **fields: Any) -> Verdict:  # noqa: ANN401  of Verdict
    severity = Severity.BROKEN if outcome in {Outcome.FAILED, Outcome.SLOWER} else Severity.NONE
    known = {
        "benchmark": benchmark,
        "kind": RuleKind.TARGET,
        "outcome": outcome,
        "severity": severity,
        "reason": words("slow"),
    }
    return Verdict(**{**known, **fields})


def _result(outcome: Outcome, *verdicts: Verdict, **fields: Any) -> GateResult:  # noqa: ANN401  of GateResult
    known = {"outcome": outcome, "exit_status": 1, "partial": False, "verdicts": verdicts, "environment": Environment()}
    return GateResult(**{**known, **fields})


def structure(tokens: Sequence[Token]) -> Iterator[str]:
    """List what a document is made of, without its text and where a name may be broken."""
    before = ""
    for token in tokens:
        if token.content == "<wbr>" or (token.type == before == "text"):
            continue
        before = token.type
        markup = "" if token.type == "text" else token.markup
        yield f"{token.type} {token.tag} {sorted(token.attrs.items())} {markup}"
        if token.type in {"html_inline", "html_block", "code_block", "fence"}:
            yield re.sub(r"\d+ ", "N ", token.content) if token.type == "html_block" else token.content
        yield from structure(token.children or ())


def texts(tokens: Sequence[Token]) -> Iterator[tuple[bool, str]]:
    """List all runs of text as they are read, and for each whether it is code."""
    for token in tokens:
        is_code, run = False, ""
        for child in [*(token.children or ()), None]:
            if child is not None and child.type == "text":
                run += child.content
            elif child is None or child.content != "<wbr>":
                if run:
                    yield is_code, run
                is_code, run = child is not None and child.content == "<code>", ""


@functools.cache
def harmless(count: int) -> list[str]:
    """List what a report on so many harmless names is made of."""
    return list(structure(_PARSER.parse(told([f"n{place}" for place in range(count)]))))


def check(names: Sequence[str]) -> None:
    """Compare a report on hostile names with the same report on harmless ones, and its text with the names."""
    tokens = _PARSER.parse(told(names))
    assert list(structure(tokens)) == harmless(len(names)), names
    found = list(texts(tokens))
    plain = {text.replace(_ZERO_WIDTH, "").replace(_UNBROKEN, " ") for _, text in found}
    code = {text for is_code, text in found if is_code}
    for place, name in enumerate(names):
        if place % _PLACES in _CODE:
            assert printable(name) in code
        else:
            assert printable(name) in plain or printable(name, 400) in plain


@pytest.mark.slow
def test_twenty_thousand_hostile_names_stay_text() -> None:
    """No name of 20,000 begins a tag, link, list, heading, quote, cell or emphasis, and each is read back as it was."""
    chance = random.Random(20261123)  # noqa: S311  a reproducible fuzz
    names: set[str] = set()
    while len(names) < _NAMES:
        names.add(hostile_name(chance))
    ordered = sorted(names)
    for first in range(0, _NAMES, _AT_ONCE):
        check(ordered[first : first + _AT_ONCE])


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_name_stays_text_everywhere(name: str) -> None:
    """Whatever the name, and wherever it stands."""
    check([name] * _PLACES)


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_comment_keeps_its_mark(name: str) -> None:
    """The first line of a comment is the mark by which it is found again, whatever the names in it."""
    text = render_comment(bundle(_result(Outcome.SLOWER, _verdict(name, Outcome.SLOWER), base=name)))
    assert text.startswith("<!-- hivegate:v1 -->\n## ")
    assert text.count("<!--") == 1
