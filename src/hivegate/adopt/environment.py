"""The environment of the benchmarks, filled by pip where the user asks for it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.system.process import deadline, run

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.adopt.requirements import Requirements

_PATIENCE = 1800.0  # seconds; a project may compile
_LAST = 20  # lines of pip's that tell why


def install_command(python: str, needs: Requirements) -> list[str]:
    """Format the command that installs what the benchmarks need, for any pip."""
    return [python, "-m", "pip", "install", *needs.words(old_pip=True)]


def install(python: str, needs: Requirements, project: Path) -> None:
    """Run that command in the project's folder; raises `UsageError` with pip's last words."""
    command = install_command(python, needs)
    ended = run(command, cwd=project, overdue=deadline(_PATIENCE))
    if ended.returncode != 0:
        last = "\n  ".join(ended.output.strip().splitlines()[-_LAST:])
        raise UsageError(f"pip {ended.cause}", where=shlex.join(command), hint=last)
