"""Counting words: loops and dicts."""

from .doses import TALLY

_WORDS = ("queen", "worker", "drone", "queen", "nectar", "pollen", "worker", "queen")


def tally() -> int:
    """Count the words of so many pages, and the longest of them."""
    counts: dict[str, int] = {}
    longest = 0
    for _ in range(TALLY):
        for word in _WORDS:
            counts[word] = counts.get(word, 0) + 1
            longest = max(longest, len(word))
    return counts["queen"] + longest
