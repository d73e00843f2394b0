"""The result as one offline page: charts drawn beforehand, a script that filters and sorts, nothing from anywhere.

What others wrote is hostile: templates escape it, `printable` drops what browsers hide or obey, and the policy of the
page allows our own style and scripts by their hashes and no request at all.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hivegate.model.quantity import percent
from hivegate.report.alterations import TITLE
from hivegate.report.escape import printable
from hivegate.report.html.page import page

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle

_LONGEST = 500
_SIGN = re.compile(r"(?<=[/_.:\[-])")
_LOADER = PackageLoader(__name__)
_ASSETS = ("page.css", "early.js", "page.js")


def render_html(bundle: Bundle) -> str:
    """Spell a bundle as a page: verdict first, then every verdict with its numbers and pictures; O(verdicts)."""
    assets = {name.replace(".", "_"): _source(name) for name in _ASSETS}
    style, *scripts = (_hash(one) for one in assets.values())
    return (
        _environment()
        .get_template("page.html")
        .render(
            page=page(bundle),
            altered=TITLE,
            policy=f"default-src 'none'; script-src {' '.join(scripts)}; style-src {style}; base-uri 'none'; "
            "form-action 'none'",
            **assets,
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    environment.filters["percent"] = percent
    environment.filters["code"] = _code
    return environment


def _shown(value: object) -> object:
    """Make every text that reaches the page printable, whichever template spells it; markup of templates is done."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    plain = value.isascii() and value.isprintable() and len(value) <= _LONGEST
    return value if plain else printable(value, _LONGEST)


def _code(line: str) -> Markup:
    """Keep the sign and the indentation of a line of a difference."""
    text = line[1:].lstrip(" ")
    return Markup("{}{}{}").format(line[:1], " " * min(40, len(line) - 1 - len(text)), printable(text, _LONGEST))


def _breakable(name: str) -> Markup:
    """Let a long name break behind its signs instead of within its words."""
    return Markup("<wbr>").join(_SIGN.split(printable(name, _LONGEST)))


@functools.cache
def _source(name: str) -> str:
    return _LOADER.get_source(_environment(), name)[0]


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
