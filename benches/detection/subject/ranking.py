"""Sorting and digesting: long calls into C."""

import hashlib

from .doses import ORDER

_SCORES = [(number * 7919 % 211) / 3 for number in range(120)]


def order() -> str:
    """Rank so many lists and digest their lengths."""
    digest = hashlib.sha256()
    for _ in range(ORDER):
        digest.update(b"%d" % len(sorted(_SCORES)))
    return digest.hexdigest()
