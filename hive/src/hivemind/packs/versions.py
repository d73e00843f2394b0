"""Version constraints, on poetry-core's algebra."""

from __future__ import annotations

from functools import lru_cache

from poetry.core.constraints.version import VersionConstraint, VersionRange, parse_constraint
from poetry.core.constraints.version.exceptions import ParseConstraintError

from hivemind.packs.errors import ConstraintError
from hivemind.packs.terms import spoken

LATEST = "latest"
MAX_CONSTRAINT_LENGTH = 200


@lru_cache(maxsize=4096)
def constraint(text: str) -> VersionConstraint:
    """Parse `^1.0`, `~1.11`, `>=2,<3`, `1.2.3`, `*`, `latest` or a union of these joined by `||`.

    Raises ConstraintError for text that is no constraint and for one that no version satisfies.
    """
    # The grammar's regular expressions are the library's; a bound keeps hostile text from feeding them megabytes.
    if len(text) > MAX_CONSTRAINT_LENGTH:
        raise ConstraintError(f"a version constraint of {len(text)} characters; at most {MAX_CONSTRAINT_LENGTH}")
    try:
        parsed = parse_constraint("*" if text.strip().lower() == LATEST else text)
    except (ParseConstraintError, ValueError) as error:
        raise ConstraintError(
            f"{spoken(text)} is no version constraint; write ^1.0, ~1.11, >=2,<3, 1.2.3, * or latest"
        ) from error
    if parsed.is_empty():
        raise ConstraintError(f"no version satisfies {spoken(text)}; its bounds exclude each other")
    return parsed


@lru_cache(maxsize=4096)
def intersection(texts: tuple[str, ...]) -> str | None:
    """Return the constraint that satisfies all of texts, or None if no version does.

    Linear in the number of constraints.
    """
    merged: VersionConstraint = VersionRange()
    for text in texts:
        merged = merged.intersect(constraint(text))
    return None if merged.is_empty() else str(merged)


def disjoint(first: str, second: str) -> bool:
    """Tell whether no version satisfies both constraints."""
    return intersection((first, second)) is None


@lru_cache(maxsize=4096)
def reaches_higher(first: str, second: str) -> bool:
    """Tell whether second allows a higher version than every one that first allows."""
    return constraint(second).flatten()[-1].allows_higher(constraint(first).flatten()[-1])
