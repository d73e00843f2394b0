"""What applies to one benchmark."""

from __future__ import annotations

import msgspec

from hivegate.model.targets import Regression, Target, Waiver


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What applies to one benchmark; `budget` is the last regression entry that matches, `overridden` the others."""

    benchmark: str
    targets: tuple[Target, ...]
    budget: Regression | None
    overridden: tuple[Regression, ...]
    waivers: tuple[Waiver, ...]
    expired: tuple[Waiver, ...]
