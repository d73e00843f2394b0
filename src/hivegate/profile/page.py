"""The offline pages: one interactive flame graph a benchmark, or the difference of two, and the index of all.

Names come from the subject and may be hostile: they enter the page as JSON in a data block and reach the document as
text only; the policy allows our one script and style by their hashes and nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.profile.difference import Shift, scaled
from hivegate.profile.names import origin, visible
from hivegate.profile.tree import Node, grow, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hivegate.model.profile import Cause, Profile, Profiles
    from hivegate.profile.flame import Flame, Frame

_FOLDER = Path(__file__).parent / "page"
_LINES = 5  # lines of a function that a tooltip shows


def flame_page(flame: Flame, *, facts: Mapping[str, str], notes: Iterable[str] = ()) -> str:
    """Draw one benchmark's flame; `facts` are shown beside its name, `notes` below."""
    stacks = scaled(flame)
    return _page(
        flame.benchmark,
        {
            "kind": "flame",
            "perCall": flame.per_call,
            "perSample": [flame.per_sample],
            "facts": [[name, visible(value)] for name, value in facts.items()],
            "notes": [visible(note) for note in notes],
            **_drawn(grow([stacks])),
        },
    )


def difference_page(base: Flame, head: Flame, moved: tuple[Shift, ...], *, facts: Mapping[str, str]) -> str:
    """Draw the difference of two flames of one benchmark: red grew, blue shrank, width is the larger side."""
    return _page(
        head.benchmark,
        {
            "kind": "difference",
            "perCall": head.per_call,
            "perSample": [base.per_sample, head.per_sample],
            "facts": [[name, visible(value)] for name, value in facts.items()],
            "notes": [],
            "moved": [[visible(one.function), visible(one.file), one.base, one.head, one.error] for one in moved],
            **_drawn(grow([scaled(base), scaled(head)])),
        },
    )


def _drawn(root: Node) -> dict[str, Any]:
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
        for depth, node in rows(root)
    ]
    frames = [[visible(frame.name), visible(frame.file), origin(frame.file)] for frame in index]
    return {"frames": frames, "nodes": nodes}


def _short(number: float) -> float:
    return float(f"{number:.5g}")  # half the size of the page, and finer than any sampling


def _page(title: str, data: dict[str, Any]) -> str:
    style, script = _asset("style.css"), _asset("flame.js")
    return Template(_asset("flame.html")).substitute(
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; "
        "form-action 'none'",
        title=html.escape(visible(title)),
        style=style,
        script=script,
        data=embedded({"title": visible(title), **data}),
    )


def embedded(value: object) -> str:
    """Spell a value as JSON that no HTML parser can end early."""
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def index_page(profiles: Profiles) -> str:
    """List all profiles with their pictures and causes, as a page beside their folders."""
    grouped: dict[str, list[Profile]] = {}
    for one in profiles.profiles:
        grouped.setdefault(one.benchmark, []).append(one)
    cards = "".join(_card(benchmark, found) for benchmark, found in grouped.items())
    style = _asset("style.css")
    return Template(_asset("index.html")).substitute(
        policy=f"default-src 'none'; img-src 'self' file:; style-src {_hash(style)}; base-uri 'none'; "
        "form-action 'none'",
        style=style,
        notes="".join(f'<p class="note">{_text(note)}</p>' for note in profiles.notes),
        cards=cards or '<p class="card">No benchmark was profiled.</p>',
    )


def _card(benchmark: str, found: list[Profile]) -> str:
    parts = [f'<section class="card"><h2>{_text(benchmark)}</h2>']
    for one in found:
        picture = one.files.get("picture")
        page = next(iter(one.files.values()), None)
        if picture and page:
            parts.append(f'<a href="{_text(page)}"><img src="{_text(picture)}" alt="Flame graph of the benchmark"></a>')
        parts.append(f"<h3>{_text(one.kind)}: {_links(one.files) or 'no profile'}</h3>")
        if one.note:
            parts.append(f'<p class="note">{_text(one.note)}</p>')
        if one.top:
            rows_ = "".join(_cause_row(cause) for cause in one.top[:5])
            parts.append(f'<div class="scroll"><table>{rows_}</table></div>')
    return "".join([*parts, "</section>"])


def _links(files: Mapping[str, str]) -> str:
    return " · ".join(f'<a href="{_text(path)}">{_text(what)}</a>' for what, path in files.items())


def _cause_row(cause: Cause) -> str:
    memory = "" if cause.bytes_per_call is None else f"{cause.bytes_per_call / 2**20:.2f} MiB per call"
    place = f"{cause.file}:{cause.line}" if cause.file else "built in, or called by the benchmark itself"
    return (
        f'<tr><td class="number">{cause.share:.1%}</td><td class="number">{memory}</td>'
        f'<td class="name">{_text(cause.source or cause.function)}<small>{_text(place)}</small></td></tr>'
    )


def _text(text: str) -> str:
    return html.escape(visible(text))
