"""Virtual environments for the tests, made without a network."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
import venv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Environment:
    """A virtual environment that borrows the tests' own packages, without their editable installs."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = str(folder / "bin" / "python")
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.packages = folder / "lib" / version / "site-packages"
        self.path("borrowed", sysconfig.get_path("purelib"))

    def path(self, name: str, *lines: object) -> None:
        """Write a .pth file."""
        (self.packages / f"{name}.pth").write_text("".join(f"{line}\n" for line in lines))

    def install(self, *what: str) -> None:
        """Install with the real pip and build backend, and without a network."""
        for needed in ("pip", "setuptools", "hatchling", "editables"):
            if importlib.util.find_spec(needed) is None:
                pytest.skip(f"{needed} is not installed")
        command = [sys.executable, "-m", "pip", "--python", self.python, "install", "-q", "--no-index", "--no-deps"]
        settings = ["--no-build-isolation", "--disable-pip-version-check"]
        ended = subprocess.run([*command, *settings, *what], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
