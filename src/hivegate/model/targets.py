"""What must hold: the meaning of targets.yaml, units resolved."""

from __future__ import annotations

import datetime as dt
import enum
import math

import msgspec

from hivegate.model.metric import Dimension, Metric

REFERENCE = "reference"
ANNOUNCED = dt.timedelta(days=14)  # before a waiver ends, its end is told


class Effect(enum.Enum):
    """What a broken target of a tier does."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"


class AtSpeed(enum.Enum):
    """The speed of the machine at which a limit is held: that of its reference, or whatever it was."""

    REFERENCE = "at reference"
    MEASURED = "as measured"


class Holds(enum.Enum):
    """Where a limit has to hold: a promised minimum or maximum is a fact of every pass, and not of their mean."""

    TYPICALLY = "typically"
    EVERY_PASS = "in every pass"  # noqa: S105  no password


class SpeedReference(msgspec.Struct, frozen=True, kw_only=True):
    """The speed of the machine that limits are meant for, under one Python.

    `turn` is the seconds of one turn of the reference loop of version `loop`, between `low` and `high`, from so many
    `passes`; `python` is its implementation and minor version.
    """

    loop: int
    python: str
    turn: float
    low: float
    high: float
    passes: int
    date: dt.date
    processor: str | None = None
    where: str


class Limit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds in base units; None where that side is open. `text` is what the user wrote."""

    minimum: float | None = None
    maximum: float | None = None
    dimension: Dimension
    text: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One absolute target.

    `relative_to` is None, ``reference`` or the id of a benchmark of the same run; `per_operation` divides by the
    operations of a call; `speed` and `holds` say at which speed of the machine the limit is held, and where;
    `where` is the file and line that the user wrote it on.
    """

    benchmark: str
    metric: Metric
    limit: Limit
    tier: str = "must"
    name: str | None = None
    per_operation: bool = False
    relative_to: str | None = None
    inconclusive: Effect | None = None
    min_cores: int | None = None
    speed: AtSpeed = AtSpeed.REFERENCE
    holds: Holds = Holds.TYPICALLY
    where: str


class MovedLimit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that a move of the reference concerns: `old` as it stands, `new` what it means then, or is changed to."""

    benchmark: str
    metric: str
    key: str
    old: str
    new: str
    where: str


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The budget of a comparison: a relative slowdown, and the absolute change below which nothing fails.

    `slowdown` is relative and infinite where a benchmark is not to be compared.
    """

    benchmark: str
    slowdown: float
    metric: Metric
    noise_floor: float = 0.0
    where: str

    @property
    def compares(self) -> bool:
        """Tell whether a benchmark is to be compared at all."""
        return not math.isinf(self.slowdown)


class RuleKind(enum.Enum):
    """What in targets.yaml judges a benchmark: a target its own values, a budget its change from base."""

    TARGET = "target"
    BUDGET = "budget"


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A slowdown that an owner accepts until a date; up to `limit` where one is given."""

    benchmark: str
    kind: RuleKind
    reason: str
    owner: str
    expires: dt.date
    limit: float | None = None
    metric: Metric | None = None
    where: str


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """A whole targets.yaml."""

    confidence: float = 0.99
    tiers: dict[str, Effect] = msgspec.field(
        default_factory=lambda: {"must": Effect.FAIL, "should": Effect.WARN, "nice": Effect.NOTE}
    )
    inconclusive: Effect = Effect.WARN
    mostly_inconclusive: Effect = Effect.WARN
    assumed_spread: float = 0.15
    targets: tuple[Target, ...] = ()
    budgets: tuple[Budget, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    reference: tuple[SpeedReference, ...] = ()
    source: str

    def reference_for(self, implementation: str | None, version: str | None) -> SpeedReference | None:
        """Find the reading of the reference machine under a Python, such as CPython and 3.11.7; None without one."""
        name = f"{implementation} {'.'.join((version or '').split('.')[:2])}"
        return next((reference for reference in self.reference if reference.python == name), None)
