"""Packs: the vocabularies that swarms extend and the queen composes, and the configurations that list them."""

from __future__ import annotations

from hivemind.packs.errors import ConstraintError, PackError
from hivemind.packs.pack import HiveConfiguration, Pack, Resolution, Strategy
from hivemind.packs.reading import read_any, read_configuration, read_pack
from hivemind.packs.terms import spoken

__all__ = [
    "ConstraintError",
    "HiveConfiguration",
    "Pack",
    "PackError",
    "Resolution",
    "Strategy",
    "read_any",
    "read_configuration",
    "read_pack",
    "spoken",
]
