"""Targets that cannot both hold, or that say the same twice."""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING, TypeAlias

from hivegate.model.identity import is_wild, matches, rewritten
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.errors import TargetsError
    from hivegate.model.targets import Target
    from hivegate.targets.tree import Node

Entry: TypeAlias = "tuple[Node, Target]"
_MOST_PAIRS = 1_000_000  # compared in about a second


def refuse_contradictions(entries: list[Entry]) -> None:
    """Refuse two targets of one quantity that cannot both hold, or that repeat a limit in one tier.

    Selectors are compared where the answer is certain: one that stands twice, and an id that a wild one matches.
    Takes one look for each entry, and one for each pair of a wild selector and an id with opposite bounds.
    """
    for group in _by_quantity(entries):
        _refuse_repeated(group)
        lows = [entry for entry in group if entry[1].limit.minimum is not None]
        highs = [entry for entry in group if entry[1].limit.maximum is not None]
        _refuse_same(lows, highs)
        _refuse_across(lows, highs)


def _by_quantity(entries: list[Entry]) -> Iterable[list[Entry]]:
    groups: dict[tuple[str, bool], list[Entry]] = {}
    for node, target in entries:
        groups.setdefault((target.metric.name, target.per_operation), []).append((node, target))
    return groups.values()


def _refuse_repeated(group: list[Entry]) -> None:
    """Refuse a bound of one side that a tier states twice for one selector: the looser one would mean nothing."""
    said: dict[tuple[object, ...], Node] = {}
    for node, target in group:
        for side, bound in (("max", target.limit.maximum), ("min", target.limit.minimum)):
            key = (target.benchmark, target.relative_to, target.tier, target.min_cores, side)
            if bound is not None and key in said:
                raise node.refuse(
                    f"duplicates line {said[key].line}: a second {side} for the tier {target.tier}",
                    "keep one of them",
                )
            if bound is not None:
                said[key] = node


def _refuse_same(lows: list[Entry], highs: list[Entry]) -> None:
    """Hold each lower bound against the tightest upper one of the same selector."""
    tightest: dict[tuple[str, str | None], Entry] = {}
    for high in highs:
        key = (high[1].benchmark, high[1].relative_to)
        if key not in tightest or (high[1].limit.maximum or 0.0) < (tightest[key][1].limit.maximum or 0.0):
            tightest[key] = high
    for low in lows:
        opposite = tightest.get((low[1].benchmark, low[1].relative_to))
        if opposite is not None and _opposed(low[1], opposite[1]):
            raise _contradiction(low, opposite)


def _refuse_across(lows: list[Entry], highs: list[Entry]) -> None:
    """Hold the bounds of wild selectors against the opposite ones of the ids that they match."""
    sides = ((_wild(lows), _ids(highs)), (_ids(lows), _wild(highs)))
    if sum(len(some) * len(others) for some, others in sides) > _MOST_PAIRS:
        raise lows[-1][0].refuse(
            f"is one of {len(lows):,} lower bounds against {len(highs):,} upper ones, too many to compare",
            "use selectors that match more benchmarks",
        )
    for low, high in chain.from_iterable(product(some, others) for some, others in sides):
        if _opposed(low[1], high[1]) and (_covers(low[1], high[1]) or _covers(high[1], low[1])):
            raise _contradiction(low, high)


def _wild(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if is_wild(entry[1].benchmark)]


def _ids(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if not is_wild(entry[1].benchmark)]


def _opposed(low: Target, high: Target) -> bool:
    minimum, maximum = low.limit.minimum, high.limit.maximum
    return minimum is not None and maximum is not None and minimum > maximum


def _covers(selector: Target, one: Target) -> bool:
    if not matches(selector.benchmark, one.benchmark):
        return False
    if selector.relative_to is None or one.relative_to is None:
        return selector.relative_to is one.relative_to
    return rewritten(selector.benchmark, one.benchmark, selector.relative_to) == one.relative_to


def _contradiction(low: Entry, high: Entry) -> TargetsError:
    (first, one), (second, other) = sorted((low, high), key=lambda entry: (entry[0].line, entry[0].column))
    return second.refuse(
        f"contradicts line {first.line}: {shown(other.limit.text)} against {shown(one.limit.text)}",
        "no measurement meets both: keep one of them",
    )
