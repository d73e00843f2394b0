"""What was found in two environments, as a page."""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Two environments

Written by `nox -s proofs -- environments` from what it measured, `environments.jsonl`. All is taken through the
command, with a budget and an end as its only options. The machine had two cores, shared with other work; its load
stands beside what was measured.
"""


class Trial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One benchmark of one comparison: what was to be found, and what was; `told` is what the report says differs.

    `own` is head over base by an independent timing, where there was one: by the least of all processes, and by the
    median of pairs.
    """

    study: str
    name: str
    benchmark: str = ""
    expected: str
    outcome: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    own: tuple[float, float] | None = None
    pairs: int | None = None
    seconds: float
    load: float
    told: str = ""

    @property
    def good(self) -> bool:
        """Whether it ended as it should, where something is expected of it."""
        return self.expected in {"", self.outcome}


def render(trials: list[Trial]) -> str:
    """Write the page, of what there is."""
    of = {study: [one for one in trials if one.study == study] for study in ("lock", "releases", "compiled", "spread")}
    parts = [_HEAD]
    parts += _lock(of["lock"]) if of["lock"] else []
    parts += _releases(of["releases"]) if of["releases"] else []
    parts += _compiled(of["compiled"]) if of["compiled"] else []
    parts += _spread(of["spread"]) if of["spread"] else []
    return "\n".join(parts)


def _lock(trials: list[Trial]) -> Iterator[str]:
    yield "## Commits that change a lock alone\n"
    yield "A dependency, of four kinds of code, is 5 % slower in its next release, or equal; the budget is 2 %.\n"
    yield "| lock | next release | comparisons | outcomes | pairs | seconds | load |\n|---|---|---|---|---|---|---|"
    kinds = sorted({(one.name.partition(", ")[2], one.expected) for one in trials})
    for kind, expected in kinds:
        found = [one for one in trials if (one.name.partition(", ")[2], one.expected) == (kind, expected)]
        outcomes = ", ".join(f"{number} {name}" for name, number in Counter(one.outcome for one in found).most_common())
        pairs = statistics.median(one.pairs or 0 for one in found)
        seconds = statistics.median(one.seconds for one in found)
        change = "5 % slower" if expected == "slower" else "equal"
        yield f"| `{kind}` | {change} | {len(found)} | {outcomes} | {pairs:g} | {seconds:.0f} | {_loads(found)} |"
    slower = [one for one in trials if one.outcome == "slower"]
    named = sum("library 1." in one.told for one in slower)
    yield f"\n{named} of the {len(slower)} that are slower name the package and both versions."
    yield "Pairs and seconds are medians of comparisons; seconds include both environments.\n"


def _releases(trials: list[Trial]) -> Iterator[str]:
    yield "## Releases of public packages\n"
    yield "Beside an independent timing of the same calls in the same environments: fresh processes in turn, processor"
    yield "time, the least of all and the median of twelve pairs.\n"
    yield "| release | call | outcome at 5 % | change | independent: least, median | pairs | load |"
    yield "|---|---|---|---|---|---|---|"
    for one in trials:
        call = one.benchmark.partition("/")[0]
        yield f"| {one.name} | {call} | {one.outcome} | {_change(one)} | {_own(one)} | {one.pairs or ''} | {one.load} |"
    yield ""


def _compiled(trials: list[Trial]) -> Iterator[str]:
    yield "## Compiled projects\n"
    yield "From their source distributions: a commit that changes no code, and one that puts work into the compiled"
    yield "code: 5 % were meant, what came of it the independent timing says. The budget is 2 %.\n"
    yield "| project | commit | outcome | change | independent: least, median | pairs | seconds | load |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in trials:
        name, _, commit = one.name.rpartition(", ")
        change = "work put in" if commit == "slower" else "unchanged"
        yield (
            f"| {name} | {change} | {one.outcome} | {_change(one)} | {_own(one)} | {one.pairs or ''} | "
            f"{one.seconds:.0f} | {one.load} |"
        )
    yield ""


def _spread(trials: list[Trial]) -> Iterator[str]:
    yield "## The spread of pairs\n"
    yield "Equal code in pairs that were forked, and in two environments of equal packages, by turns: the standard"
    yield "deviation of the log of head over base in one pair, and the ratio of both with its interval of 95 %"
    yield "(bootstrap over pairs).\n"
    yield "| kind | pairs, each way | forked | two environments | ratio | load |\n|---|---|---|---|---|---|"
    logs: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in trials:
        if one.ratio is not None:
            kind, way = one.benchmark.partition("_")[0], one.name.partition(" ")[0]
            logs[kind, way][one.benchmark].append(math.log(one.ratio))
    for kind in sorted({kind for kind, _ in logs}):
        forked, apart = logs[kind, "forked"], logs[kind, "environments"]
        if not forked or not apart:
            continue
        chance = random.Random(kind)  # noqa: S311  a simulation
        ratios = sorted(_deviation(_drawn(apart, chance)) / _deviation(_drawn(forked, chance)) for _ in range(1000))
        number = min(sum(map(len, each.values())) for each in (forked, apart))
        ratio = _deviation(apart) / _deviation(forked)
        here = [one for one in trials if one.benchmark.startswith(f"{kind}_")]
        yield (
            f"| {kind} | {number} | {_deviation(forked):.2%} | {_deviation(apart):.2%} | "
            f"{ratio:.2f} ({ratios[25]:.2f} .. {ratios[974]:.2f}) | {_loads(here)} |"
        )
    yield ""


def _deviation(logs: dict[str, list[float]]) -> float:
    return math.sqrt(statistics.fmean(statistics.variance(each) for each in logs.values()))


def _drawn(logs: dict[str, list[float]], chance: random.Random) -> dict[str, list[float]]:
    return {name: chance.choices(each, k=len(each)) for name, each in logs.items()}


def _change(one: Trial) -> str:
    if one.ratio is None or one.low is None or one.high is None:
        return one.told[-80:].replace("\n", " ")
    return f"{one.ratio - 1:+.1%} ({one.low - 1:+.1%} .. {one.high - 1:+.1%})"


def _own(one: Trial) -> str:
    return "" if one.own is None else f"{one.own[0] - 1:+.1%}, {one.own[1] - 1:+.1%}"


def _loads(trials: list[Trial]) -> str:
    loads = [one.load for one in trials]
    return f"{min(loads):g} .. {max(loads):g}"
