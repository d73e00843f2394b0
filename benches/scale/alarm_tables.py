"""Figures of false alarms as Markdown; rates with their 95 % intervals (Wilson) beside what was promised."""

from __future__ import annotations

from detection.rates import Rate
from hivegate.model.statistics import LOOKS, ComparisonStatistics
from hivegate.stats.changepoints import ERROR
from scale import alarms, company, pairs, trends
from scale.evidence import spelled
from scale.tables import table

_BUDGET = 0.02


def compared_with(found: Rate, promised: float) -> str:
    """Say whether the interval of a rate holds what was promised, or lies on one side of it."""
    low, high = found.wilson()
    if high < promised:
        return "below"
    return "**above**" if low > promised else "agrees"


def real_pairs() -> str:
    """Describe real pairs of equal revisions."""
    seen = pairs.seen()
    rows = [
        ("benchmarks, pairs of each", f"{seen.benchmarks}, {pairs.PAIRS}"),
        ("excess kurtosis of a pair (normal: 0)", f"{seen.excess:.1f}"),
        ("correlation of neighbouring pairs", f"{seen.neighbours[0]:+.3f} ± {1.96 * seen.neighbours[1]:.3f}"),
        ("correlation of two benchmarks in one pair", f"{seen.together[0]:+.3f} ± {1.96 * seen.together[1]:.3f}"),
        ("trimmed means, root mean square in standard errors (only chance: 1)", f"{seen.bias:.2f}"),
        ("the largest of them", f"{100 * seen.farthest:+.1f} %"),
    ]
    return "Measured: `nox -s scale -- pairs`; this tree against a copy of itself.\n\n" + table(("pairs", ""), rows)


def layers() -> str:
    """Hold each layer of the error control against what it promises."""
    look, looks, within = alarms.nominal()
    rows = []
    for one in alarms.read().layers:
        every, confirmed, inside = one.rates()
        alone = Rate(sum(one.looks), one.comparisons * len(LOOKS))
        rows.append(
            (
                f"{one.kind}, {100 * one.spread:g} %",
                f"{one.comparisons:,}",
                f"{_brief(alone)}: {compared_with(alone, look)}",
                f"{_brief(every)}: {compared_with(every, looks)}",
                _brief(confirmed),
                f"{_brief(inside)}: {compared_with(inside, within)}",
            )
        )
    heads = (
        "pairs, spread",
        "comparisons",
        f"one look alone, mean of all, promised {100 * look:.3f} %",
        f"all looks, ≤ {100 * looks:g} %",
        "confirmed",
        f"*within*, ≤ {100 * within:g} %",
    )
    return "Simulated: `nox -s scale -- alarms`. Head is slower by exactly the budget.\n\n" + table(heads, rows)


def each_look() -> str:
    """Show every look alone, where pairs are as the bounds assume."""
    normal = [one for one in alarms.read().layers if one.kind == "normal"]
    rows = []
    for place, look in enumerate(LOOKS):
        found = [Rate(one.looks[place], one.comparisons) for one in normal]
        share = ComparisonStatistics().slower_at(look)
        promised = f"{100 * share:.3f} %"
        rows.append((f"{look} pairs", promised, *(f"{spelled(rate)}: {compared_with(rate, share)}" for rate in found)))
    heads = ("one look alone", "promised", *(f"spread {100 * one.spread:g} %" for one in normal))
    return "Simulated, normal pairs, head slower by exactly the budget.\n\n" + table(heads, rows)


def equal() -> str:
    """Count false alarms of whole comparisons of equal revisions, by benchmark and by repository."""
    found = alarms.read()
    rows = [
        (
            f"{one.kind}, budget {100 * one.budget:g} %",
            spelled(one.slower()),
            spelled(Rate(one.alarmed, one.repositories)),
            f"{one.together}",
            f"{one.unconfirmed}",
            f"{100 * one.outcomes.get('inconclusive', 0) / one.verdicts:.2g} %",
            f"{one.pairs:.1f}",
        )
        for one in (*found.equal, *found.boundary)
    ]
    rows[len(found.equal) :] = [
        (row[0].replace("budget", "slower by exactly the budget of"), *row[1:]) for row in rows[len(found.equal) :]
    ]
    heads = (
        "equal revisions",
        "*slower*",
        "repositories with one",
        "most in one",
        "taken back",
        "inconclusive",
        "pairs",
    )
    return (
        f"Simulated: `nox -s scale -- alarms`. Repositories of {alarms.BENCHMARKS} benchmarks, whole comparisons.\n\n"
        + table(heads, rows)
    )


def changed() -> str:
    """Show what small true slowdowns do, for most alarms of a real day are about them."""
    rows = [
        (
            f"{100 * one.change:g} %",
            spelled(one.slower()),
            f"{100 * one.outcomes.get('inconclusive', 0) / one.verdicts:.1f} %",
            f"{one.pairs:.1f}",
        )
        for one in alarms.read().changed
    ]
    return f"Simulated with recorded pairs, budget {100 * _BUDGET:g} %.\n\n" + table(
        ("true slowdown", "*slower*", "inconclusive", "pairs"), rows
    )


def day() -> str:
    """Reckon the company's day."""
    found = alarms.read()
    edge = next(one for one in found.boundary if one.kind == "normal").slower()
    same = [one for one in found.equal if one.budget == _BUDGET]
    all_equal = Rate(sum(one.slower().hits for one in same), sum(one.verdicts for one in same))
    real = next(one for one in same if one.kind == "recorded").slower()
    rows = [
        ("all exactly at their budget, as promised", f"{100 * alarms.nominal()[1]:g} %", _a_day(alarms.nominal()[1])),
        ("the same, simulated, with confirmation", spelled(edge), _between(edge)),
        ("all equal, recorded pairs", spelled(real), _between(real)),
        ("all equal, pairs of all kinds", spelled(all_equal), _between(all_equal)),
    ]
    return (
        f"Computed from the simulated rates, {company.VERDICTS_A_DAY:,.0f} verdicts a day, budget "
        f"{100 * _BUDGET:g} %.\n\n" + table(("the benchmarks of the day", "false alarms", "a day"), rows)
    )


def one_look() -> str:
    """Hold one look at a history against what it promises."""
    rows = []
    for one in trends.read().looks:
        found, drifted, beyond = (Rate(count, one.histories) for count in (one.changed, one.drifted, one.beyond))
        alpha = (1 - trends.CONFIDENCE) / 2
        rows.append(
            (
                f"{one.kind}, {one.runs} runs",
                f"{one.histories:,}",
                f"{_brief(found)}: {compared_with(found, ERROR)}",
                f"{_brief(drifted)}: {compared_with(drifted, alpha)}",
                f"{_brief(beyond)}: {compared_with(beyond, alpha)}",
            )
        )
    heads = (
        "one look",
        "histories",
        f"any change point, ≤ {100 * ERROR:g} %",
        "drift above 0, ≤ 0.5 %",
        "drifted by 5 %, reported as more, ≤ 0.5 %",
    )
    return "Simulated: `nox -s scale -- trends`. Histories in which nothing changes.\n\n" + table(heads, rows)


def a_year() -> str:
    """Count what a year of looks calls, and what the company meets a day."""
    rows = []
    for one in trends.read().years:
        each = one.worse / one.series
        drift = " / ".join(f"{100 * count / one.series:.1f} %" for count in one.drifted)
        rows.append(
            (
                one.kind,
                f"{one.series}",
                f"{each:.2f}",
                spelled(Rate(one.alarmed, one.series)),
                f"{each * company.SERIES / company.DAYS:,.0f}",
                drift,
            )
        )
    limits = " / ".join(f"{100 * limit:g} %" for limit in trends.CREEPS)
    heads = (
        "a year of a series",
        "series",
        "false changes for the worse",
        "series with one",
        "a day in the company",
        f"drift once beyond {limits}",
    )
    together = trends.read().repositories
    return "\n".join(
        (
            "Simulated: `nox -s scale -- trends`; the day is computed from it.\n",
            table(heads, rows),
            f"\nSimulated: {together.repositories} repositories of {together.series} series, half of whose variance is",
            f"shared. A year brought {together.worse} false changes attributed to the code and {together.machine}",
            f"to the machine; {together.alarmed} repositories had any, at most {together.together} at one look.",
        )
    )


def _brief(found: Rate) -> str:
    low, high = found.wilson()
    return f"{100 * found.share:.3g} % ({100 * low:.3g} to {100 * high:.3g})"


def _a_day(share: float) -> str:
    count = round(share * company.VERDICTS_A_DAY, 6)
    return f"{count:,.0f}" if count >= 10 else f"{count:.2g}"


def _between(found: Rate) -> str:
    low, high = found.wilson()
    return f"{_a_day(found.share)} ({_a_day(low)} to {_a_day(high)})"
