"""Static pictures of a flame, or of the difference of two, for places that run no script. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hivegate.model.quantity import part
from hivegate.profile.difference import scaled
from hivegate.profile.names import origin, visible
from hivegate.profile.tree import Node, grow, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.profile.flame import Flame
    from hivegate.profile.increases import Difference

_WIDTH = 1200
_ROW = 18
_MOST = 20_000  # nodes
_DEEPEST = 60  # rows: a picture, not a record
_THINNEST = 0.5  # pixels
_LETTER = 6.6  # pixels of a letter at this size
_SHADES = 4  # of red and of blue
_STYLE = """
text{font:11px system-ui,"Liberation Sans",sans-serif;fill:#221a10}rect{stroke:#fff;stroke-width:.6}
.project{fill:#f2bf90}.package{fill:#93d8bd}.python{fill:#a5c4ee}.native{fill:#cbbfd8}.root,.same{fill:#cdc8bb}
.up1{fill:#eccbc0}.up2{fill:#f0aa98}.up3{fill:#f08670}.up4{fill:#ea5f45}
.down1{fill:#c6d2e2}.down2{fill:#a5c0e6}.down3{fill:#82abe8}.down4{fill:#5c93e6}
@media(prefers-color-scheme:dark){text{fill:#fff8ee}rect{stroke:#171614}.project{fill:#75502f}.package{fill:#2f6b55}
.python{fill:#355279}.native{fill:#594b66}.root,.same{fill:#5b5548}
.up1{fill:#5e4a44}.up2{fill:#77463b}.up3{fill:#934132}.up4{fill:#b23b26}
.down1{fill:#454e5c}.down2{fill:#3c5478}.down3{fill:#335a96}.down4{fill:#2b60b4}}
"""


def flame_picture(flame: Flame) -> str:
    """Draw a flame as SVG: the root on top, a function as wide as its share, its name and share as its title."""
    whole = flame.per_call

    def tell(node: Node, depth: int) -> tuple[str, str]:
        return (origin(node.frame.file) if depth else "root"), part(node.total[0] / whole) if whole else ""

    return _svg(grow([scaled(flame)]), visible(flame.benchmark), tell)


def difference_picture(difference: Difference) -> str:
    """Draw the difference of two flames as SVG: red takes more than in base, blue less, width is the larger side.

    What could be chance is grey.
    """
    base, head = difference.base, difference.head
    root = grow([scaled(base), scaled(head)])
    nodes = [node for _, node in rows(root, _MOST)]
    # The strongest shade is for the largest change, or for a tenth of all where every change is smaller.
    most = max([root.width / 10, *(abs(node.total[1] - node.total[0]) for node in nodes)])

    def tell(node: Node, _: int) -> tuple[str, str]:
        delta = node.total[1] - node.total[0]
        noise = difference.sure * (node.total[0] * base.per_sample + node.total[1] * head.per_sample) ** 0.5
        shade = round(_SHADES * (abs(delta) / most) ** 0.5) if abs(delta) > noise else 0
        kind = f"{'up' if delta > 0 else 'down'}{shade}" if shade else "same"
        return kind, f"{delta / base.per_call * 100:+.3g} % of a call in base" if base.per_call else ""

    return _svg(root, visible(head.benchmark), tell)


def _svg(root: Node, title: str, tell: Callable[[Node, int], tuple[str, str]]) -> str:
    drawn: list[str] = []
    places: list[float] = [0.0]  # by depth: where the next node begins
    deepest = 0
    for depth, node in rows(root, _MOST):
        del places[depth + 1 :]
        left, width = places[depth], node.width / (root.width or 1) * _WIDTH
        places[depth] = left + width
        places.append(left)
        if width >= _THINNEST and depth < _DEEPEST:
            deepest = max(deepest, depth)
            drawn.append(_box(node, depth, left, width, tell(node, depth)))
    height = (deepest + 1) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{''.join(drawn)}</svg>\n"
    )


def _box(node: Node, depth: int, left: float, width: float, told: tuple[str, str]) -> str:
    name, (kind, words) = visible(node.frame.name), told
    fits = int((width - 6) / _LETTER)
    shown = name if len(name) <= fits else name[: fits - 1] + "…"
    text = f'<text x="{left + 3:.1f}" y="{depth * _ROW + 13}">{escape(shown)}</text>' if fits > 2 else ""  # noqa: PLR2004  letters
    return (
        f'<g><title>{escape(name)} {words}</title><rect class="{kind}" x="{left:.2f}" y="{depth * _ROW}" '
        f'width="{width:.2f}" height="{_ROW}" rx="2"/>{text}</g>'
    )
