"""The history as a static site that works from a file: one page with an index, and a file of numbers a benchmark.

Names are hostile: they enter the page as JSON in a data block, and the documents of benchmarks as JSON in scripts that
the page loads when they are asked for; all of them reach the screen as text only. The policy allows our one style and
script by their hashes and scripts from the page's own place, and lets no text become code in any other way.
"""

from __future__ import annotations

import base64
import hashlib
import html
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

import msgspec

from hivegate.report.dashboard.charts import chart_name, chart_of
from hivegate.report.dashboard.site import index_of
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hivegate.model.record import StoredVerdict
    from hivegate.report.dashboard.site import Site

_LONGEST = 1000  # characters of a text
_SCRIPTS = ("format.js", "place.js", "chart.js", "news.js", "lists.js", "detail.js", "app.js")


def render_index(site: Site) -> str:
    """Spell the page itself; grows with the series and the runs, by some hundred bytes each."""
    # Files have no origin that 'self' could name in every browser; a page of a server can load none by file:.
    style, script = _asset("style.css"), "".join(_asset(name) for name in _SCRIPTS)
    return Template(_asset("index.html")).substitute(
        policy="default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {_hash(script)} 'self' file:; style-src {_hash(style)}; "
        "require-trusted-types-for 'script'; trusted-types hivegate",
        title=html.escape(printable(site.project)),
        style=style,
        script=script,
        index=_embedded(index_of(site)),
    )


def render_charts(site: Site) -> Iterator[tuple[str, str]]:
    """Spell the numbers of every benchmark, each as a script of its own with its name."""
    for benchmark, charted in site.by_benchmark().items():
        name = chart_name(benchmark)
        yield name, f"hivegate.chart({_embedded(name)},{_embedded(chart_of(charted))});\n"


def render_verdicts(run: int, judged: Sequence[StoredVerdict]) -> str:
    """Spell the verdicts on a run as a script."""
    told = [
        [one.outcome.value, *(printable(text or "", _LONGEST) for text in (one.benchmark, one.kind.value, one.tier))]
        + [printable(text or "", _LONGEST) for text in (one.metric, one.limit, one.reason)]
        for one in judged
    ]
    return f"hivegate.report({run},{_embedded(told)});\n"


def _embedded(value: object) -> str:
    """Spell a value as JSON that neither a script nor an HTML parser can take for its end."""
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return resources.files(__name__).joinpath("page", name).read_text(encoding="utf-8")
