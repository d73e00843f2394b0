"""A local index: a folder of wheels, some written here and some packed again from what the tests run with."""

from __future__ import annotations

import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator


_WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class Index:
    """A folder that pip and uv install from instead of a network; `variables` have them do so."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        for name in _needed("pytest-benchmark", set()):
            self.pack(name)

    @property
    def variables(self) -> dict[str, str]:
        """Set what both tools go by; wheels of a project that other runs have built are left aside."""
        return {
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_FIND_LINKS": str(self._folder),
            "UV_NO_INDEX": "1",
            "UV_NO_CONFIG": "1",
            "UV_FIND_LINKS": str(self._folder),
            "UV_CACHE_DIR": str(self._folder / "uv"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
        }

    def add(self, name: str, version: str, source: str, *requirements: str) -> None:
        """Add a release of a distribution that is one module."""
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        about += "".join(f"Requires-Dist: {one}\n" for one in requirements)
        self._write(name, version, {f"{name}.py": source.encode(), "METADATA": about.encode()})

    def pack(self, name: str) -> None:
        """Make a wheel of an installed distribution again, for this Python."""
        found = metadata.distribution(name)
        files = {
            str(one): Path(str(one.locate())).read_bytes()
            for one in found.files or ()
            if ".dist-info" not in str(one) and "__pycache__" not in str(one) and not str(one).startswith("..")
        }
        entries = found.read_text("entry_points.txt") or ""
        described = {"METADATA": (found.read_text("METADATA") or "").encode(), "entry_points.txt": entries.encode()}
        self._write(found.metadata["Name"].replace("-", "_"), found.version, files | described)

    def _write(self, name: str, version: str, files: dict[str, bytes]) -> None:
        information = f"{name}-{version}.dist-info"
        described = {"METADATA", "entry_points.txt"}
        named = {f"{information}/{one}" if one in described else one: text for one, text in files.items()}
        named[f"{information}/WHEEL"] = _WHEEL.encode()
        named[f"{information}/RECORD"] = "".join(f"{one},,\n" for one in (*named, f"{information}/RECORD")).encode()
        with zipfile.ZipFile(self._folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
            for one, text in named.items():
                archive.writestr(one, text)


def _needed(name: str, seen: set[str]) -> Iterator[str]:
    """Yield a distribution and all that it needs here."""
    if name in seen:
        return
    seen.add(name)
    yield name
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield from _needed(wanted.name, seen)
