"""Certificates of an authority of our own, made by openssl."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def has_openssl() -> bool:
    """Tell whether certificates can be made here."""
    return shutil.which("openssl") is not None


def make_authority(folder: Path, name: str) -> None:
    """Make ``NAME.crt`` and ``NAME.key``, which can sign others."""
    _request(folder, name, "-subj", f"/CN={name}")


def make_certificate(folder: Path, authority: str, name: str) -> None:
    """Make ``NAME.crt`` and ``NAME.key`` for a host or a role, signed by an authority of the same folder."""
    signed = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key")
    _request(folder, name, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", *signed)


def _request(folder: Path, name: str, *arguments: str) -> None:
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2")
    files = ("-keyout", f"{name}.key", "-out", f"{name}.crt")
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *files, *arguments], cwd=folder, check=True, timeout=60, capture_output=True
    )
    (folder / f"{name}.key").chmod(0o600)
