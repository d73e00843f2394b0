"""After how many passes a growing run is judged."""

from __future__ import annotations

import pytest

from hivegate.flows.bench.flow import late_looks, looks_of
from hivegate.flows.plan import SuitePlan


@pytest.mark.parametrize(
    ("fields", "looks"),
    [
        ({}, (2, 3, 5, 10, 15)),
        ({"passes": 3}, (2, 3, 5, 10, 15)),  # fewer passes never take longer
        ({"passes": 7}, (7, 12, 15)),
        ({"passes": 20, "most_passes": 20}, (20,)),
        ({"all": True}, (5, 10, 15)),
        ({"all": True, "passes": 3}, (3, 8, 13, 15)),
        ({"most_passes": 5}, (2, 3, 5)),
        ({"passes": 3, "most_passes": 3}, (3,)),
        ({"most_passes": 10}, (2, 3, 5, 10)),
    ],
)
def test_looks_are_fixed_beforehand(fields: dict[str, int], looks: tuple[int, ...]) -> None:
    """Early ones where what is far from its limit may be decided, then every five passes, the last at the most."""
    assert looks_of(SuitePlan(**fields)) == looks  # type: ignore[arg-type]


def test_the_error_is_split_over_the_looks_at_enough_passes() -> None:
    """Early ones have a sliver of their own; a run that is judged once has all of it."""
    assert late_looks((2, 3, 5, 10, 15)) == 3
    assert late_looks((3,)) == 1
