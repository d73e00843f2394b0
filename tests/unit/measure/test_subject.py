"""The environment of a measured process: the caller's, without what is a tracer's or a runner's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RUNNERS = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN")
TOKENS = ("GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_CACHE_URL")


def test_measured_code_sees_nothing_of_the_runner_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the files that set variables and paths, nor a token; where it runs it may know."""
    for name in (*RUNNERS, *TOKENS):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    subject = Subject(project=tmp_path, python=sys.executable, paths=("benches",), roots=("benches",))
    assert "secret" not in subject.environment().values()
    assert subject.environment()["GITHUB_ACTIONS"] == "true"
