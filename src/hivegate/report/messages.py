"""The words of verdicts, for every surface: reasons and advice, made of codes and numbers.

Whoever edits the English edits it here. A reason says the fact and begins in lower case, for it may follow a name; an
advice is a sentence of its own.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hivegate.model.change import Clock
from hivegate.model.reason import AdviceCode, ReasonCode
from hivegate.model.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.reason import Reason, WaiverNote
    from hivegate.model.verdict import Verdict

REASONS: dict[ReasonCode, str] = {
    ReasonCode.WITHIN_LIMIT: "the whole interval lies within the limit",
    ReasonCode.ABOVE_LIMIT: "the whole interval lies above the limit",
    ReasonCode.BELOW_LIMIT: "the whole interval lies below the limit",
    ReasonCode.LIMIT_IN_INTERVAL: "the limit lies inside the interval",
    ReasonCode.WAIVED_LIMIT_IN_INTERVAL: "the interval lies beyond the limit, and only in part within what the waiver "
    "of {owner} accepts",
    ReasonCode.ONE_SAMPLE: "one sample: no confidence interval",
    ReasonCode.INTERFERENCE: "other processes used the CPU in {contended}, so this may be interference",
    ReasonCode.BEYOND_IN_PASSES: "beyond the limit in {broken}, and the limit has to hold in each",
    ReasonCode.BEYOND_IN_CONTENDED_PASSES: "beyond the limit in {broken}, none of which had 90 % of "
    "the CPU, so this may be interference",
    ReasonCode.NO_SPEED_OF_PYTHON: "the limit is meant for the reference machine, whose speed is not known for {text}",
    ReasonCode.TOO_FEW_CORES: "needs at least {cores_needed}; this machine has {cores}",
    ReasonCode.NO_TARGET: "measured; no target applies to it",
    ReasonCode.WITHIN_BUDGET: "the whole interval lies within the budget",
    ReasonCode.WITHIN_NOISE_FLOOR: "the whole interval lies within the noise floor",
    ReasonCode.ABOVE_BUDGET: "the whole interval lies above the budget, and fresh pairs confirmed it",
    ReasonCode.FASTER_THAN_BUDGET: "the whole interval shows an improvement larger than the budget",
    ReasonCode.BUDGET_IN_INTERVAL: "the budget lies inside the interval",
    ReasonCode.ONE_PAIR: "one pair: no confidence interval",
    ReasonCode.NOT_CONFIRMED: "it looked slower, but fresh pairs did not confirm it",
    ReasonCode.NOT_COMPARABLE: "pairs cannot compare {metric}: they time single calls and rounds of calls",
    ReasonCode.NOT_COUNTED: "it was not counted",
    ReasonCode.NO_PAIR: "no pair was measured in the time allowed",
    ReasonCode.INTERRUPTED: "a signal ended the measuring before it was decided",
    ReasonCode.ONLY_IN_BASE: "base has it and head does not: removed or renamed",
    ReasonCode.ONLY_IN_HEAD: "base's suite does not have it",
    ReasonCode.FAILED_ON_HEAD: "on head: {text}",
    ReasonCode.FAILED_ON_BASE: "on base: {base}",
    ReasonCode.WAIVED: "accepted by {owner} until {expires}: {text}",
    ReasonCode.OWN_RULES: "{base} by the rules of base; {text} by those that this change brings along",
    ReasonCode.BASE_SUITE: "slower with base's own benchmark files; {text} with those that this change alters",
    ReasonCode.BASE_SUITE_FAILED: "{text} with benchmark files that this change alters; base's own cannot "
    "measure head: {base}",
    ReasonCode.UNREACHED: "the change cannot reach it: {ran}, the same on both sides",
    ReasonCode.UNREACHED_YET_SLOWER: "it is slower, although its trace says that the change cannot reach it",
    ReasonCode.NOT_MEASURED: "it was not measured",
    ReasonCode.BENCHMARK_NOT_CALLED: "the test passed without calling its benchmark fixture",
    # What happened to a test, or what a value lacks: whoever measured it says it.
    **dict.fromkeys(
        (
            ReasonCode.TEST_FAILED,
            ReasonCode.TEST_SKIPPED,
            ReasonCode.TEST_CRASHED,
            ReasonCode.TEST_TIMED_OUT,
            ReasonCode.UNKNOWN_BENCHMARK,
            ReasonCode.UNKNOWN_PARTNER,
            ReasonCode.METRIC_NOT_MEASURED,
            ReasonCode.TOO_FEW_CALLS,
            ReasonCode.ONE_ROUND,
            ReasonCode.NO_OPERATIONS,
            ReasonCode.NO_REFERENCE,
            ReasonCode.NO_RATIO,
            ReasonCode.NO_TIME,
            ReasonCode.IMPOSSIBLE_VALUE,
            ReasonCode.INVALID_ENTRY,
            ReasonCode.PASSES_MIXED,
            ReasonCode.UNUSABLE_SIZES,
            ReasonCode.TOO_FEW_SIZES,
            ReasonCode.NO_HISTORY,
            ReasonCode.SHORT_HISTORY,
            ReasonCode.SUBJECT_UNPROVEN,
            ReasonCode.OTHER,
        ),
        "{text}",
    ),
}

_ALONE = "Judge it by absolute targets instead: hivegate bench"
_SHARED = "It fails on one side only. Do both sides use the same port, file or database at the same time?"

ADVICE: dict[AdviceCode, str] = {
    AdviceCode.PROFILE: "Find the cause: hivegate profile {benchmark}",
    AdviceCode.SEE_TREND: "Find the cause: hivegate history trend {benchmark}",
    AdviceCode.MEASURE_AGAIN: "Measure again; hivegate itself repeats nothing until it passes.",
    AdviceCode.MEASURE_TWICE: "Measure at least two passes.",
    AdviceCode.MORE_PASSES: "Measure more passes (--passes), or use a machine with less interference.",
    AdviceCode.MORE_PAIRS: "Measure longer (--max-time), or allow more (budget).",
    AdviceCode.MORE_RUNS: "Add more runs to the history: hivegate history add",
    AdviceCode.MORE_RESULTS: "Give hivegate check several results, or use hivegate bench: one result has no confidence "
    "interval.",
    AdviceCode.MORE_TIME: "Allow more time: --max-time",
    AdviceCode.CALM_MACHINE: "Run again on a machine with less interference.",
    AdviceCode.READ_REFERENCE: "Measure the reference machine under this Python: hivegate reference --write",
    AdviceCode.OTHER_METRIC: "Use one of {metrics}.",
    AdviceCode.BUILD_BASE: "Base's checkout lacks what git does not track: what a build makes, ignored data, "
    "submodules and what Git LFS keeps. Have base built by its own settings (build, under [tool.hivegate], merged "
    "before), or name an environment that holds it: --base-python",
    AdviceCode.JUDGE_ALONE: f"What base does not have yet cannot be compared. {_ALONE}",
    AdviceCode.CHECK_SHARED: _SHARED,
    AdviceCode.CHECK_SHARED_OR_JUDGE_ALONE: f"{_SHARED} If not: {_ALONE[0].lower()}{_ALONE[1:]}",
    AdviceCode.BASE_FAILED: f"Base could not be measured, so there is nothing to compare with. {_ALONE}",
    AdviceCode.NEVER_PASSES: "A benchmark that is not measured never passes.",
}


def reason_text(verdict: Verdict) -> str:
    """Say why a verdict is what it is."""
    reason = verdict.reason
    code = reason.code
    words = REASONS[code]
    if code is ReasonCode.UNREACHED:
        words = f"not measured: {words}" if verdict.change is None else f"measured all the same: {words}"
    elif code is ReasonCode.BENCHMARK_NOT_CALLED and reason.text:
        words = "{text}"
    elif code is ReasonCode.ABOVE_BUDGET and verdict.change is not None and verdict.change.exact:
        words = "every reading lies above the budget"
    elif code is ReasonCode.ABOVE_BUDGET and verdict.change is not None and verdict.change.clock is Clock.FILES:
        words = "the whole interval lies above the budget"
    sentence = words.format(
        text=reason.text,
        base=reason.base,
        metric=verdict.metric,
        cores_needed=f"{reason.cores_needed} core{'s' * (reason.cores_needed != 1)}",
        cores=reason.cores or "an unknown number",
        contended=_contended(reason),
        broken=f"{reason.contended} of {reason.passes} pass{'es' * (reason.passes != 1)}",
        owner=reason.owner,
        expires=reason.expires,
        ran=f"{reason.functions} function{'s' * (reason.functions != 1)} in {reason.modules} "
        f"file{'s' * (reason.modules != 1)}",
    )
    if code is ReasonCode.FAILED_ON_HEAD and reason.base:
        sentence += f"; on base: {reason.base}"
    return "; ".join([sentence, *map(_waiver, reason.waivers)])


def advice_text(verdict: Verdict) -> str:
    """Say what to do next; nothing where there is nothing to do."""
    code, reason = verdict.advice, verdict.reason
    if code is None:
        return ""
    if code is AdviceCode.OTHER:
        return reason.hint
    words = ADVICE[code].format(benchmark=shlex.quote(verdict.benchmark), metrics=_listed(reason.metrics))
    if code is AdviceCode.CALM_MACHINE and verdict.relative_to is None:
        words += " Or express the limit as a ratio (relative_to)."
    return words


# Every label, the worst first.
LABELS = (
    *("failed", "slower", "crashed", "missing", "invalid", "warning", "note"),
    *("review", "inconclusive", "waived", "faster", "passed", "unchanged", "new"),
)


def label(outcome: Outcome, severity: Severity) -> str:
    """Name what became of a verdict: a target that fails without breaking the gate is a warning or a note."""
    if outcome is Outcome.FAILED and severity < Severity.BROKEN:
        return "warning" if severity is Severity.WARNING else "note"
    return outcome.value


def _contended(reason: Reason) -> str:
    """Say in which passes there was interference, and how bad the best of them was where all had some."""
    if reason.contended < reason.passes:
        return f"{reason.contended} of {reason.passes} passes"
    share = f"{reason.quietest * 100:.0f} %"
    if reason.passes == 1:
        return f"the only pass (which got {share} of it)"
    return f"all {reason.passes} passes (the quietest pass got {share} of it)"


def _listed(metrics: Sequence[str]) -> str:
    """List metrics as a choice."""
    *others, last = metrics or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def _waiver(note: WaiverNote) -> str:
    if note.expired:
        return f"the waiver of {note.owner} expired on {note.expires}"
    return f"this exceeds what {note.owner} accepts"
