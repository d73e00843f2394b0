"""Environments of the tools that are compared, made once below a folder, from the interpreter that runs this."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

# What each holds; the project's own dependencies go where its benchmarks run.
_SUBJECT = ("pytest", "pytest-benchmark", "pyperf", "attrs", "typing-extensions")
_ASV = ("asv", "virtualenv")


class Environments(NamedTuple):
    """The interpreters: of the measured project, and of asv, which makes environments of its own below `folder`."""

    subject: Path
    asv: Path
    folder: Path


def make_environments(folder: Path) -> Environments:
    """Make what is missing; raises `subprocess.CalledProcessError` where an installation fails."""
    return Environments(_made(folder / "subject", _SUBJECT), _made(folder / "asv", _ASV), folder)


def version_of(python: Path, package: str) -> str:
    """Look up the version of a package in an environment."""
    return _run([str(python), "-c", f"import importlib.metadata as m; print(m.version({package!r}))"]).strip()


def _made(folder: Path, packages: tuple[str, ...]) -> Path:
    python, marker = folder / "bin" / "python", folder / "complete"
    if not marker.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", *packages])
        marker.touch()
    return python


def _run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env=bare()).stdout  # noqa: S603  an argument list


def bare() -> dict[str, str]:
    """Return the environment variables without those by which a tool's own interpreter would reach into another."""
    return {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    }
