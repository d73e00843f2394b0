"""Find which targets, budgets and waivers apply to a benchmark, and why."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.workspace import measured_benchmarks
from hivegate.instruments import TIMER, budget_kind
from hivegate.model.explanation import Explanation
from hivegate.model.identity import benchmark_id, closest, matches
from hivegate.model.targets import ANNOUNCED, REFERENCE
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.targets import Budget, Target, Targets, Waiver


def explain(project: Project, benchmark: str, *, targets: Path | None = None) -> Explanation:
    """Find what applies to a benchmark today, by its id or pytest's node id, as ``hivegate explain`` does.

    `targets` is the targets file, by default the project's. Raises `TargetsError` for a wrong one, and `UsageError` for
    an id that neither it nor a result of this project names.
    """
    loaded = load_targets(project.targets_file(targets))
    measured = measured_benchmarks(project.folder)
    if ".py::" in benchmark:
        benchmark = benchmark_id(benchmark, project.roots)
    else:
        _refuse_unknown(benchmark, loaded, measured)
    explained = _explain(benchmark, loaded, today=dt.datetime.now(dt.UTC).date())
    return msgspec.structs.replace(explained, known=_is_named(benchmark, loaded) or bool(measured))


def _is_named(benchmark: str, targets: Targets) -> bool:
    rules: tuple[Target | Budget | Waiver, ...] = (*targets.targets, *targets.budgets, *targets.waivers)
    return any(rule.benchmark != "*" and matches(rule.benchmark, benchmark) for rule in rules)


def _refuse_unknown(benchmark: str, targets: Targets, measured: frozenset[str]) -> None:
    if measured and not _is_named(benchmark, targets) and benchmark not in measured:
        near = closest(benchmark, sorted(measured))
        raise UsageError(
            f"no benchmark is called {benchmark!r}, by targets.yaml and the latest results",
            hint=f"did you mean {near}?" if near else "list them: hivegate run --collect-only",
        )


def _explain(benchmark: str, targets: Targets, *, today: dt.date) -> Explanation:
    named = tuple(target for target in targets.targets if matches(target.benchmark, benchmark))
    budgets = tuple(budget for budget in targets.budgets if matches(budget.benchmark, benchmark))
    winning = {budget_kind(budget.metric): budget for budget in budgets}
    waivers = tuple(waiver for waiver in targets.waivers if matches(waiver.benchmark, benchmark))
    valid = tuple(waiver for waiver in waivers if today < waiver.expires)
    return Explanation(
        benchmark=benchmark,
        targets=named,
        partner_of=tuple(
            target
            for target in targets.targets
            if target.relative_to not in {None, REFERENCE} and matches(target.relative_to or "", benchmark)
        ),
        budget=winning.get(TIMER.name),
        exact=tuple(budget for kind, budget in winning.items() if kind != TIMER.name),
        overridden=tuple(budget for budget in budgets if budget not in winning.values()),
        waivers=valid,
        soon=tuple(waiver for waiver in valid if waiver.expires - today <= ANNOUNCED),
        expired=tuple(waiver for waiver in waivers if waiver.expires <= today),
        near=None if named else closest(benchmark, [target.benchmark for target in targets.targets]),
        tiers=targets.tiers,
        inconclusive=targets.inconclusive,
    )
