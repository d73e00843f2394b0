"""The reference of limits: what is asked for amiss is refused before anything is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.errors import HivegateError
from hivegate.flows.project import find_project
from hivegate.flows.reference import ReferenceOptions, reference

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (ReferenceOptions(rescale=True), "rescaling limits without a reference"),
        (ReferenceOptions(rescale=True, write=True), "no such file"),
        (ReferenceOptions(passes=9), "expected at least 10"),
    ],
)
def test_what_is_asked_for_amiss_is_refused(tmp_path: Path, options: ReferenceOptions, why: str) -> None:
    """Limits are rescaled only together with the reference that they are of."""
    with pytest.raises(HivegateError, match=why):
        reference(find_project(tmp_path), options)
