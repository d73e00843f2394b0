"""The public surface is what it says, and costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hivegate


def test_every_public_name_is_there() -> None:
    """Each name of ``__all__`` loads, under its own name, and ``dir`` lists the same names."""
    for name in hivegate.__all__:
        found = getattr(hivegate, name)
        assert isinstance(found, str) or found.__name__ == name
    assert dir(hivegate) == sorted(hivegate.__all__)


def test_the_surface_is_frozen() -> None:
    """A name that comes or goes is a change that users must read of."""
    assert hivegate.__all__ == [
        "GateResult",
        "HivegateError",
        "Outcome",
        "Run",
        "Subject",
        "Targets",
        "Verdict",
        "__version__",
        "bench",
        "check",
        "compare",
        "explain",
        "load_result",
        "load_targets",
        "read",
    ]


def test_another_name_is_an_attribute_error() -> None:
    """A name that is not public says so as any module does."""
    with pytest.raises(AttributeError, match="no attribute 'judgement'"):
        _ = hivegate.judgement


def test_importing_the_package_loads_nothing_else() -> None:
    """Importing hivegate loads no other module of it, nor any dependency."""
    code = "import sys, typing; before = set(sys.modules); import hivegate; print(*set(sys.modules) - before)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["hivegate"]
