"""Programs and packages that are there, looked for and not started."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import sysconfig
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
_NEWEST_MINOR = 20


def find_program(name: str) -> str | None:
    """Find a program beside the running interpreter, as an environment installs it, or on the PATH."""
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)


def find_postgresql() -> str | None:
    """Find PostgreSQL's server: on the PATH, or where Debian keeps it, the newest version first."""
    there = shutil.which("postgres")
    if there is not None or not _DEBIAN.is_dir():
        return there
    found = [one for one in _DEBIAN.glob("*/bin/postgres") if one.is_file()]
    return str(max(found, key=_version)) if found else None


def find_pythons() -> tuple[str, ...]:
    """Name the versions of Python on the PATH that hivegate supports, the running one among them."""
    minors = {minor for minor in range(11, _NEWEST_MINOR) if shutil.which(f"python3.{minor}")}
    return tuple(f"3.{minor}" for minor in sorted(minors | {sys.version_info.minor}))


def has_package(name: str) -> bool:
    """Return whether a package could be imported by this interpreter."""
    return importlib.util.find_spec(name) is not None


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.parents[1].name))
