"""The page that every measurement leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import results

from hivegate.flows.project import find_project
from hivegate.flows.report.page import write_page
from hivegate.flows.workspace import page_of, save_result
from hivegate.model.run import Commit

if TYPE_CHECKING:
    from pathlib import Path

SHA = "0123456789abcdef"


@pytest.mark.parametrize(
    ("commit", "joined"),
    [
        (Commit(sha=SHA), True),
        (Commit(sha="fedcba9876543210"), False),
        (Commit(sha=SHA, dirty=True), False),
        (None, False),
    ],
)
def test_it_holds_both_results_of_one_commit(tmp_path: Path, commit: Commit | None, joined: bool) -> None:  # noqa: FBT001  a case
    """Targets and comparison are one answer where the same code was measured, and else are none."""
    save_result(tmp_path, "bench", msgspec.structs.replace(results.green(), commit=commit))
    save_result(tmp_path, "compare", msgspec.structs.replace(results.changed(), commit=Commit(sha=SHA)))
    assert write_page(find_project(tmp_path), "compare") == ""
    text = page_of(tmp_path).read_text(encoding="utf-8")
    assert "Changes from base to head" in text
    assert ("Consensus, ten packs" in text) is joined


def test_an_old_page_never_stands_for_a_new_result(tmp_path: Path) -> None:
    """Where it cannot be written the reason comes back, and the page of before is gone."""
    page = page_of(tmp_path)
    page.parent.mkdir()
    page.write_text("of yesterday")
    assert "no such file" in write_page(find_project(tmp_path), "bench")
    assert not page.exists()
