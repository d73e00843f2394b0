"""A static picture of a flame, for places that run no script. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hivegate.profile.difference import scaled
from hivegate.profile.names import origin, visible
from hivegate.profile.tree import Node, grow, rows

if TYPE_CHECKING:
    from hivegate.profile.flame import Flame

_WIDTH = 1200
_ROW = 18
_DEEPEST = 60  # rows: a picture, not a record
_THINNEST = 0.5  # pixels
_LETTER = 6.6  # pixels of a letter at this size
_STYLE = """
text{font:11px system-ui,"Liberation Sans",sans-serif;fill:#221a10}rect{stroke:#fff;stroke-width:.6}
.project{fill:#f2bf90}.package{fill:#93d8bd}.python{fill:#a5c4ee}.native{fill:#cbbfd8}.root{fill:#cdc8bb}
@media(prefers-color-scheme:dark){text{fill:#fff8ee}rect{stroke:#171614}.project{fill:#75502f}.package{fill:#2f6b55}
.python{fill:#355279}.native{fill:#594b66}.root{fill:#5b5548}}
"""


def flame_picture(flame: Flame) -> str:
    """Draw a flame as SVG: the root on top, a function as wide as its share, its name and share as its title."""
    root = grow([scaled(flame)])
    drawn: list[str] = []
    places: list[float] = [0.0]  # by depth: where the next node begins
    deepest = 0
    for depth, node in rows(root):
        del places[depth + 1 :]
        left, width = places[depth], node.width / (root.width or 1) * _WIDTH
        places[depth] = left + width
        places.append(left)
        if width >= _THINNEST and depth < _DEEPEST:
            deepest = max(deepest, depth)
            drawn.append(_box(node, depth, left, width, flame))
    height = (deepest + 1) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f"<title>{escape(visible(flame.benchmark))}</title><style>{_STYLE}</style>{''.join(drawn)}</svg>\n"
    )


def _box(node: Node, depth: int, left: float, width: float, flame: Flame) -> str:
    name = visible(node.frame.name)
    share = node.total[0] / flame.per_call if flame.per_call else 0.0
    fits = int((width - 6) / _LETTER)
    shown = name if len(name) <= fits else name[: fits - 1] + "…"
    text = f'<text x="{left + 3:.1f}" y="{depth * _ROW + 13}">{escape(shown)}</text>' if fits > 2 else ""  # noqa: PLR2004  letters
    kind = origin(node.frame.file) if depth else "root"
    return (
        f'<g><title>{escape(name)} {share:.1%}</title><rect class="{kind}" x="{left:.2f}" y="{depth * _ROW}" '
        f'width="{width:.2f}" height="{_ROW}" rx="2"/>{text}</g>'
    )
