"""Version constraints."""

from __future__ import annotations

import pytest

from hivemind.packs.versions import constraint, disjoint, intersection, reaches_higher
from hivemind.queen import ConstraintError


@pytest.mark.parametrize(
    ("texts", "merged"),
    [
        (("^1.0.0", "~1.0.0"), ">=1.0.0,<1.1.0"),
        ((">=2,<3", "latest"), ">=2,<3"),
        (("1.2.3", "~1.2"), "1.2.3"),
        (("^1 || ^3", ">=2"), ">=3,<4"),
        (("latest", "*"), "*"),
        (("^1.0", "^2.0"), None),
        (("^1 || ^3", "^1 || ^2", "^2 || ^3"), None),
    ],
)
def test_intersection_is_what_satisfies_all(texts: tuple[str, ...], merged: str | None) -> None:
    """Constraints merge into the one that satisfies all of them; None where no version does."""
    assert intersection(texts) == merged


def test_unions_can_overlap_two_by_two_and_have_nothing_in_common() -> None:
    """Disjointness is asked of two constraints, so pairs of unions may pass where all three do not."""
    unions = ("^1 || ^3", "^1 || ^2", "^2 || ^3")
    assert not any(disjoint(one, other) for one in unions for other in unions)


@pytest.mark.parametrize("text", ["", "newest", "^", "1.0 and 2.0", "^1\x00", "9" * 300])
def test_text_that_is_no_constraint_is_an_error(text: str) -> None:
    """The message says what may be written."""
    with pytest.raises(ConstraintError, match=r"latest|at most 200"):
        constraint(text)


def test_a_constraint_that_no_version_satisfies_is_an_error() -> None:
    """Bounds that exclude each other are found when the constraint is read."""
    with pytest.raises(ConstraintError, match="no version satisfies"):
        constraint(">=2,<1")


@pytest.mark.parametrize(
    ("first", "second", "higher"),
    [
        ("^1.0", "^2.0", True),
        ("^2.0", "^1.0", False),
        ("^1.0", "^1.0", False),
        ("^1.0", "*", True),
        ("1.2", "1.3", True),
    ],
)
def test_reaching_higher_compares_upper_ends(first: str, second: str, higher: bool) -> None:  # noqa: FBT001 -- a parametrised expectation
    """The second reaches higher if it allows a version above all that the first allows."""
    assert reaches_higher(first, second) is higher
