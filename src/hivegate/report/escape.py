"""Untrusted text made inert, for the formats that give characters a meaning."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 160
_INDENT = re.compile(r"[-+]? {0,40}")  # of a line of a difference
_READ_AT_MOST = 8  # times as many characters as are shown, at either end
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # control, format (bidi among them), and what is no character
# Letters, marks and signs that are drawn as nothing: two names that differ by one would look the same.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441-\U00013446\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 2  # real scripts stack no more on one letter; more would run over the lines around
# What Markdown or HTML could read: all but letters, digits and a little else. Some signs begin nothing in their place:
# _ inside a word, - and + before one, = behind one, . inside a number or behind a space, : before a space.
_READ = re.compile(
    r"""(?<![^\W_])_ | _(?![^\W_]) | [-+](?![^\W_]) | (?<![^\W_])= | (?<![\s.])\.(?!(?<=\d\.)\d) | :(?!\s|$)
    | (?<=\d)\) | [^\w\ ,;()/%?'._=:+-]""",
    re.VERBOSE,
)
_PART = re.compile(r".{16,}?(?:[/_.]|(?=\[))(?=.{4})|.+")
# GitHub looks for @name, #1 and GH-1 after the entities are read; a space of no width keeps the sign from the name.
_REFERENCE = re.compile(r"&#(?:64|35);|\bgh(?=-\d)", re.IGNORECASE)
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_LEGACY_COMMAND = re.compile(r"##(?=\w*\[)")


def printable(text: str, longest: int = _LONGEST) -> str:
    """Drop what moves the cursor or the direction, fold white space, cap the length: what a terminal may show.

    What is drawn as nothing, a filler or a selector of variants, is shown as an escape.
    """
    kept: list[str] = []
    marks = 0
    if len(text) > 2 * _READ_AT_MOST * longest:  # what is unseen may be dropped, but a file may hold megabytes of it
        text = f"{text[: _READ_AT_MOST * longest]}…{text[-_READ_AT_MOST * longest :]}"
    text = _BLANK.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text)
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char.isspace():
            kept.append(" ")
        elif category not in _UNSEEN and marks <= _MOST_MARKS:
            kept.append(char)
    return shorten(" ".join("".join(kept).split()) or "?", longest) if text else ""


def shorten(text: str, longest: int) -> str:
    """Cut the middle out of what is too long: the beginning names the suite and the end the parameters."""
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 5
    tail = longest - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :]}"


def markdown_text(text: str, longest: int = _LONGEST) -> str:
    """Spell text so that no Markdown and no HTML can begin in it, and no mention or reference on GitHub."""
    return _REFERENCE.sub(lambda found: f"{found[0]}&#8203;", _inert(printable(text, longest)))


def markdown_code(text: str, longest: int = _LONGEST) -> str:
    """Spell a name as code; the tag, not backticks, because a name may hold backticks.

    GitHub looks for no mentions and references in code, so a name that is copied from it is the name.
    """
    return f"<code>{_inert(printable(text, longest))}</code>"


def markdown_name(text: str, longest: int = _LONGEST) -> str:
    """Spell a name as code that a narrow table may break between its parts; the breaks are not copied with it."""
    parts = _PART.findall(printable(text, longest))
    return f"<code>{'<wbr>'.join(map(_inert, parts))}</code>"


def preformatted(language: str, lines: Iterable[str]) -> str:
    """Spell lines as a block that GitHub colours and copies letter by letter; nothing in them can end it."""
    begins = ((line, len(_INDENT.match(line)[0])) for line in lines)  # type: ignore[index]  # it may match nothing
    shown = (_inert(line[:indent] + printable(line[indent:], 400)) for line, indent in begins)
    return f'<pre lang="{language}">' + "\n".join(shown) + "</pre>"


def without_commands(text: str) -> str:
    """Break what a log of GitHub Actions or Azure Pipelines would obey: ``::`` that begins a line, ``##[`` anywhere."""
    return _LEGACY_COMMAND.sub("# #", _COMMAND.sub(r"\1: ", text))


def _inert(text: str) -> str:
    return _READ.sub(lambda found: f"&#{ord(found[0])};", text)
