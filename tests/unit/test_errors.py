"""Errors as people read them."""

import pytest

from hivegate.errors import HivegateError, UsageError


@pytest.mark.parametrize(
    ("fault", "lines", "note"),
    [
        (UsageError("is missing"), "is missing", "is missing"),
        (UsageError("is missing", where="a.yaml"), "a.yaml: is missing", "a.yaml: is missing"),
        (
            UsageError("py-spy is not installed", hint="Install it: pip install py-spy"),
            "py-spy is not installed\n  Install it: pip install py-spy",
            "py-spy is not installed. Install it: pip install py-spy",
        ),
    ],
)
def test_message_and_hint_are_never_glued(fault: HivegateError, lines: str, note: str) -> None:
    """Each has a line of its own, or they are sentences of one line."""
    assert (str(fault), fault.note) == (lines, note)
