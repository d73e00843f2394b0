"""Figures of storage, cost and merging as Markdown; each says first whether it was measured, simulated or reasoned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scale import company, cost, merging, storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GIB = 2**30
_PRICES = (0.002, 0.008, 0.016)  # dollars a minute: an own machine's, and what hosted ones have cost
_TARGETS = {"merge": 5.0, "spread": 0.05}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Spell a table; all columns but the first are aligned to the right."""
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def model() -> str:
    """Tell what is assumed, and what follows at once."""
    return "Assumptions, and values computed from them.\n\n" + table(
        ("a company", ""),
        [
            ("repositories", f"{company.REPOSITORIES:,}"),
            ("series: a metric of a benchmark on a kind of machine", f"{company.SERIES:,}"),
            ("of each repository", f"{company.SERIES // company.REPOSITORIES}"),
            ("estimates a year", f"{company.ESTIMATES:,}"),
            ("runs of each repository a year", f"{company.RUNS}"),
            ("gates a day", f"{company.GATES_A_DAY:,.0f}"),
            ("estimates, or verdicts, a day", f"{company.VERDICTS_A_DAY:,.0f}"),
            ("estimates a second", f"{company.VERDICTS_A_DAY / 86_400:.1f}"),
        ],
    )


def kept() -> str:
    """Weigh what is kept, by table."""
    found = storage.read().kept
    rows = [
        (
            f"{name}, bytes a row (of it indexes)",
            *(f"{one.each(name):,.0f} ({one.tables[name].indexes / one.tables[name].rows:,.0f})" for one in found),
        )
        for name in found[0].tables
    ]
    told = [
        ("estimates kept", *(f"{one.estimates:,}" for one in found)),
        *rows,
        ("all of it, bytes an estimate", *(f"{(one.bytes - one.empty) / one.estimates:,.0f}" for one in found)),
        ("an empty database, KiB", *(f"{one.empty / 1024:,.0f}" for one in found)),
    ]
    return "Measured: `nox -s scale -- storage`.\n\n" + table(
        ("a hundredth of the company's year", *(one.database for one in found)), told
    )


def year() -> str:
    """Reckon the company's year."""
    found = storage.read().kept
    verdicts = company.ESTIMATES // 2

    def gib(count: float) -> str:
        return f"{count / _GIB:,.1f}"

    rows = [
        ("estimates, GiB a year", *(gib(one.each("estimates") * company.ESTIMATES) for one in found)),
        ("of it indexes", *(gib(one.tables["estimates"].indexes / one.estimates * company.ESTIMATES) for one in found)),
        ("verdicts, half as many, GiB a year", *(gib(one.each("verdicts") * verdicts) for one in found)),
        (
            "runs, GiB a year",
            *(gib(one.each("runs") * company.REPOSITORIES * company.RUNS) for one in found),
        ),
        ("series and benchmarks, GiB, once", *(gib(_once(one)) for one in found)),
        (
            "all, GiB after a year",
            *(gib((one.bytes - one.empty) / one.estimates * company.ESTIMATES) for one in found),
        ),
        ("a database for each repository, while empty, GiB", *(gib(one.empty * company.REPOSITORIES) for one in found)),
    ]
    return "Computed from the size of a hundredth: bytes per row times rows.\n\n" + table(
        ("the whole company", *(one.database for one in found)), rows
    )


def _once(one: storage.Kept) -> float:
    return one.each("series") * company.SERIES + one.each("benchmarks") * company.SERIES / 2


def verdict() -> str:
    """Tell what a verdict costs, and the company's day."""
    found, merged = cost.read(), merging.read().merged
    minutes = found.seconds / 60
    judged = {one.kind: 1e3 * min(one.cpu) / merging.IDS for one in merged}
    rows = [
        (f"real comparisons of equal code, verdicts of them ({found.equal}): seconds, mean", f"{found.seconds:.1f}"),
        ("median", f"{found.median:.1f}"),
        ("pairs, mean", f"{found.pairs:.1f}"),
        ("seconds a pair, of the whole command", f"{found.a_pair:.2f}"),
        *(
            (f"estimating and judging once after {pairs} pairs, ms of the processor", f"{milliseconds:.2f}")
            for pairs, milliseconds in found.judging.items()
        ),
        ("merging, judging and reporting, ms of the processor a benchmark: a run", f"{judged['runs']:.2f}"),
        ("a comparison", f"{judged['comparisons']:.2f}"),
    ]
    day = company.VERDICTS_A_DAY * minutes
    costs = [
        (
            f"at {price} dollars a minute",
            f"{price * minutes:.5f}",
            f"{price * minutes * 100:.3f}",
            f"{price * day:,.0f}",
        )
        for price in _PRICES
    ]
    return "\n".join(
        (
            "Measured: `nox -s scale -- cost merge`, and `nox -s detection` on two cores.\n",
            table(("a verdict", ""), rows),
            "\nComputed: dollars = verdicts x seconds a verdict / 60 x dollars a minute.\n",
            table(("dollars", "a verdict", "a gate of 100", "the company's day"), costs),
            f"\nThe company's day takes {day:,.0f} runner minutes: {day / 1440:,.1f} machines that measure all day.",
        )
    )


def merged() -> str:
    """Tell how long merging takes, beside what was asked for."""
    found = merging.read()
    rows = [
        (
            f"merge, {one.kind}: {one.mebibytes:.0f} MiB",
            f"{min(one.wall):.1f} ({', '.join(f'{seconds:.1f}' for seconds in one.wall)})",
            f"{min(one.cpu):.1f}",
            f"≤ {_TARGETS['merge']:g} s: {'yes' if max(one.wall) <= _TARGETS['merge'] else '**no**'}",
        )
        for one in found.merged
    ]
    parts = [
        (one.durations, f"{100 * one.spread:.2f} %", "yes" if one.spread <= _TARGETS["spread"] else "**no**")
        for one in found.divided
    ]
    return "\n".join(
        (
            f"Measured: `nox -s scale -- merge`. {merging.IDS:,} benchmarks in {merging.PARTS} shards.\n",
            table(("the whole command", "seconds: least (each)", "of the processor", "target, for the worst"), rows),
            "\nMeasured: the longest part less the shortest, as a share of their mean.\n",
            table(("planned durations", "spread", "≤ 5 %"), parts),
        )
    )
