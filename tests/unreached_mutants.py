"""Mutants in which no executed function's own code differs: each makes `run()` of its package slower all the same.

A mutant is a package, as base and as head have it. `variant` moves it about: other numbers, other names, other things
around it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAST, _SLOW = 300, 60_000


class Mutant(NamedTuple):
    """A package's files on both sides, by their names in its folder; None where a side does not have it."""

    kind: str
    files: dict[str, tuple[str | None, str | None]]


# By kind: `work.py` of the package. `<<fast|slow>>` is what differs, `$F` and `$S` are numbers.
_TEXT = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
_ONE_FILE = {
    kind: f"{source.strip()}\n" for kind, _, source in (part.partition("\n") for part in _TEXT.split("#### ")[1:])
}
_DATA = frozenset(kind for kind in _ONE_FILE if kind.startswith("data ")) | {
    "size of a file",
    "generated code",
    "process",
    "process of multiprocessing",
    "process of C",
    "scanned file",
}
_ADDED = {
    "path file": ("more.pth", "slow_folder\n"),
    "file that is there": ("flag", "x"),
    "file by access": ("flag", "x"),
    "globbed file": ("flag", "x"),
    "listed file": ("flag", "x"),
    "asked for and listed": ("flag", "x"),
    "module that is found": ("extra.py", "NUMBER = 1\n"),
    "optional module": ("extra.py", "NUMBER = $S\n"),
    "listed modules": ("extra.py", "NUMBER = 1\n"),
    "namespace package": ("space/text", "x"),
}
_REMOVED = {"file that is gone": ("flag", "x"), "removed module": ("extra.py", "NUMBER = $F\n")}
_MORE = {
    "import order": {
        "shared.py": ("NUMBER = $F\n", "NUMBER = $F\n"),
        "a.py": ("from TOP import shared\nshared.NUMBER = $S\n",) * 2,
        "b.py": ("from TOP import shared\nshared.NUMBER = $F\n",) * 2,
    },
    "monkeypatch elsewhere": {
        "shared.py": ("NUMBER = $F\n", "NUMBER = $F\n"),
        "patches.py": ("", "from TOP import shared\nshared.NUMBER = $S\n"),
    },
    "registration at import": {
        "shared.py": ("HANDLERS = [$F]\n", "HANDLERS = [$F]\n"),
        "patches.py": ("from TOP import shared\n", "from TOP import shared\nshared.HANDLERS.append($S)\n"),
    },
    "debugging switch": {"settings.py": ("DEBUG = False\n", "DEBUG = True\n")},
    "star import": {"settings.py": ("", "DEBUG = True\n")},
}
KINDS = tuple(_ONE_FILE)


def mutant(kind: str, variant: int, package: str) -> Mutant:
    """Make a variant of a kind as the package of a name."""
    fast, slow = _FAST + 7 * variant, _SLOW + 101 * variant
    padding = "".join(f"\n\ndef around_{number}(value):\n    return value + {number}\n" for number in range(variant))
    head = "".join(f"PADDING_{number} = {number}\n" for number in range(variant))

    def written(text: str) -> str:
        text = text.replace("$F", str(fast)).replace("$S", str(slow))
        # What looks at lines knows those of base.
        return text.replace("LINE", str(1 + head.count("\n"))).replace("TOP", package)

    base, new = _sides(_ONE_FILE[kind])
    files: dict[str, tuple[str | None, str | None]] = {
        "__init__.py": ("", ""),
        "work.py": (head + written(base) + padding, head + written(new) + padding),
    }
    if kind.startswith("docstring of"):
        files["work.py"] = (written(base) + padding, written(new) + padding)
    if kind in _DATA:
        files["data.txt"] = (f"{fast}\n", f"{slow}\n")
    if kind in _ADDED:
        name, text = _ADDED[kind]
        files[name] = (None, written(text))
    if kind in _REMOVED:
        name, text = _REMOVED[kind]
        files[name] = (written(text), None)
    for name, (old, now) in _MORE.get(kind, {}).items():
        files[name] = (written(old), written(now))
    if kind == "path file":
        files["slow_folder/text"] = ("x", "x")
    if kind == "database":
        files["data.db"] = (f"{fast}", f"{slow}")  # made by whoever writes the files
    return Mutant(kind, files)


def _sides(text: str) -> tuple[str, str]:
    before, _, rest = text.partition("<<")
    if not rest:
        return text, text
    both, _, after = rest.partition(">>")
    fast, _, slow = both.partition("|")
    return before + fast + after, before + slow + after


def all_mutants(variants: int) -> Iterator[tuple[str, Mutant]]:
    """Make so many variants of each kind, each with the name of its package."""
    for place, kind in enumerate(KINDS):
        for variant in range(variants):
            package = f"pack_{place}_{variant}"
            yield package, mutant(kind, variant, package)
