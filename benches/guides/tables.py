"""The tables of figures in the guides, each made of the kept run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from guides.claims import gain, scenario_counts, sizes_of
from guides.measured import SPREAD
from guides.seed import load_seed
from guides.spelling import spell, table
from hivegate.model.metric import Dimension
from hivegate.model.quantity import quantity
from hivegate.model.verdict import Outcome
from hivegate.report.headline import counts, machine, method
from hivegate.report.view import row, view

if TYPE_CHECKING:
    from guides.measured import Measured
    from hivegate.model.estimate import Estimate
    from hivegate.model.verdict import Verdict

HIVE, SWARM, PRIMITIVES = "hive_coordination", "swarm_coordination", "swarm_primitives"
_COMPLEXITYS = (  # scenarios whose cost should grow in a known way, and their textbook partners
    (f"{PRIMITIVES}/snapshot_writes[*]", "O(n)"),
    (f"{PRIMITIVES}/commutative_aggregation[*]", "O(n)"),
    (f"{PRIMITIVES}/commutative_aggregation_stepwise[*]", "O(n²), the textbook's"),
    (f"{PRIMITIVES}/conditional_aggregation[*]", "O(n)"),
    (f"{PRIMITIVES}/conditional_aggregation_stepwise[*]", "O(n²), the textbook's"),
    (f"{PRIMITIVES}/conflict_detection[*]", "O(n)"),
    (f"{PRIMITIVES}/conflict_detection_pairwise[*]", "O(n²), the textbook's"),
    (f"{PRIMITIVES}/priority_scheduling[*]", "O(n) for n tasks"),
    (f"{PRIMITIVES}/priority_scheduling_heap[*]", "O(n log n), the textbook's"),
    (f"{PRIMITIVES}/scheduler_queue_depth[*]", "O(1)"),
    (f"{PRIMITIVES}/scheduling_hint_sorting[*]", "O(n log n)"),
    (f"{HIVE}/conflict_detection_near[*]", "O(terms)"),
    (f"{HIVE}/conflict_detection[*]", "O(terms + conflicts), and conflicts grow with the square of the packs here"),
    (f"{HIVE}/conflict_detection_pairwise[*]", "O(packs²), the textbook's"),
    (f"{HIVE}/consensus_latency[*]", "O(terms + conflicts)"),
    (f"{HIVE}/consensus_latency_textbook[*]", "O(packs²), the textbook's"),
    (f"{SWARM}/dependency_resolution[*]", "O(stages + edges)"),
    (f"{SWARM}/pipeline_overhead[*]", "O(stages + edges)"),
    (f"{SWARM}/artifact_conversion[*]", "O(text)"),
)


def about(measured: Measured) -> str:
    """Say what was run, where and how, and what the contract says."""
    run = measured.claims
    assert run.commit is not None
    assert run.created is not None
    return (
        f"Measured {run.created[:10]} at commit `{run.commit.sha[:10]}`: {len(_benchmarks(measured))} benchmarks, "
        f"{method(run)}; {machine(run)}. "
        f"By the contract in `targets.yaml`: {measured.contract.outcome.value} ({counts(measured.contract)})."
    )


def goals(measured: Measured) -> str:
    """List the seed's criteria of success, each with what was measured."""
    return table(
        ("goal", "limit", "measured", ""),
        [
            (f"`{one.benchmark}` {row(one).metric}", row(one).limit, _value(one), _mark(one))
            for one in measured.claims.verdicts
            if one.tier == "goal"
        ],
    )


def scenarios(measured: Measured) -> str:
    """List every scenario of the seed at its smallest and largest size."""
    return table(
        ("scenario", "sizes", "p50 of a call, smallest", "p50 of a call, largest", "exponent"),
        [_scenario(measured, claim.scenario) for claim in load_seed().claim if claim.kind == "sizes"]
        + [
            (
                "`integrated/integrated_suite`",
                "10 vocabularies",
                spell(_p50(measured, "integrated/integrated_suite")),
                "",
                "",
            )
        ],
    )


def predictions(measured: Measured, *prefixes: str) -> str:
    """List the predictions whose claims begin so, beside what was measured."""
    seed = {one.id: one for one in load_seed().claim}
    rows = []
    for verdict in measured.claims.verdicts:
        name, _, variant = (verdict.name or "").partition(": ")
        if name.startswith(prefixes):
            rows.append((seed[name].said, variant, _value(verdict), _mark(verdict)))
    return table(("predicted", "measured as", "measured", ""), rows)


def complexity(measured: Measured) -> str:
    """List the exponents of the scenarios that should grow in a known way."""
    return table(
        ("benchmarks", "expected", "exponent"),
        [
            (f"`{name}`", expected, spell(measured.levels[name]["complexity"], "complexity"))
            for name, expected in _COMPLEXITYS
            if "complexity" in measured.levels.get(name, {})
        ],
    )


def contract(measured: Measured) -> str:
    """List every target of the contract with what was measured and its headroom."""
    rows = [row(one) for one in measured.contract.verdicts]
    rows.sort(key=lambda one: math.inf if one.headroom is None else one.headroom)
    return table(
        ("target", "tier", "limit", "measured", "headroom", ""),
        [
            (
                one.title if one.title != one.benchmark else f"`{one.benchmark}` {one.brief}",
                one.tier,
                one.limit,
                f"{one.value} ({one.interval})" if one.interval else one.value,
                f"{one.headroom:.3g}x" if one.headroom else "",
                one.outcome.value,
            )
            for one in rows
        ],
    )


def closest(measured: Measured) -> str:
    """List the three targets closest to their limit, each with where py-spy saw its time go."""
    parts = []
    for place, one in enumerate(view(measured.contract).closest, 1):
        name = f"`{one.benchmark}`" if one.title == one.benchmark else f"**{one.title}** (`{one.benchmark}`)"
        parts.append(f"{place}. {name}, {one.brief}: {one.value}, limit {one.limit}; {one.outcome.value}.")
        parts += [
            f"   - {cause.share * 100:.0f} % in `{cause.function}`, `{cause.file}:{cause.line}`"
            for cause in measured.causes.get(one.benchmark, ())
        ]
    return "\n".join(parts)


def resources(measured: Measured) -> str:
    """List what one call of the memory scenarios allocates."""
    rows = []
    for name, found in measured.levels.items():
        if "peak_memory" in found or "allocations" in found:
            rows.append(
                (
                    f"`{name}`",
                    spell(found.get("peak_memory"), "peak_memory"),
                    spell(found.get("allocations"), "allocations"),
                )
            )
    return table(("benchmark", "peak memory of a call", "allocations of a call"), rows)


def sizes(measured: Measured, *names: str, metric: str = "p50") -> str:
    """Put scenarios side by side over their sizes."""
    groups = {name: measured.group(name, metric) for name in names}
    over = sorted({size for group in groups.values() for size in group}, key=float)
    return table(
        ("size", *(f"`{name.partition('/')[2]}`" for name in names)),
        [(size, *(spell(groups[name].get(size), metric) for name in names)) for size in over],
    )


def gains(measured: Measured, new: str, old: str, shown: str, metric: str = "p50") -> str:
    """Put an optimisation beside its textbook partner at every size, and what it is worth there."""
    ours, theirs = measured.group(new, metric), measured.group(old, metric)
    rows = [
        (
            size,
            spell(theirs[size], metric),
            spell(ours[size], metric),
            gain(shown, ours[size].value / theirs[size].value),
        )
        for size in sorted(ours.keys() & theirs.keys(), key=float)
    ]
    return table(("size", f"`{old.partition('/')[2]}`", f"`{new.partition('/')[2]}`", "gain"), rows)


def spread(measured: Measured) -> str:
    """Say how far the medians of passes spread, and what else computed: what this machine could tell."""
    spreads = sorted(found[SPREAD].value for found in measured.levels.values() if SPREAD in found)
    middle, most = spreads[len(spreads) // 2], spreads[int(len(spreads) * 0.9)]
    text = (
        f"Between passes the medians spread by {middle:.1%} in the median benchmark, by {most:.1%} in the ninth of ten."
    )
    if measured.load is not None:
        cores = measured.claims.environment.cores
        text += f" When the run began, the load from other work was {measured.load:.1f} on {cores} cores."
    return text.replace("%", " %")


def coverage(measured: Measured) -> str:
    """Count the scenarios of the seed that each suite measures."""
    found = scenario_counts(measured)
    return table(
        ("suite", "scenarios"),
        [*((f"`{suite}`", str(count)) for suite, count in found.items()), ("all", str(sum(found.values())))],
    )


def _benchmarks(measured: Measured) -> list[str]:
    return [name for name in measured.levels if not name.endswith("[*]")]


def _p50(measured: Measured, benchmark: str) -> Estimate:
    return measured.level(benchmark)


def _scenario(measured: Measured, name: str) -> tuple[str, ...]:
    group = measured.group(name)
    over = sorted(group, key=float)
    complexity = measured.levels.get(f"{name}[*]", {}).get("complexity")
    exponent = "" if complexity is None else quantity(complexity.value, Dimension.NUMBER)
    return (f"`{name}`", ", ".join(sizes_of(name, measured)), spell(group[over[0]]), spell(group[over[-1]]), exponent)


def _value(verdict: Verdict) -> str:
    one = row(verdict)
    return f"{one.value} ({one.interval})" if one.interval else one.value


def _mark(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.FAILED and verdict.tier != "goal" and verdict.estimate and verdict.limit:
        low = verdict.limit.minimum is not None and verdict.estimate.high < verdict.limit.minimum
        return "wrong: less" if low else "wrong: more"
    return {Outcome.PASSED: "met" if verdict.tier == "goal" else "holds", Outcome.FAILED: "missed"}.get(
        verdict.outcome, verdict.outcome.value
    )
