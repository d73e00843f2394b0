"""A first targets.yaml, with its reasons beside its numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hivegate.adopt.limits import COMPUTING_ROOM, GROWTH_ROOM, WALL_ROOM, Derived, Kind, Limits
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.quantity import interval, quantity, round_quantity
from hivegate.report.escape import printable
from hivegate.targets.reference_text import with_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.diagnosis import Noise
    from hivegate.model.run import Run
    from hivegate.model.targets import SpeedReference

SCHEMA_HINT = "# yaml-language-server: $schema=.hivegate/targets.schema.json"
_SPARE = 1.5
_BUDGETS = (0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
_UNKNOWN_BUDGET = 0.05
_LONGEST = 300
_TITLES = {
    Kind.COMPUTING: f"""\
  # Code that only computes, at the speed of the machine above: elsewhere times are taken to its speed before they are
  # held against a limit. Headroom: the spread between passes, now and later, and a factor of {COMPUTING_ROOM:g}.""",
    Kind.WALL: f"""\
  # Code that waits or uses threads, as it was measured, which the machine's speed may change. Headroom: the spread
  # between passes, now and later, and a factor of {WALL_ROOM:g}. Tighten what you promise.""",
    Kind.COMPLEXITY: f"""\
  # The exponent of time over size: 1 is linear, 2 is quadratic. Headroom: the spread between passes, now and
  # later, and {GROWTH_ROOM:g}.""",
}


def targets_text(run: Run, limits: Limits, noise: Noise | None, reference: SpeedReference | None = None) -> str:
    """Format the file: limits by kind, what could not be measured as comments, and the budget of comparisons.

    Limits at the speed of a `reference` stand below its reading.
    """
    text = "\n".join([*_head(run, limits), *_targets(limits), "", *_budget(noise)]) + "\n"
    if reference is None or not any(one.kind is Kind.COMPUTING for one in limits.derived):
        return text
    return with_reference(text, "targets.yaml", [reference])


def budget_of(noise: Noise | None) -> float:
    """Choose the smallest round budget, from 2 %, that can be judged at the machine's noise, and at a little more.

    The noise of another quarter of an hour differs: what `init` writes must not be what `doctor` then calls too tight.
    """
    if noise is None:
        return _UNKNOWN_BUDGET
    return next((one for one in _BUDGETS if one >= _SPARE * noise.least_budget), _BUDGETS[-1])


def _head(run: Run, limits: Limits) -> Iterator[str]:
    where = ", ".join(
        part
        for part in (
            f"{run.environment.implementation} {run.environment.python}" if run.environment.python else "",
            printable(run.environment.cpu or "", 60),
            f"{run.environment.cores} cores" if run.environment.cores else "",
        )
        if part
    )
    fewest = min((len(one.values) for one in limits.derived), default=limits.passes)
    passes = f"{fewest} to {limits.passes}" if fewest < limits.passes else str(limits.passes)
    passes += " pass" if passes == "1" else " passes"
    alone = " (assumed: one pass has no spread)" if limits.passes == 1 else ""
    yield SCHEMA_HINT
    yield "# Targets of `hivegate bench`. `hivegate explain ID` shows which of them apply to a benchmark."
    yield f"# Limits derived by `hivegate init`: {passes} on {(run.created or '')[:10]}, {where};"
    yield f"# from pass to pass a benchmark usually differs by {limits.spread * 100:.2g} %{alone}."
    yield "# They describe what was measured. Change them to what you promise."
    yield "schema: 1"


def _targets(limits: Limits) -> Iterator[str]:
    yield "targets:" if limits.derived else "targets: []"
    for kind in Kind:
        found = [one for one in limits.derived if one.kind is kind]
        if found:
            yield _TITLES[kind]
            for one in found:
                yield f"  - {{{_entry(one)}}}  # {_measured(one)}"
    if limits.unsteady:
        yield "  # Without a limit, because their passes differ too much on this machine (interference?):"
    for one in limits.unsteady:
        yield f"  # - {printable(one.benchmark, _LONGEST)}: {_measured(one)}"
    if limits.unmeasured:
        yield "  # Without a limit, because they could not be measured:"
    for name, outcome, detail in limits.unmeasured:
        yield f"  # - {printable(f'{name}: {outcome.value}: {detail}'.removesuffix(': '), _LONGEST)}"


def _entry(one: Derived) -> str:
    assert one.maximum is not None  # noqa: S101  else it is told as unsteady
    words = [f"benchmark: {json.dumps(one.benchmark, ensure_ascii=False)}"]
    if one.kind is Kind.COMPLEXITY:
        words.append("metric: complexity")
    if one.kind is Kind.COMPLEXITY:
        words.append(f"max: {one.maximum:.7g}")
    else:
        words.append(f"max: {round_quantity(one.maximum, Dimension.SECONDS, like=one.maximum)}")
    if one.kind is Kind.WALL:
        words.append("speed: as measured")
    if one.min_cores is not None:
        words.append(f"min_cores: {one.min_cores}")
    return ", ".join(words)


def _measured(one: Derived) -> str:
    dimension = Dimension.NUMBER if one.kind is Kind.COMPLEXITY else Dimension.SECONDS
    seen = Estimate(value=one.value, low=min(one.values), high=max(one.values), n=len(one.values))
    told = f"{quantity(one.value, dimension)} ({interval(seen, dimension)})"
    if one.kind is Kind.COMPLEXITY or one.maximum is None or not one.value:
        return f"measured {told}"
    where = " on the reference machine" if one.kind is Kind.COMPUTING else ""
    return f"{one.maximum / one.value:.1f} x of {told}{where}"


def _budget(noise: Noise | None) -> Iterator[str]:
    budget = budget_of(noise)
    yield "# How much slower than its base a revision may be (`hivegate compare`)."
    if noise is None:
        yield f"# The noise of this machine could not be measured, so this is a guess of {budget * 100:g} %."
    else:
        seen = (1 + budget) / (1 + noise.budget) * (1 + noise.visible) - 1
        spread, least, finds = (f"{share * 100:.2g} %" for share in (noise.spread, noise.least_budget, seen))
        yield f"# Here {noise.pairs} {noise.manner} pairs of equal work differ by {spread}: the smallest usable budget"
        yield f"# is {least}, and this one detects slowdowns from {finds}."
        yield "# `hivegate aa-test` reports the same for your benchmarks."
    yield "budgets:"
    yield f'  - {{benchmark: "*", budget: {budget * 100:g} %}}'
