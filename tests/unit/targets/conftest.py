from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.errors import TargetsError
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.targets import Budget, Target, Waiver


@pytest.fixture
def refusal() -> Callable[[str], str]:
    """Give what a text is refused with: the place, the key path and the finding, and in the second line the hint."""

    def refused(text: str) -> str:
        with pytest.raises(TargetsError) as caught:
            parse_targets(text, "t.yaml")
        return str(caught.value)

    return refused


@pytest.fixture
def target() -> Callable[[str], Target]:
    """Read one target whose fields are given as the inside of a flow mapping."""
    return lambda fields: parse_targets(f"schema: 1\ntargets: [{{{fields}}}]", "t.yaml").targets[0]


@pytest.fixture
def budget() -> Callable[[str], Budget]:
    """Read one entry of budgets."""
    return lambda fields: parse_targets(f"schema: 1\nbudgets: [{{{fields}}}]", "t.yaml").budgets[0]


@pytest.fixture
def waiver() -> Callable[[str], Waiver]:
    """Read one waiver."""
    return lambda fields: parse_targets(f"schema: 1\nwaivers: [{{{fields}}}]", "t.yaml").waivers[0]
