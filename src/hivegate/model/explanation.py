"""What applies to one benchmark."""

from __future__ import annotations

import msgspec

from hivegate.model.targets import Budget, Effect, Target, Waiver


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What of targets.yaml applies to one benchmark, and what its tiers and inconclusive verdicts do.

    `budget` is the last budget for time that matches, `exact` the last for each metric of memory or
    instructions, and `overridden` are the others; `partner_of` are the targets of others that it may serve as
    partner; `soon` are the waivers among `waivers` that end within the announced days; `near` is the selector that a
    misspelt id most likely meant, where no target names the id; not `known` where neither an entry nor a result could
    name it.
    """

    benchmark: str
    targets: tuple[Target, ...]
    partner_of: tuple[Target, ...]
    budget: Budget | None
    exact: tuple[Budget, ...] = ()
    overridden: tuple[Budget, ...]
    waivers: tuple[Waiver, ...]
    soon: tuple[Waiver, ...]
    expired: tuple[Waiver, ...]
    near: str | None = None
    known: bool = True
    tiers: dict[str, Effect]
    inconclusive: Effect
