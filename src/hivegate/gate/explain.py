"""hivegate explain: which targets, budgets and waivers apply to a benchmark, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.explanation import Explanation
from hivegate.model.identity import matches

if TYPE_CHECKING:
    import datetime as dt

    from hivegate.model.targets import Targets


def explain(benchmark: str, targets: Targets, *, today: dt.date) -> Explanation:
    """Find what applies to a benchmark id."""
    budgets = tuple(one for one in targets.regressions if matches(one.benchmark, benchmark))
    waivers = tuple(one for one in targets.waivers if matches(one.benchmark, benchmark))
    return Explanation(
        benchmark=benchmark,
        targets=tuple(one for one in targets.targets if matches(one.benchmark, benchmark)),
        budget=budgets[-1] if budgets else None,
        overridden=budgets[:-1],
        waivers=tuple(one for one in waivers if today < one.expires),
        expired=tuple(one for one in waivers if one.expires <= today),
    )
