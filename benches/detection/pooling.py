"""Verdicts taken out of the evidence, one by one, and sifted."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

from detection.rates import Rate, rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detection.evidence import Judged, Said

CALM = 0.008  # pair spread up to which more is asked for


class One(NamedTuple):
    """One rule's verdict on one benchmark of one trial; `rule` names the tool, and the budget where it has one."""

    rule: str
    verdict: str
    said: Said
    suite: str
    trial: int


def verdicts(evidence: Iterable[Judged]) -> list[One]:
    """List all verdicts; of hivegate each budget is a rule of its own."""
    return [
        One(f"{judged.tool} {_named(judged.tool, rule, said.budget)}", verdict, said, judged.suite, judged.trial)
        for judged in evidence
        for said in judged.said
        for rule, verdict in said.verdicts.items()
    ]


def _named(tool: str, rule: str, budget: int) -> str:
    return f"budget {budget} %" if tool == "hivegate" else rule


def slower(found: Iterable[One]) -> Rate:
    """Count who was called slower."""
    return rate(one.verdict == "slower" for one in found)


def called(found: Iterable[One], *names: str) -> Rate:
    """Count who was called one of these."""
    return rate(one.verdict in names for one in found)


def calm(found: Iterable[One]) -> list[One]:
    """Keep what hivegate's own pairs spread little in."""
    return [one for one in found if one.said.spread is not None and one.said.spread <= CALM]


def of(found: Iterable[One], *, rule: str | None = None, dose: int | None = None, kind: str | None = None) -> list[One]:
    """Sift by rule, dose and kind."""
    return [
        one
        for one in found
        if (rule is None or one.rule == rule)
        and (dose is None or one.said.dose == dose)
        and (kind is None or one.said.kind == kind)
    ]


def beside(found: Iterable[One], others: Iterable[One]) -> list[One]:
    """Keep what is of trials that the others judged too."""
    trials = {(one.suite, one.trial) for one in others}
    return [one for one in found if (one.suite, one.trial) in trials]


def median_seconds(found: Sequence[One]) -> float:
    """Compute the median of what a verdict took; nan where there is none."""
    return statistics.median(one.said.seconds for one in found) if found else math.nan


def median_spread(found: Sequence[One]) -> float:
    """Compute the median spread of pairs; nan where there is none."""
    spreads = [one.said.spread for one in found if one.said.spread is not None]
    return statistics.median(spreads) if spreads else math.nan
