"""What can be told apart by eye: text without letters that do not show, written in the one normal form."""

import re
from unicodedata import is_normalized, normalize

# `str.isprintable` refuses controls, formats and every blank but the plain one. These it takes, and they show nothing:
# fillers, joiners and selectors, which Unicode tells renderers to ignore, and the empty cell of Braille.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def fault_of(text: str) -> str:
    """Return in words what keeps `text` from being told apart by eye, escaped, or nothing where all is well.

    Linear in the text; O(1) for printable ASCII beside one look at each byte.
    """
    if text.isascii() and text.isprintable():
        return ""
    for position, letter in enumerate(text):
        if not letter.isprintable() or _UNSEEN.match(letter):
            return f"holds {letter!a} at position {position}, which does not show; remove it"
    if not is_normalized("NFC", text):
        return f"is not in Unicode's normal form C; write {normalize('NFC', text)!a}"
    return ""
