"""The claims of the seed, each beside what was measured, counted, or is not to be known."""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING

import msgspec

from guides.measured import GUIDES, ROOT, SPREAD
from guides.seed import Claim, load_seed
from hivegate.model.metric import Dimension
from hivegate.model.quantity import interval, quantity
from hivegate.model.verdict import Outcome
from hivegate.report.messages import reason_text
from hivegate.report.view import shown_dimension

if TYPE_CHECKING:
    from guides.measured import Measured
    from hivegate.model.estimate import Estimate
    from hivegate.model.verdict import Verdict

_LEAST = 10e-6  # seconds of a call from which on the seed's spread is asked for
_OPPOSITE = {"less": "more", "more": "less"}
_GUIDES = ("INDEX", "BENCHMARK_RESULTS", "OPTIMIZATION_RECOMMENDATIONS", "QUICK_REFERENCE", "DELIVERABLES_SUMMARY")


class Kind(enum.Enum):
    """What became of a claim."""

    HOLDS = "holds"
    BETTER = "wrong: better than claimed"
    WORSE = "wrong: worse than claimed"
    MIXED = "mixed"
    OPEN = "inconclusive"
    COUNTED = "counted"
    UNKNOWN = "not measured"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, what was found, and what becomes of it."""

    claim: Claim
    measured: tuple[str, ...]
    verdict: str
    kind: Kind


def find(claim: Claim, measured: Measured) -> Finding:
    """Hold one claim against the run."""
    return {
        "targets": _judged,
        "part": _part,
        "share": _shared,
        "sizes": _sized,
        "spread": _spread,
        "unmeasured": _unmeasured,
    }.get(claim.kind, _counted)(claim, measured)


def words_of(verdict: Verdict, claim: Claim) -> tuple[str, Kind]:
    """Say what became of one prediction, in words."""
    if verdict.outcome is Outcome.PASSED:
        return "holds", Kind.HOLDS
    if verdict.outcome is not Outcome.FAILED or verdict.estimate is None or verdict.limit is None:
        return "inconclusive", Kind.OPEN
    gain = bool(claim.shown)
    least = verdict.limit.minimum
    if least is not None and verdict.estimate.high < least and verdict.limit.maximum is not None:
        return claim.below or ("more than claimed" if gain else "faster than predicted"), Kind.BETTER
    return claim.above or ("less than claimed" if gain else "slower than predicted"), Kind.WORSE


def spelled(claim: Claim, verdict: Verdict) -> str:
    """Spell what was measured of a prediction in the seed's own terms, with its interval."""
    found = verdict.estimate
    if found is None:
        return reason_text(verdict)
    if not claim.shown:
        dimension = shown_dimension(verdict)
        return f"{quantity(found.value, dimension)} ({interval(found, dimension)})"
    ends = (_gained(claim.shown, found.high, of=found.value), _gained(claim.shown, found.low, of=found.value))
    low, high = ends if claim.shown == "times" or _share_of(claim.shown, found.value) >= 0 else reversed(ends)
    return f"{gain(claim.shown, found.value)} ({low} .. {high})"


def gain(shown: str, ratio: float) -> str:
    """Spell a ratio of new to old as a gain; what is none, as what it is: 4 % more instead of -4 % less."""
    text = _gained(shown, ratio, of=ratio)
    if shown == "times":
        return text
    return f"{text} {shown if _share_of(shown, ratio) >= 0 else _OPPOSITE[shown]}"


def _gained(shown: str, ratio: float, *, of: float) -> str:
    """Spell one end of an interval in the words that the value `of` is spelled in."""
    if shown == "times":
        return f"{1 / ratio:.1f}x" if ratio > 0 else "inf"
    share = _share_of(shown, ratio)
    return f"{share if _share_of(shown, of) >= 0 else -share:.0%}".replace("%", " %")


def _share_of(shown: str, ratio: float) -> float:
    if shown == "more":
        return 1 / ratio - 1 if ratio > 0 else math.inf
    return 1 - ratio


def sizes_of(scenario: str, measured: Measured) -> list[str]:
    """List the sizes at which a scenario is measured, those of its partner with threads beside."""
    found = {*measured.group(scenario), *measured.group(f"{scenario}_contended")}
    return sorted(found, key=float)


def _judged(claim: Claim, measured: Measured) -> Finding:
    verdicts = [one for one in measured.claims.verdicts if (one.name or "").partition(": ")[0] == claim.id]
    said = [words_of(one, claim) for one in verdicts]
    kinds = {kind for _, kind in said}
    kind = kinds.pop() if len(kinds) == 1 else Kind.MIXED
    alike = len({words for words, _ in said}) == 1
    lines = [f"{(one.name or '').partition(': ')[2]}: {spelled(claim, one)}" for one in verdicts]
    if not alike:
        lines = [f"{line}: {words}" for line, (words, _) in zip(lines, said, strict=True)]
    verdict = said[0][0] if alike else "mixed"
    if kind in {Kind.BETTER, Kind.WORSE}:
        verdict = f"wrong: {verdict}"
    return Finding(claim=claim, measured=tuple(lines), verdict=verdict, kind=kind)


def _unmeasured(claim: Claim, _: Measured) -> Finding:
    return Finding(claim=claim, measured=("-",), verdict=f"not measured: {claim.why}", kind=Kind.UNKNOWN)


def _sized(claim: Claim, measured: Measured) -> Finding:
    sizes = sizes_of(claim.scenario, measured)
    both = {claim.numbers[0], claim.numbers[-1]} <= set(sizes)
    return Finding(
        claim=claim,
        measured=(", ".join(sizes),),
        verdict="holds: both ends are measured" if both else "wrong: an end is not measured",
        kind=Kind.HOLDS if both else Kind.WORSE,
    )


def _shared(claim: Claim, measured: Measured) -> Finding:
    shares = tuple(
        f"{size} packs: {_share(measured, size) * 100:.0f} % by hashing alone" for size in ("10", "20", "50")
    )
    verdict = "wrong: of what consensus gained, hashing brings this much; the rest is the way work is organised"
    return Finding(claim=claim, measured=shares, verdict=verdict, kind=Kind.WORSE)


def _part(claim: Claim, measured: Measured) -> Finding:
    found = measured.level(claim.benchmark)
    text = f"`{claim.benchmark.partition('/')[2]}`, a part: {quantity(found.value, Dimension.SECONDS)}"
    told = found.low > claim.most
    return Finding(
        claim=claim,
        measured=(f"{text} ({interval(found, Dimension.SECONDS)})",),
        verdict="wrong: slower than predicted, even a part" if told else "inconclusive: a part tells too little",
        kind=Kind.WORSE if told else Kind.OPEN,
    )


def _spread(claim: Claim, measured: Measured) -> Finding:
    spreads = sorted(
        found[SPREAD].value for found in measured.levels.values() if SPREAD in found and found["p50"].value >= _LEAST
    )
    below = sum(one < 0.05 for one in spreads)
    text = (
        f"{below} of {len(spreads)} benchmarks of 10 us and more; median {spreads[len(spreads) // 2]:.1%}, "
        f"largest {spreads[-1]:.0%}"
    ).replace("%", " %")
    holds = below == len(spreads)
    verdict = "holds" if holds else "wrong: worse than claimed, on a machine that other work shares"
    return Finding(claim=claim, measured=(text,), verdict=verdict, kind=Kind.HOLDS if holds else Kind.WORSE)


def _share(measured: Measured, size: str) -> float:
    """Say which part of consensus' gain over the textbook hashing alone brings."""
    built, pairwise, textbook = (
        _p50(measured, f"hive_coordination/consensus_latency{kind}[{size}]").value
        for kind in ("", "_pairwise", "_textbook")
    )
    return (pairwise - built) / (textbook - built)


def _p50(measured: Measured, benchmark: str) -> Estimate:
    return measured.level(benchmark)


def _counted(claim: Claim, measured: Measured) -> Finding:
    if claim.kind == "lines":
        lines = len((ROOT / claim.file).read_text(encoding="utf-8").splitlines())
        return Finding(claim=claim, measured=(f"{lines}",), verdict="counted: length is no aim", kind=Kind.COUNTED)
    if claim.kind == "guides":
        number = sum((GUIDES / f"{name}.md").exists() for name in _GUIDES)
        return Finding(claim=claim, measured=(f"{number}",), verdict="holds", kind=Kind.HOLDS)
    counts = scenario_counts(measured)
    text = " + ".join(str(count) for count in counts.values()) + f" = {sum(counts.values())}"
    return Finding(claim=claim, measured=(text,), verdict="holds", kind=Kind.HOLDS)


def scenario_counts(measured: Measured) -> dict[str, int]:
    """Count the seed's scenarios that the run measured, by suite."""
    asked = {claim.scenario for claim in load_seed().claim if claim.kind == "sizes"} | {"integrated/integrated_suite"}
    counts: dict[str, int] = {}
    for scenario in sorted(asked):
        if scenario in measured.levels or measured.group(scenario):
            suite = scenario.partition("/")[0]
            counts[suite] = counts.get(suite, 0) + 1
    return counts
