"""What can be wrong with packs, configurations and the files that hold them."""

from __future__ import annotations

from hivemind.primitives import InvalidValueError


class PackError(InvalidValueError):
    """A pack, a configuration, a change to a pack, or the file that holds one is wrong; the message says where."""


class ConstraintError(PackError):
    """A version constraint cannot be read, or no version can satisfy it."""
