"""Reads of nanoseconds."""

from itertools import repeat

from .doses import ATTRIBUTE, MAPPING


class Snapshot:
    """What is read."""

    __slots__ = ("version",)

    def __init__(self) -> None:
        self.version = 1


_SNAPSHOT = Snapshot()
_SETTINGS = {"depth": 3, "width": 4, "height": 5}


def single() -> int:
    """Read one attribute: a call that is too short to be dosed."""
    return _SNAPSHOT.version


def attribute() -> int:
    """Read one attribute so many times."""
    snapshot = _SNAPSHOT
    for _ in repeat(None, ATTRIBUTE):
        version = snapshot.version
    return version


def mapping() -> int | None:
    """Read one key so many times."""
    get = _SETTINGS.get
    for _ in repeat(None, MAPPING):
        depth = get("depth")
    return depth
