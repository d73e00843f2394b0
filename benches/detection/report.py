"""The table: docs/performance/DETECTION.md, from the evidence."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from detection import pooling
from detection.plan import DOSES
from detection.shared import shared_lines
from detection.targets import STRICT, WIDE, targets
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detection.evidence import Judged
    from detection.exactness import Counted
    from detection.pooling import One
    from detection.rates import Rate

_NOTE = """\
Written by `nox -s detection` from the answers of every tool, stored in `docs/performance/detection`; do not edit.

Each trial creates a git project in two revisions and asks hivegate, pytest-benchmark, asv and pyperf, as their users
do, whether head is slower than base. Head's functions do exactly 0, 1, 2, 3, 5 or 10 % more of the same units of work
than base's, each function a different share, and unrelated functions, classes, constants and a module are added. The
functions are of several kinds; all tools call the same. cattrs and humanize are releases from PyPI with ten and five
benchmarks from their suites: head makes that many of each hundred calls of their entry points twice.

- hivegate: `hivegate compare BASE` with its defaults, budgets of 1 and 2 % in targets.yaml.
- pytest-benchmark: base saved, head compared, `--benchmark-compare-fail mean:5% min:5%`.
- asv: `asv continuous --interleave-rounds`; its answers at the default factor of 1.1, and at 1.02.
- pyperf: `compare_to` of two runs with `--fast`, which takes half of its usual time; and with `--min-speed 2`.

Shares are followed by their 95 % interval (Wilson) and the counts. Everything is from commit 8a56321 on, which changed
how a slowdown is confirmed: before, 6 of 110 that were found were not confirmed. What older engines answered, mostly on
a contended machine, is in the history of the evidence.
"""

_ERRORS = {"false alarms": 0, "missed at 2 %": 2, "missed at 3 %": 3, "missed at 5 %": 5, "missed at 10 %": 10}


def render(evidence: Sequence[Judged], counted: Sequence[Counted] = (), shared: Sequence[Judged] = ()) -> str:
    """Spell the evidence as Markdown; `shared` was asked at default priority, in company that was chosen."""
    return "\n".join([*_lines(evidence, shared), *_doses(counted)]) + "\n"


def _lines(evidence: Sequence[Judged], shared: Sequence[Judged]) -> Iterator[str]:
    yield "# Does it find what is slower, and only that?\n"
    yield _NOTE
    if shared:
        yield "## As users run it\n"
        yield from shared_lines(shared)
        yield "\n## With priority, on a calm machine\n"
        yield "The rest of this page is of the engine before: one pair at a time, turns for long calls, eight looks.\n"
    if not evidence:
        yield "There is no evidence yet."
        return
    found = pooling.verdicts(evidence)
    yield from _circumstances(evidence)
    yield "\n## What was promised\n"
    yield from _promises(found)
    yield "\n## All tools\n"
    yield from _tools(found)
    yield from _both_errors(found)
    yield "\n## What hivegate says of what is slower\n"
    yield from _outcomes(found)
    yield "\n## By kind\n"
    yield from _kinds(found)


def _circumstances(evidence: Sequence[Judged]) -> Iterator[str]:
    loads = [one.load for one in evidence]
    by_tool = {one.tool: one.version.split()[0] for one in evidence}
    trials = {tool: sum(one.tool == tool for one in evidence) for tool in by_tool}
    asked = ", ".join(f"{tool} {version} in {trials[tool]} trials" for tool, version in sorted(by_tool.items()))
    yield f"{asked}; {evidence[0].when[:10]} to {evidence[-1].when[:10]}."
    yield (
        f"The machine was shared: its load was {statistics.median(loads):.1f} in the median when a tool began, "
        f"{min(loads):.1f} to {max(loads):.1f}, on two cores."
    )
    first = sum(one.nice < 0 for one in evidence)
    if first:
        yield f"In {first} of {len(evidence)} runs of a tool it had priority over other work (nice below 0)."


def _promises(found: Sequence[One]) -> Iterator[str]:
    yield "| promise | asked for | measured | reached |"
    yield "|---|---:|---:|---|"
    for one in targets(found):
        asked = f"{'≥' if one.at_least else '<'} {100 * one.bound:g} %" + (f" of ≥ {one.needed}" if one.needed else "")
        yield f"| {one.what} | {asked} | {one.measured} | {one.reached} |"
    yield from _promised_seconds(found)
    yield ""
    yield "A slowdown that is not found is *inconclusive*, with its interval, if the pairs of a benchmark spread too"
    most, fresh = LOOKS[-1], CONFIRMING_PAIRS
    yield f"much for {most} of them, or if {fresh} fresh ones do not confirm it; tables by kind are below."
    yield "Most pairs that spread by more than a percent are those of sorting, allocating and JSON: [where the rest of"
    yield "the spread comes from](../explanation/statistics.md#where-the-rest-of-the-spread-comes-from)."


def _promised_seconds(found: Sequence[One]) -> Iterator[str]:
    """Show what a verdict takes: of all, and of each budget."""
    strict, wide = (pooling.of(found, rule=rule) for rule in (STRICT, WIDE))
    seconds = pooling.median_seconds([*strict, *wide])
    yield f"| median seconds of a verdict | ≤ 4 | {seconds:.1f} | {'yes' if seconds <= 4 else '**no**'} |"
    for rule, own in ((STRICT, strict), (WIDE, wide)):
        confirmed = f"{pooling.slower(own).share:.0%} slower, and so confirmed" if own else "none"
        yield f"| of {rule.removeprefix('hivegate ')}: {confirmed} | | {pooling.median_seconds(own):.1f} | |"


def _tools(found: Sequence[One]) -> Iterator[str]:
    yield "How often each rule says *slower*, by the true slowdown, all kinds together; 0 % are the false alarms."
    yield ""
    yield f"| rule | {' | '.join(f'{dose} %' for dose in DOSES)} | seconds a verdict, median |"
    yield "|---" * (len(DOSES) + 2) + "|"
    for rule in _rules(found):
        own = pooling.of(found, rule=rule)
        cells = [str(pooling.slower(pooling.of(own, dose=dose))) for dose in DOSES]
        yield f"| {rule} | {' | '.join(cells)} | {pooling.median_seconds(own):.1f} |"
    yield ""
    yield "The seconds are a verdict's share of the whole command, including starts, environments and builds;"
    yield "hivegate's are divided by pairs, including those that confirm."


def _both_errors(found: Sequence[One]) -> Iterator[str]:
    """Say against whom hivegate is ahead on both errors at once: false alarms, and what is missed."""
    yield ""
    yield "hivegate's errors : the rule's, over the trials that both judged, one after the other. *Ahead* compares the"
    yield "shares only: for small counts that is not proof."
    yield ""
    yield f"| {STRICT} against | {' | '.join(_ERRORS)} | ahead on both errors |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for rule in (one for one in _rules(found) if not one.startswith("hivegate")):
        there = pooling.of(found, rule=rule)
        own = pooling.beside(pooling.of(found, rule=STRICT), there)
        ours, theirs = ([_error(side, dose) for dose in _ERRORS.values()] for side in (own, there))
        cells = [f"{_counted(one)} : {_counted(other)}" for one, other in zip(ours, theirs, strict=True)]
        yield f"| {rule} | {' | '.join(cells)} | {_ahead(ours, theirs)} |"


def _error(found: Sequence[One], dose: int) -> Rate:
    counted = pooling.slower(pooling.of(found, dose=dose))
    return counted if dose == 0 else counted._replace(hits=counted.n - counted.hits)


def _counted(error: Rate) -> str:
    return f"{error.hits} of {error.n}" if error.n else "-"


def _ahead(ours: Sequence[Rate], theirs: Sequence[Rate]) -> str:
    """Name the errors of which hivegate makes more; two that both never make are level."""
    sides = [(name, one, other) for name, one, other in zip(_ERRORS, ours, theirs, strict=True) if one.n and other.n]
    behind = [name for name, one, other in sides if one.share > other.share]
    missing = [name for name in _ERRORS if name not in [measured for measured, _, _ in sides]]
    said = f"no: behind in {', '.join(behind)}" if behind else "yes"
    return f"{said}; not measured: {', '.join(missing)}" if missing else said


def _outcomes(found: Sequence[One]) -> Iterator[str]:
    yield "| budget, put in | slower | inconclusive | passed or faster |"
    yield "|---|---:|---:|---:|"
    for rule in (STRICT, WIDE):
        for dose in DOSES:
            there = pooling.of(found, rule=rule, dose=dose)
            cells = (
                pooling.slower(there),
                pooling.called(there, "inconclusive"),
                pooling.called(there, "passed", "faster"),
            )
            yield f"| {rule.removeprefix('hivegate ')}, {dose} % | {' | '.join(map(str, cells))} |"


def _kinds(found: Sequence[One]) -> Iterator[str]:
    kinds = sorted({one.said.kind for one in found})
    rules = _rules(found)
    yield "| kind | rule | equal, reported slower | 2 % found | 3 % found | 5 and 10 % found | pair spread | seconds |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for kind in kinds:
        for rule in rules:
            own = pooling.of(found, rule=rule, kind=kind)
            if not own:
                continue
            cells = [pooling.slower(pooling.of(own, dose=dose)) for dose in (0, 2, 3)]
            cells.append(pooling.slower([one for one in own if one.said.dose >= 5]))
            spread = f"{100 * pooling.median_spread(own):.2f} %" if rule.startswith("hivegate") else ""
            shown = " | ".join(map(str, cells))
            yield f"| {kind} | {rule} | {shown} | {spread} | {pooling.median_seconds(own):.1f} |"


def _doses(counted: Sequence[Counted]) -> Iterator[str]:
    """Show that the truth is true."""
    if not counted:
        return
    yield "\n## Are the doses what they claim?\n"
    yield "Head's work over base's, counted and not timed (`nox -s detection -- --count 10`): lines of the subject that"
    yield "a call executes, and processor instructions by valgrind if neither threads nor files are involved."
    yield "Work outside a function's units does not increase; instructions also include what the layout of the heap"
    yield "cost in that one process. `sleep` is dosed in microseconds."
    yield ""
    yield "| function | asked for | lines | instructions |"
    yield "|---|---:|---:|---:|"
    for one in counted:
        instructions = "" if one.instructions is None else f"+{one.instructions:.2f} %"
        yield f"| {one.benchmark} | +{one.asked} % | +{one.lines:.2f} % | {instructions} |"


def _rules(found: Sequence[One]) -> list[str]:
    """Name the rules, hivegate's first."""
    return sorted({one.rule for one in found}, key=lambda rule: (not rule.startswith("hivegate"), rule))
