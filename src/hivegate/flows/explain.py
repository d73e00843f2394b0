"""hivegate explain: which targets, budgets and waivers apply to a benchmark, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.explanation import Explanation
from hivegate.model.identity import closest, matches
from hivegate.model.targets import ANNOUNCED, REFERENCE

if TYPE_CHECKING:
    import datetime as dt

    from hivegate.model.targets import Targets


def explain(benchmark: str, targets: Targets, *, today: dt.date) -> Explanation:
    """Find what applies to a benchmark id."""
    named = tuple(one for one in targets.targets if matches(one.benchmark, benchmark))
    budgets = tuple(one for one in targets.budgets if matches(one.benchmark, benchmark))
    winning = {one.metric.name if one.metric.exact else "time": one for one in budgets}
    waivers = tuple(one for one in targets.waivers if matches(one.benchmark, benchmark))
    valid = tuple(one for one in waivers if today < one.expires)
    return Explanation(
        benchmark=benchmark,
        targets=named,
        partner_of=tuple(
            one
            for one in targets.targets
            if one.relative_to not in {None, REFERENCE} and matches(one.relative_to or "", benchmark)
        ),
        budget=winning.get("time"),
        exact=tuple(one for kind, one in winning.items() if kind != "time"),
        overridden=tuple(one for one in budgets if one not in winning.values()),
        waivers=valid,
        soon=tuple(one for one in valid if one.expires - today <= ANNOUNCED),
        expired=tuple(one for one in waivers if one.expires <= today),
        near=None if named else closest(benchmark, [one.benchmark for one in targets.targets]),
    )
