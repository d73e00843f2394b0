"""Limits from a first measurement: how far each may go before it is no longer the machine."""

from __future__ import annotations

import enum
import math
import re
from statistics import median, median_low, stdev
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.instruments import METRICS
from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.identity import matches
from hivegate.model.run import TestOutcome
from hivegate.model.targets import AtSpeed, Limit, SpeedReference, Target, Targets
from hivegate.stats.complexity import SIZES_NEEDED
from hivegate.stats.distributions import student_quantile
from hivegate.stats.interval import per_look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.run import Benchmark, Run, Sample
    from hivegate.model.target_estimate import TargetEstimate

# What changes beyond any noise. The interval of a time at the reference's speed holds what another machine does to it,
# so its room is for what the next release of anything does; a wall time's is for that and for the machine's speed too,
# 1.9 from one state of a recorded machine to the other (docs/explanation/statistics.md, Limits that init writes).
COMPUTING_ROOM = 1.3
WALL_ROOM = 2.5
GROWTH_ROOM = 0.2  # between n and n log n lies 0.1 to 0.2, between n and n squared 1
_LEAST_COMPLEXITY = 0.3  # below, the number is no size: the time hardly follows it
_LEAST_FIT = 0.9  # of the variance of log time that the size explains
_CALM = (0.9, 1.1)  # processor time over wall time of code that only computes, in one thread
_WAITING = 0.5  # voluntary context switches a call; code that waits makes at least one
_FARTHEST = math.log(5.0)  # for noise alone; a limit farther off would hold for any code
_FARTHEST_COMPLEXITY = 0.5
_PRIOR = 4  # passes' worth of what is usual


class Kind(enum.Enum):
    """What a limit is measured in."""

    COMPUTING = "time at the reference's speed"
    WALL = "wall time"
    COMPLEXITY = "exponent over the size"


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: the benchmark or the sizes that it is for, the largest value allowed, and what was measured.

    `values` are one a pass, in the limit's own measure. `maximum` is None where they vary too much to say anything.
    """

    benchmark: str
    kind: Kind
    value: float
    values: tuple[float, ...]
    maximum: float | None
    min_cores: int | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """All limits, what could not be measured or varied too much, and the usual spread from pass to pass.

    `spread` is a standard deviation of the logarithm, assumed where there was a single pass.
    """

    derived: tuple[Derived, ...]
    unsteady: tuple[Derived, ...] = ()
    unmeasured: tuple[tuple[str, TestOutcome, str], ...] = ()
    spread: float
    passes: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How `hivegate bench` will judge: passes in its first look, looks at most, confidence."""

    passes: int
    looks: int
    confidence: float = 0.99


def derive_limits(run: Run, plan: Plan, reference: SpeedReference | None = None) -> Limits:
    """Derive a limit for every benchmark that was measured in all passes, on the machine of a `reference`.

    A limit is what was measured, widened by how unsure that is and by the interval that a later run will have, then by
    the room that other machines need, and rounded up. Code that only computes is measured at the reference's speed,
    where there is one, what waits or starts threads in wall time, and every family of sizes also by its complexity.
    """
    bad = {one.id: found for one in run.benchmarks if (found := _unmeasured(one)) is not None}
    good = [one for one in run.benchmarks if one.id not in bad]
    kinds = {one.id: Kind.COMPUTING if reference and _only_computes(one) else Kind.WALL for one in good}
    asked = [_target(one.id, kinds[one.id]) for one in good] + [
        _target(name, Kind.COMPLEXITY) for name in families(good)
    ]
    targets = Targets(
        targets=tuple(asked),
        source="init",
        confidence=plan.confidence,
        reference=() if reference is None else (reference,),
    )
    answers = estimate_targets(targets, run)
    spreads = [_spread(one.values) for one in answers if one.target.metric.name != "complexity"]
    usual = _usual([one for one in spreads if one is not None])
    known = {one.id: one for one in good}
    derived = [_derived(one, plan, usual, known, kinds) for one in answers if _answers(one)]
    return Limits(
        derived=tuple(one for one in derived if one.maximum is not None),
        unsteady=tuple(one for one in derived if one.maximum is None),
        unmeasured=tuple((name, *found) for name, found in bad.items()),
        spread=usual,
        passes=max((len(one.samples) for one in run.benchmarks), default=0),
    )


def _usual(spreads: list[float]) -> float:
    return median_low(spreads) if spreads else Targets(source="").assumed_spread


def round_up(value: float) -> float:
    """Round up to a number that a person would write: two digits."""
    size = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / size * (1 - 1e-9)) * size:.3g}")


def families(benchmarks: list[Benchmark]) -> Iterator[str]:
    """Name the families of sizes, by selectors that match them alone: three different sizes or more each."""
    members: dict[str, list[Benchmark]] = {}
    for one in benchmarks:
        selector = _without_size(one)
        if selector is not None:
            members.setdefault(selector, []).append(one)
    for selector, found in members.items():
        ids = {one.id for one in benchmarks if matches(selector, one.id)}
        sizes = {one.size for one in found}
        if len(sizes) >= SIZES_NEEDED and len(sizes) == len(found) and ids == {one.id for one in found}:
            yield selector


def _without_size(one: Benchmark) -> str | None:
    """Replace the one parameter that is the size by a star; None where none or several are."""
    head, bracket, rest = one.id.partition("[")
    if not bracket or one.size is None or one.size <= 0:
        return None
    words = rest.removesuffix("]").split("-")
    places = [place for place, word in enumerate(words) if re.fullmatch(r"[\d._]+", word) and _same(word, one.size)]
    if len(places) != 1:
        return None
    words[places[0]] = "*"
    return f"{head}[{'-'.join(words)}]"


def _same(word: str, size: float) -> bool:
    try:
        return float(word) == size
    except ValueError:
        return False


def _target(name: str, kind: Kind) -> Target:
    metric = METRICS["complexity" if kind is Kind.COMPLEXITY else "p50"]
    unlimited = Limit(dimension=metric.dimension, text="")
    speed = AtSpeed.REFERENCE if kind is Kind.COMPUTING else AtSpeed.MEASURED
    return Target(benchmark=name, metric=metric, limit=unlimited, speed=speed, where="init")


def _answers(answer: TargetEstimate) -> bool:
    if not isinstance(answer.found, Estimate):
        return False
    if answer.target.metric.name != "complexity":
        return True
    return answer.found.value >= _LEAST_COMPLEXITY and _fit(answer) >= _LEAST_FIT


def _fit(answer: TargetEstimate) -> float:
    sizes = np.log([one.size for one in answer.sizes])
    times = np.log([median(one.values) for one in answer.sizes])
    spread = float(times.std())
    return 0.0 if spread == 0 else float(np.corrcoef(sizes, times)[0, 1]) ** 2


def _derived(
    answer: TargetEstimate, plan: Plan, usual: float, known: dict[str, Benchmark], kinds: dict[str, Kind]
) -> Derived:
    assert isinstance(answer.found, Estimate)  # noqa: S101  `_answers` has seen to it
    value, complexity = answer.found.value, answer.target.metric.name == "complexity"
    reach = _reach(answer.values, plan, usual, complexity=complexity)
    steady = reach <= (_FARTHEST_COMPLEXITY if complexity else _FARTHEST)
    if complexity:
        maximum = math.ceil((value + reach + GROWTH_ROOM) * 20 - 1e-9) / 20 if steady else None
        return Derived(
            benchmark=answer.benchmark, kind=Kind.COMPLEXITY, value=value, values=answer.values, maximum=maximum
        )
    benchmark = known[answer.benchmark]
    kind = kinds[answer.benchmark]
    room = COMPUTING_ROOM if kind is Kind.COMPUTING else WALL_ROOM
    return Derived(
        benchmark=answer.benchmark,
        kind=kind,
        value=value,
        values=answer.values,
        maximum=round_up(value * math.exp(reach) * room) if steady else None,
        min_cores=benchmark.parallelism if (benchmark.parallelism or 1) > 1 else None,
    )


def _reach(values: tuple[float, ...], plan: Plan, usual: float, *, complexity: bool) -> float:
    """Return how far above a first value the upper end of a later interval lies, at most: both are uncertain.

    The spread of a few passes is little known, so it is drawn to what is usual in this suite, as if that had been seen
    in some passes more (moderated as in limma, Smyth 2004).
    """
    freedom, own = max(len(values) - 1, 0), _spread(values, complexity=complexity) or 0.0
    prior = _PRIOR if not complexity or freedom == 0 else 0
    spread = math.sqrt((freedom * own**2 + prior * usual**2) / (freedom + prior))
    now = student_quantile((1 - plan.confidence) / 2, freedom + prior) / math.sqrt(len(values))
    later = student_quantile((1 - per_look(plan.confidence, plan.looks)) / 2, freedom + prior) / math.sqrt(plan.passes)
    return (now + later) * spread


def _spread(values: tuple[float, ...], *, complexity: bool = False) -> float | None:
    """Compute the standard deviation over passes: of the logarithm, but of an exponent itself."""
    if len(values) < 2:  # noqa: PLR2004  one value has no spread
        return None
    return stdev(value if complexity else math.log(value) for value in values)


def _unmeasured(benchmark: Benchmark) -> tuple[TestOutcome, str] | None:
    bad = next((one for one in benchmark.samples if one.outcome is not TestOutcome.MEASURED), None)
    if bad is not None:
        return bad.outcome, bad.detail
    return None if benchmark.samples else (TestOutcome.NOT_MEASURED, "")


def _only_computes(benchmark: Benchmark) -> bool:
    return (benchmark.parallelism or 1) == 1 and all(_computes(one) for one in benchmark.samples)


def _computes(sample: Sample) -> bool:
    """Return whether all of the time is processor time of one thread, but for what others took of it."""
    if not sample.cpu or not sample.wall or not sample.reference or sample.switches is None or not sample.rounds:
        return False
    share = sample.cpu / sample.wall
    calls = sample.wall / median(sample.rounds)
    return share <= _CALM[1] and (share >= _CALM[0] or sample.switches < _WAITING * calls)
