"""The offline pages: one interactive flame graph a benchmark, or the difference of two.

Names come from the subject and may be hostile: they enter the page as JSON in a data block and reach the document as
text only; the policy allows our one script and style by their hashes and nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.profile.difference import scaled
from hivegate.profile.names import origin, visible
from hivegate.profile.tree import Node, grow, rows

if TYPE_CHECKING:
    from hivegate.model.profile import Increase
    from hivegate.profile.flame import Flame, Frame
    from hivegate.profile.increases import Difference

_FOLDER = Path(__file__).parent / "page"
_MOST = 16_000  # nodes that a page holds, of a difference half of them: about one MiB; the smallest branches go first
_LINES = 5  # lines of a function that a tooltip shows


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a picture: its kind in words, facts by their names, notes, and the unit of its numbers."""

    headline: str
    facts: Mapping[str, str] = {}
    notes: Sequence[str] = ()
    unit: str = "seconds"

    def fields(self) -> dict[str, Any]:
        """Return the fields for the page."""
        return {
            "headline": self.headline,
            "unit": self.unit,
            "facts": [[name, visible(value)] for name, value in self.facts.items()],
            "notes": [visible(note) for note in self.notes],
        }


def flame_page(flame: Flame, drawn: Caption) -> str:
    """Draw one benchmark's flame."""
    return _page(
        flame.benchmark,
        {
            "kind": "flame",
            "perCall": flame.per_call,
            "perSample": [flame.per_sample if drawn.unit == "seconds" else 0],
            **drawn.fields(),
            **_drawn(grow([scaled(flame)]), _MOST),
        },
    )


def difference_page(difference: Difference, drawn: Caption) -> str:
    """Draw the difference of two flames of one benchmark: red grew, blue shrank, width is the larger side."""
    base, head = difference.base, difference.head
    return _page(
        head.benchmark,
        {
            "kind": "difference",
            "perCall": head.per_call,
            "perSample": [base.per_sample, head.per_sample],
            "sure": difference.sure,
            **drawn.fields(),
            "moved": [
                [visible(one.function), visible(one.file), one.base, one.head, one.error] for one in difference.moved
            ],
            "increases": [_increase(one) for one in difference.increases],
            "knowsChanges": True,
            **_drawn(grow([scaled(base), scaled(head)]), _MOST // 2),
        },
    )


def _increase(one: Increase) -> dict[str, Any]:
    return {
        "name": visible(one.function),
        "file": visible(one.file),
        "line": one.line,
        "source": visible(one.source),
        "base": one.base,
        "head": one.head,
        "error": one.error,
        "hunks": [_hunk(text) for text in one.hunks],
        "through": visible(one.through),
    }


def _hunk(text: str) -> str:
    return "\n".join(visible(line.replace("\t", "    ")) for line in text.split("\n"))


def _drawn(root: Node, most: int) -> dict[str, Any]:
    """Flatten the tree: nodes in depth-first order as [depth, frame, width, total and own a side, lines]."""
    index: dict[Frame, int] = {}
    nodes = [
        [
            depth,
            index.setdefault(node.frame, len(index)),
            _short(node.width),
            [_short(one) for one in node.total],
            [_short(one) for one in node.own],
            [[line, _short(amount)] for line, amount in node.lines.most_common(_LINES)],
        ]
        for depth, node in rows(root, most)
    ]
    frames = [[visible(frame.name), visible(frame.file), origin(frame.file)] for frame in index]
    return {"frames": frames, "nodes": nodes}


def _short(number: float) -> float:
    return float(f"{number:.5g}")  # half the size of the page, and finer than any sampling


def _page(title: str, data: dict[str, Any]) -> str:
    style, script = asset("style.css"), asset("flame.js")
    return Template(asset("flame.html")).substitute(
        policy=f"default-src 'none'; script-src {hashed(script)}; style-src {hashed(style)}; base-uri 'none'; "
        "form-action 'none'",
        title=html.escape(visible(title)),
        style=style,
        script=script,
        data=embedded({"title": visible(title), **data}),
    )


def embedded(value: object) -> str:
    """Format a value as JSON that no HTML parser can end early."""
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def hashed(source: str) -> str:
    """Format the hash by which a policy allows a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def asset(name: str) -> str:
    """Read a part that the pages are made of."""
    return (_FOLDER / name).read_text(encoding="utf-8")
