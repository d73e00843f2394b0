"""Show a composition to a person: the conflicts, the votes and the result, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.queen.conflicts import ConflictKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hivemind.packs.pack import Pack
    from hivemind.queen.conflicts import Conflict
    from hivemind.queen.queen import Composition
    from hivemind.queen.voting import Decision


def render_text(composition: Composition, *, limit: int | None = None) -> str:
    """Return the composition as lines of text, at most `limit` conflicts of each kind with their votes."""
    return "\n".join(
        [*_packs(composition), "", *_conflicts(composition, limit), *_result(composition)],
    )


def _packs(composition: Composition) -> Iterator[str]:
    analysis = composition.analysis
    yield f"{len(analysis.packs)} packs, {analysis.classes} classes, {analysis.properties} properties"
    width = max(len(pack.name) for pack in analysis.packs)
    for pack in analysis.packs:
        yield f"  {pack.name:<{width}}  {pack.version:<10} {pack.namespace or '(no namespace)'}"


def _conflicts(composition: Composition, limit: int | None) -> Iterator[str]:
    packs = composition.analysis.packs
    if not composition.decisions:
        yield "no conflicts"
        yield ""
    for kind in ConflictKind:
        decisions = [decision for decision in composition.decisions if decision.topic.kind is kind]
        if not decisions:
            continue
        yield f"{kind.value.replace('_', ' ')}: {len(decisions)}"
        for decision in decisions[:limit]:
            yield from _decision(decision, packs)
        if limit is not None and len(decisions) > limit:
            yield f"  … and {len(decisions) - limit} more; --all shows them"
        yield ""


def _decision(decision: Decision[Conflict], packs: Sequence[Pack]) -> Iterator[str]:
    conflict = decision.topic
    claims = "; ".join(_claim(decision, packs[position]) for position in conflict.claimants)
    outcome = f"{decision.choice} (agreement {decision.agreement:.0%})"
    if decision.rule:
        outcome = f"{decision.choice} (rule of {decision.rule})"
    yield f"  {conflict.subject}  [{claims}]  ->  {outcome}"
    for choice, weight in decision.support().items():
        voices = ", ".join(
            f"{voter.name} {voter.weight * opinion.confidence:g}"
            for voter, opinion in decision.votes()
            if opinion.choice is choice
        )
        yield f"      {choice} {weight:.3g}: {voices}"


def _claim(decision: Decision[Conflict], pack: Pack) -> str:
    """Return what a claimant says on the topic, in a few words."""
    subject = decision.topic.subject
    if decision.topic.kind is ConflictKind.PROPERTY_TYPE_MISMATCH:
        types = pack.properties[subject]
        return f"{pack.name}: {' | '.join(types[:3])}{' | …' if len(types) > 3 else ''}"  # noqa: PLR2004 -- a line's worth
    if decision.topic.kind is ConflictKind.VERSION_MISMATCH:
        return f"{pack.name}: {pack.version if pack.name == subject else pack.requires[subject]}"
    return pack.name


def _result(composition: Composition) -> Iterator[str]:
    resolved = composition.resolved
    yield (
        f"composed by {composition.configuration.strategy}: {len(resolved.packs)} packs, "
        f"{len(resolved.classes)} classes, {len(resolved.properties)} properties"
    )
    for pack in resolved.packs:
        yield f"  {pack.name} {pack.version}"
