"""What a task says about itself to be scheduled: how urgent, how hot, how heavy."""

from dataclasses import dataclass, field
from enum import IntEnum

from hivemind.primitives.checks import require_member


class Priority(IntEnum):
    """Rank the urgency of work; the higher value goes first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3

    # Enum hashes the member's name in Python code, which would triple the cost of every look-up of a lane.
    __hash__ = int.__hash__


class LatencyTier(IntEnum):
    """Rank how soon a result is needed; the lower value goes first."""

    HOT = 0
    WARM = 1
    COLD = 2


class ResourceCost(IntEnum):
    """Rank what a task consumes; among equals the lighter goes first, which keeps the mean wait short."""

    MINIMAL = 0
    LIGHT = 1
    MODERATE = 2
    HEAVY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingHint:
    """Describe a task to a scheduler.

    `sort_key` ascends from the most urgent hint to the least: higher priority first, then the hotter tier, then
    the lower cost. It is one small integer, the same in every process, and different for different hints.
    """

    priority: Priority
    latency_tier: LatencyTier
    resource_cost: ResourceCost
    sort_key: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no member of its rank, and derive the sort key."""
        require_member(self.priority, Priority, where="SchedulingHint.priority")
        require_member(self.latency_tier, LatencyTier, where="SchedulingHint.latency_tier")
        require_member(self.resource_cost, ResourceCost, where="SchedulingHint.resource_cost")
        urgency = (Priority.CRITICAL - self.priority) * len(LatencyTier) + self.latency_tier
        object.__setattr__(self, "sort_key", urgency * len(ResourceCost) + self.resource_cost)
