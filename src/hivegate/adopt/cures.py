"""Why a suite could not be measured, and the one thing to do about it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from hivegate.adopt.requirements import find_provider, name_of_package

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MISSING = re.compile(
    r"No module named '?([\w.]+)|could not import '([\w.]+)'|"
    r"\b([A-Za-z][\w.-]*) (?:needs to be|is not|must be) installed"
)


def missing_modules(details: Iterable[str]) -> list[str]:
    """Name the modules that texts of failures and skips miss, the commonest first."""
    counted: dict[str, int] = {}
    for detail in details:
        for found in _MISSING.finditer(detail):
            module = next(name for name in found.groups() if name).rstrip(".")
            counted[module] = counted.get(module, 0) + 1
    return sorted(counted, key=lambda module: -counted[module])


def cure(project: Path, python: str, details: Iterable[str]) -> str:
    """Write the command that installs what is missing, by the project's own files; "" where nothing is said to be."""
    modules = missing_modules(details)
    if not modules:
        return ""
    words: list[str] = []
    for module in modules:
        provider = find_provider(project, module) or [name_of_package(module)]
        if provider[-1] not in words:
            words += provider
    return f"{shlex.quote(python)} -m pip install {shlex.join(words)}"
