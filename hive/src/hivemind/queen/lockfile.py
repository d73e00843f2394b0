"""Write a composition as a lock file: byte-equal for equal input."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hivemind.packs.pack import Pack
    from hivemind.queen.conflicts import Conflict
    from hivemind.queen.queen import Composition
    from hivemind.queen.voting import Decision

LOCK_VERSION = 1  # 1: the first


def render_lock(composition: Composition) -> str:
    """Return the lock file's text: JSON with sorted terms, two blanks of indent and a final line end.

    It holds each pack with its digest, each decision with its votes, and the composed terms. Linear in its size.
    """
    packs = composition.analysis.packs
    resolved = composition.resolved
    document = {
        "lock": LOCK_VERSION,
        "strategy": composition.configuration.strategy,
        "quorum": composition.configuration.quorum,
        "inputs": [{"name": pack.name, "version": pack.version, "sha256": digest(pack)} for pack in packs],
        "packs": resolved.packs,
        "decisions": [_decision(decision, packs) for decision in composition.decisions],
        "classes": dict(sorted(resolved.classes.items())),
        "properties": {
            name: {"owners": owners, "types": resolved.types[name]}
            for name, owners in sorted(resolved.properties.items())
        },
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def digest(pack: Pack) -> str:
    """Return the SHA-256 of a pack's content, whatever the order in which its file lists it."""
    return hashlib.sha256(msgspec.json.encode(pack, order="deterministic")).hexdigest()


def _decision(decision: Decision[Conflict], packs: tuple[Pack, ...]) -> dict[str, object]:
    conflict = decision.topic
    entry: dict[str, object] = {
        "kind": conflict.kind,
        "subject": conflict.subject,
        "packs": conflict.names(packs),
        "choice": decision.choice,
        "agreement": decision.agreement,
    }
    if decision.rule:
        entry["rule"] = decision.rule
    else:
        entry["votes"] = [
            {
                "agent": voter.name,
                "role": voter.role,
                "weight": voter.weight,
                "choice": opinion.choice,
                "confidence": opinion.confidence,
                "reasoning": opinion.reasoning,
            }
            for voter, opinion in decision.votes()
        ]
    return entry
