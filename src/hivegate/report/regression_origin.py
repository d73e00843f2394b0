"""Since when a benchmark fails, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.quantity import moved_by, quantity
from hivegate.model.trend import ChangeCause, OriginKind

if TYPE_CHECKING:
    from hivegate.model.metric import Dimension
    from hivegate.model.trend import ChangePoint, Point, RegressionOrigin

_SHORT = 12  # digits of a commit that tell it from all others
_CAUSES = {
    ChangeCause.CODE: "",
    ChangeCause.MACHINE: ", when most benchmarks of this machine moved: the machine, not the code",
    ChangeCause.OUTSIDE: ", where no commit could have done it: not the code",
    ChangeCause.EITHER: ", where the machine, or what it runs on, was changed, too",
    ChangeCause.BENCHMARK: ", where the benchmark's own code was changed",
}


def render_origin(origin: RegressionOrigin) -> str:
    """Write where a regression began as half a sentence."""
    name, first, last = origin.metric.name, _point(origin.first), _point(origin.last)
    match origin.kind:
        case OriginKind.DRIFTED:
            best = quantity(origin.best or 0.0, origin.metric.dimension)
            return f"the best level, {best}, was held from {first} to {last}"
        case OriginKind.NEW:
            return f"within the limit in the history, last on {last}: new since then"
        case OriginKind.ALWAYS:
            return f"so in all {origin.runs} runs of the history, since {first}"
        case OriginKind.CROSSED:
            return f"so since its {name} moved {_change(origin.change, origin.metric.dimension)}"
        case OriginKind.WORSENED:
            return f"its {name} last got worse {_change(origin.change, origin.metric.dimension)}"


def _change(change: ChangePoint | None, dimension: Dimension) -> str:
    if change is None:
        return "?"
    old, new = change.last_good.commit, change.first_bad.commit
    ratio = "" if change.ratio is None else f"{moved_by(change.ratio, dimension)} "
    between = f"between {old[:_SHORT]} and {new[:_SHORT]}, " if old and new and old != new else ""
    return f"{ratio}{between}{(change.first_bad.created or '?')[:10]}{_CAUSES[change.cause]}"


def _point(point: Point | None) -> str:
    if point is None:
        return "?"
    return f"{(point.created or '?')[:10]}" + (f" ({point.commit[:_SHORT]})" if point.commit else "")
