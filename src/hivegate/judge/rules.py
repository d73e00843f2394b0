"""Base's rules and head's: what a change alters about its judging, and one result of the two that judged it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from hivegate.instruments import budget_kind, metric_named
from hivegate.model.alteration import Alteration, AlterationKind, LoosenedRules
from hivegate.model.reason import Reason, ReasonCode
from hivegate.model.targets import Effect, RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict, summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from hivegate.model.targets import Budget, Limit, SpeedReference, Target, Targets, Waiver

_Rule = TypeVar("_Rule")
_Subject: TypeAlias = tuple[str, RuleKind, str | None, bool, str | None]

_STRICTNESS = (Effect.NOTE, Effect.WARN, Effect.FAIL)


def judge_by_both(
    head: Targets,
    base: Targets | None,
    judge: Callable[[Targets], GateResult],
    *,
    loosened: LoosenedRules = LoosenedRules.REVIEW,
    alterations: tuple[Alteration, ...] = (),
) -> GateResult:
    """Judge by base's rules and by head's; of two verdicts on one thing the heavier counts.

    So a stricter limit of head's counts, and a looser one, a waiver or a rule that was removed does not: what passes by
    those alone is for review, refused or accepted, as `loosened` says. Without rules of base head's judge.
    """
    own = judge(head)
    if base is None:
        return msgspec.structs.replace(own, alterations=alterations)
    verdicts = tuple(_joined(judge(base).verdicts, own.verdicts, loosened))
    outcome, exit_status = summarize(verdicts, interrupted=own.interrupted)
    return msgspec.structs.replace(
        own, verdicts=verdicts, outcome=outcome, exit_status=exit_status, alterations=alterations
    )


def _joined(base: Sequence[Verdict], head: Sequence[Verdict], loosened: LoosenedRules) -> Iterable[Verdict]:
    """Yield head's verdicts, and in the place of what is looser than base's, or beside them, base's."""
    ruled = {verdict.benchmark for verdict in head if verdict.metric is not None}
    by_subject: dict[_Subject, list[Verdict]] = {}
    for verdict in base:
        if verdict.metric is not None or verdict.benchmark not in ruled:
            by_subject.setdefault(_subject(verdict), []).append(verdict)
    own: dict[_Subject, list[Verdict]] = {}
    for verdict in head:
        own.setdefault(_subject(verdict), []).append(verdict)
    chosen = {
        subject: _heavier(by_subject.get(subject, []), own.get(subject, []), loosened)
        for subject in dict.fromkeys((*own, *by_subject))
    }
    named = {verdict.benchmark for verdicts in chosen.values() for verdict in verdicts if verdict.metric is not None}
    for verdicts in chosen.values():
        # What has a rule of base's is not without one.
        yield from (one for one in verdicts if one.metric is not None or one.benchmark not in named)


def _heavier(base: list[Verdict], head: list[Verdict], loosened: LoosenedRules) -> list[Verdict]:
    heaviest = max((verdict.severity for verdict in head), default=None)
    if heaviest is not None and not any(verdict.severity > heaviest for verdict in base):
        return head
    if loosened is LoosenedRules.ACCEPT:
        return head
    label = head[0].outcome.value if head else "without a rule"
    return [_reviewed(one, label) if loosened is LoosenedRules.REVIEW else one for one in base]


def _reviewed(verdict: Verdict, own: str) -> Verdict:
    """Have a person look at what only the change's own rules let pass; what holds by base's stays as it is."""
    if verdict.severity < Severity.UNKNOWN:
        return verdict
    reason = Reason(code=ReasonCode.OWN_RULES, text=own, base=verdict.outcome.value)
    return msgspec.structs.replace(
        verdict, outcome=Outcome.REVIEW, severity=Severity.WARNING, reason=reason, needs_more=False
    )


def _subject(verdict: Verdict) -> _Subject:
    """Tell what is judged, by whatever entry: of all metrics of the typical time a comparison has one."""
    metric = verdict.metric
    if metric is not None and verdict.kind is RuleKind.BUDGET:
        metric = budget_kind(metric_named(metric))
    return verdict.benchmark, verdict.kind, metric, verdict.per_operation, verdict.relative_to


def altered_rules(base: Targets, head: Targets) -> tuple[Alteration, ...]:
    """List what head's targets.yaml says otherwise than base's."""
    return (
        *_altered(AlterationKind.WAIVER, base.waivers, head.waivers, _waiver_key, _waiver_text, _waiver_loosens),
        *_altered(AlterationKind.BUDGET, base.budgets, head.budgets, _budget_key, _budget_text, _budget_loosens),
        *_altered(AlterationKind.TARGET, base.targets, head.targets, _target_key, _target_text, _target_loosens),
        *_altered_policies(base, head),
    )


def _altered(
    kind: AlterationKind,
    base: Sequence[_Rule],
    head: Sequence[_Rule],
    key: Callable[[_Rule], tuple[Hashable, str]],
    text: Callable[[_Rule], str],
    loosens: Callable[[_Rule | None, _Rule | None], bool],
) -> Iterable[Alteration]:
    before, after = _numbered(base, key), _numbered(head, key)
    for identity in dict.fromkeys((*after, *before)):
        old, new = before.get(identity), after.get(identity)
        was, now = "" if old is None else text(old), "" if new is None else text(new)
        if was != now:
            name = key(new if new is not None else old)[1]  # type: ignore[arg-type]  # one of the two is there
            yield Alteration(kind=kind, name=name, before=was, after=now, loosens=loosens(old, new))
    kept = [identity for identity in before if identity in after]
    if kind is AlterationKind.BUDGET and kept != [identity for identity in after if identity in before]:
        yield Alteration(kind=kind, name="the order of the budgets", before="as in base", after="another", loosens=True)


def _numbered(rules: Sequence[_Rule], key: Callable[[_Rule], tuple[Hashable, str]]) -> dict[Hashable, _Rule]:
    """Give every rule an identity: several that name the same are told apart by their number."""
    named: dict[Hashable, _Rule] = {}
    counts: dict[Hashable, int] = {}
    for rule in rules:
        identity = key(rule)[0]
        counts[identity] = counts.get(identity, 0) + 1
        named[identity, counts[identity]] = rule
    return named


def _waiver_key(waiver: Waiver) -> tuple[Hashable, str]:
    return (waiver.benchmark, waiver.kind, waiver.metric, waiver.owner), waiver.benchmark


def _waiver_text(waiver: Waiver) -> str:
    accepted = "any slowdown" if waiver.limit is None else f"up to {waiver.limit * 100:.3g} %"
    return f"{accepted} until {waiver.expires}, by {waiver.owner}: {waiver.reason}"


def _waiver_loosens(old: Waiver | None, new: Waiver | None) -> bool:
    if old is None or new is None:
        return new is not None
    more = old.limit is not None and (new.limit is None or new.limit > old.limit)
    return more or new.expires > old.expires


def _budget_key(budget: Budget) -> tuple[Hashable, str]:
    return (budget.benchmark, budget_kind(budget.metric)), budget.benchmark


def _budget_text(budget: Budget) -> str:
    share = f"{budget.slowdown * 100:.3g} %" if budget.compares else "not compared"
    floor = f", at least {budget.noise_floor:.3g}" if budget.noise_floor else ""
    return f"{budget.metric.name} {share}{floor}"


def _budget_loosens(old: Budget | None, new: Budget | None) -> bool:
    if old is None or new is None:  # one more may allow what another refused; one less leaves the rest, or 2 %
        return True
    return new.slowdown > old.slowdown or new.noise_floor > old.noise_floor or new.metric != old.metric


def _target_key(target: Target) -> tuple[Hashable, str]:
    identity = (target.benchmark, target.metric, target.per_operation, target.relative_to)
    return identity, f"{target.benchmark} {target.metric.name}"


def _target_text(target: Target) -> str:
    limit = f"{target.limit.text} ({target.tier})"
    cores = f", from {target.min_cores} cores up" if target.min_cores is not None else ""
    policy = f", inconclusive: {target.inconclusive.value}" if target.inconclusive is not None else ""
    return f"{limit}{cores}{policy}, {target.speed.value}, {target.holds.value}"


def _target_loosens(old: Target | None, new: Target | None) -> bool:
    if old is None or new is None:
        return new is None
    kept = [(each.tier, each.min_cores, each.inconclusive, each.speed, each.holds) for each in (old, new)]
    return kept[0] != kept[1] or _allows_more(old.limit, new.limit)


def _allows_more(old: Limit, new: Limit) -> bool:
    above = old.maximum is not None and (new.maximum is None or new.maximum > old.maximum)
    below = old.minimum is not None and (new.minimum is None or new.minimum < old.minimum)
    return above or below


def _speed(reference: SpeedReference) -> str:
    interval = f"{reference.low:.4g} to {reference.high:.4g}"
    return f"{reference.python}, loop {reference.loop}: {reference.turn:.4g} s ({interval})"


def _altered_policies(base: Targets, head: Targets) -> Iterable[Alteration]:
    kind = AlterationKind.POLICY
    if base.confidence != head.confidence:
        texts = (f"{each.confidence * 100:.4g} %" for each in (base, head))
        yield Alteration(kind=kind, name="confidence", before=next(texts), after=next(texts), loosens=True)
    for name, before, after in (
        ("inconclusive", base.inconclusive, head.inconclusive),
        ("mostly_inconclusive", base.mostly_inconclusive, head.mostly_inconclusive),
    ):
        if before is not after:
            weaker = _STRICTNESS.index(after) < _STRICTNESS.index(before)
            yield Alteration(kind=kind, name=name, before=before.value, after=after.value, loosens=weaker)
    if base.assumed_spread != head.assumed_spread:
        texts = (f"{each.assumed_spread * 100:.3g} %" for each in (base, head))
        yield Alteration(kind=kind, name="assumed_spread", before=next(texts), after=next(texts), loosens=True)
    if [_speed(each) for each in base.reference] != [_speed(each) for each in head.reference]:
        texts = ("; ".join(map(_speed, each.reference)) for each in (base, head))
        yield Alteration(kind=kind, name="the reference machine", before=next(texts), after=next(texts), loosens=True)
    for tier in dict.fromkeys((*base.tiers, *head.tiers)):
        old, new = base.tiers.get(tier), head.tiers.get(tier)
        if old is not new:
            weaker = old is not None and (new is None or _STRICTNESS.index(new) < _STRICTNESS.index(old))
            was, now = ("" if effect is None else effect.value for effect in (old, new))
            yield Alteration(kind=kind, name=f"tier {tier}", before=was, after=now, loosens=weaker)
