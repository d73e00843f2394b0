import pickle
from itertools import product

import pytest

from hivemind.primitives import InvalidValueError, LatencyTier, Priority, ResourceCost, SchedulingHint

EVERY = [
    SchedulingHint(priority=priority, latency_tier=tier, resource_cost=cost)
    for priority, tier, cost in product(Priority, LatencyTier, ResourceCost)
]


def test_ranks_have_the_documented_values() -> None:
    """LOW is 0 and CRITICAL is 3; hot, and cheap, come first."""
    assert [(member.name, member.value) for member in Priority] == [
        ("LOW", 0),
        ("NORMAL", 1),
        ("HIGH", 2),
        ("CRITICAL", 3),
    ]
    assert [member.name for member in LatencyTier] == ["HOT", "WARM", "COLD"]
    assert [member.name for member in ResourceCost] == ["MINIMAL", "LIGHT", "MODERATE", "HEAVY"]


def test_a_priority_hashes_like_its_number() -> None:
    """Equal values hash equal, so a number finds what a priority filed."""
    assert {Priority.HIGH: "lane"}[2] == "lane"  # type: ignore[index]
    assert {hash(member) for member in Priority} == {0, 1, 2, 3}


def test_sort_keys_order_by_priority_then_tier_then_cost() -> None:
    """The one-number key gives the same order as comparing the three ranks in turn."""
    by_key = sorted(EVERY, key=lambda hint: hint.sort_key)
    by_ranks = sorted(EVERY, key=lambda hint: (-hint.priority, hint.latency_tier, hint.resource_cost))
    assert by_key == by_ranks
    assert sorted(hint.sort_key for hint in EVERY) == list(range(48))


def test_a_hint_survives_pickling() -> None:
    """A hint can travel to another process and keeps its key."""
    for hint in EVERY:
        copy = pickle.loads(pickle.dumps(hint))  # noqa: S301 - our own bytes
        assert (copy, copy.sort_key) == (hint, hint.sort_key)


@pytest.mark.parametrize("field", ["priority", "latency_tier", "resource_cost"])
def test_a_wrong_rank_is_refused_by_name(field: str) -> None:
    """The error names the field, the value and what is allowed."""
    ranks: dict[str, object] = {
        "priority": Priority.LOW,
        "latency_tier": LatencyTier.HOT,
        "resource_cost": ResourceCost.LIGHT,
    }
    ranks[field] = "urgent"
    with pytest.raises(InvalidValueError, match=rf"SchedulingHint\.{field} is 'urgent'; give one of \w+\.\w+, "):
        SchedulingHint(**ranks)  # type: ignore[arg-type]
