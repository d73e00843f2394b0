"""The page that lists all profiles: what grew, where the time goes, and what to open. No script. Pure."""

from __future__ import annotations

import html
from string import Template
from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.quantity import part, quantity
from hivegate.profile.names import visible
from hivegate.profile.page import asset, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hivegate.model.profile import Cause, Explained, Increase, Profile, Profiles

_CAUSES = 5
_KINDS = {"+": "plus", "-": "minus", "@": "at"}


def index_page(profiles: Profiles) -> str:
    """List all profiles with their pictures and causes, as a page beside their folders."""
    grouped: dict[str, list[Profile]] = {}
    for one in profiles.profiles:
        grouped.setdefault(one.benchmark, []).append(one)
    told: dict[str, list[Explained]] = {}
    for each in profiles.explained:
        told.setdefault(each.profiled, []).append(each)
    cards = "".join(_card(benchmark, found, told.get(benchmark, [])) for benchmark, found in grouped.items())
    style = asset("style.css")
    against = f" against {profiles.base}" if profiles.base else ""
    return Template(asset("index.html")).substitute(
        policy=f"default-src 'none'; img-src 'self' file:; style-src {hashed(style)}; base-uri 'none'; "
        "form-action 'none'",
        style=style,
        headline=_text(f"Profiles{against}"),
        notes="".join(f'<p class="note">{_text(note)}</p>' for note in profiles.notes),
        cards=cards or '<p class="card">No benchmark was profiled.</p>',
    )


def _card(benchmark: str, found: list[Profile], told: list[Explained]) -> str:
    parts = [f'<section class="card" id="{_text(_anchor(found))}"><h2>{_text(benchmark)}</h2>']
    parts += [f'<p class="verdict"><b>{_text(one.outcome)}</b> {_text(one.reason)}</p>' for one in told]
    for one in found:
        picture = one.files.get("picture")
        page = next(iter(one.files.values()), None)
        parts.append(f"<h3>{_text(one.kind)}: {_links(one.files) or 'no profile'}</h3>")
        if picture and page:
            parts.append(f'<a href="{_text(page)}"><img src="{_text(picture)}" alt="Flame graph of the benchmark"></a>')
        if one.note:
            parts.append(f'<p class="note">{_text(one.note)}</p>')
        parts.append(_increase(one) if one.compared else _top(one.top))
    return "".join([*parts, "</section>"])


def _anchor(found: list[Profile]) -> str:
    return next((path.partition("/")[0] for one in found for path in one.files.values()), "")


def _increase(one: Profile) -> str:
    if not one.increases:
        return '<p class="how">Nothing takes significantly more than in base.</p>'
    return f"<ol>{''.join(_increase_item(each, one.unit) for each in one.increases[:_CAUSES])}</ol>"


def _increase_item(one: Increase, unit: str) -> str:
    delta, base, head, error = (
        quantity(amount, Dimension(unit)) for amount in (one.delta, one.base, one.head, one.error)
    )
    unsure = f" (± {error})" if one.error else ""
    source = f"<code>{_text(one.source)}</code>" if one.source else ""
    moved = _text(f", in base {one.before}") if one.before else ""
    what = f"changed in a caller: {one.through}" if one.through else "changes in it"
    hunks = "".join(_hunk(text) for text in one.hunks)
    changed = f"<details><summary>{_text(what)}</summary>{hunks}</details>" if hunks else ""
    return (
        f'<li><p class="what"><b>+{delta}</b> <span class="name">{_text(one.function)}</span> '
        f"<small>{_text(_place(one.file, one.line))}{moved}</small></p>"
        f'<p class="how">{base} → {head} a call{unsure} {source}</p>{changed}</li>'
    )


def _hunk(text: str) -> str:
    lines = (line.replace("\t", "    ") for line in text.split("\n"))
    return f'<pre class="hunk">{"".join(_hunk_line(line) for line in lines)}</pre>'


def _hunk_line(line: str) -> str:
    return f'<span class="{_KINDS.get(line[:1], "")}">{_text(line)}</span>'


def _top(causes: Iterable[Cause]) -> str:
    rows = "".join(_cause_row(cause) for cause in list(causes)[:_CAUSES])
    return f'<div class="scroll"><table>{rows}</table></div>' if rows else ""


def _links(files: Mapping[str, str]) -> str:
    return " · ".join(f'<a href="{_text(path)}">{_text(what)}</a>' for what, path in files.items())


def _cause_row(cause: Cause) -> str:
    memory = "" if cause.bytes_per_call is None else f"{quantity(cause.bytes_per_call, Dimension.BYTES)} per call"
    place = _place(cause.file, cause.line) or "built in, or called by the benchmark itself"
    return (
        f'<tr><td class="number">{part(cause.share)}</td><td class="number">{memory}</td>'
        f'<td class="name">{_text(cause.source or cause.function)}<small>{_text(place)}</small></td></tr>'
    )


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if file and line else file


def _text(text: str) -> str:
    return html.escape(visible(text))
