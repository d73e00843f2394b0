"""Waivers: which apply to a verdict, and what readers should know about them, whatever is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.identity import matches
from hivegate.model.targets import ANNOUNCED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from hivegate.model.metric import Metric
    from hivegate.model.targets import RuleKind, Targets, Waiver


def waivers_for(targets: Targets, kind: RuleKind, benchmark: str, metric: Metric) -> Iterable[Waiver]:
    """Find the waivers that name a benchmark under a rule, valid or expired; without a metric it is of every one."""
    for waiver in targets.waivers:
        same_metric = waiver.metric is None or waiver.metric == metric
        if waiver.kind is kind and same_metric and matches(waiver.benchmark, benchmark):
            yield waiver


def waiver_notes(targets: Targets, known: Collection[str], today: dt.date) -> Iterable[str]:
    """Tell which waivers ended, which end soon, and which name none of the known benchmarks."""
    for waiver in targets.waivers:
        if waiver.expires <= today:
            yield f"the waiver of {waiver.owner} for {waiver.benchmark} expired on {waiver.expires} ({waiver.where})"
        elif waiver.expires <= today + ANNOUNCED:
            yield f"the waiver of {waiver.owner} for {waiver.benchmark} expires on {waiver.expires} ({waiver.where})"
        if not any(matches(waiver.benchmark, one) for one in known):
            yield f"the waiver for {waiver.benchmark} names no benchmark of this run ({waiver.where})"
