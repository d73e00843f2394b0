"""Python names for the terms of vocabularies, which may be anything: `class`, `additional-name`, `3DModel`."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A field or class of one of these names would hide what the generated module itself uses.
GENERATED = frozenset(
    "CLASSES DESCRIBED Resource TERMS VOCABULARY dataclass datetime decimal described field fields iri"  # noqa: SIM905
    " read to_dict".split()
)
RESERVED = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins))) | GENERATED

_FOREIGN = re.compile(r"[^A-Za-z0-9_]")


def python_names(terms: Iterable[str]) -> dict[str, str]:
    """Return a Python identifier for each term, all different, in the order of the terms.

    A term that is an identifier and not taken keeps its name. Deterministic: equal terms give equal names.
    """
    terms = list(terms)
    plain = {term: _identifier(term) for term in terms}
    # Terms that are identifiers already come first, so that a cleaned name never takes theirs.
    taken: dict[str, str] = {}
    for term in sorted(terms, key=lambda term: (plain[term] != term, term)):
        name, number = plain[term], 1
        while name in taken:
            number += 1
            name = f"{plain[term]}_{number}"
        taken[name] = term
    names = {term: name for name, term in taken.items()}
    return {term: names[term] for term in terms}


def _identifier(term: str) -> str:
    name = _FOREIGN.sub("_", term)
    # A leading underscore would make the name private, two would have the class mangle it.
    if not name or not name[0].isalpha():
        name = f"x{name}" if name.startswith("_") else f"x_{name}"
    return f"{name}_" if name in RESERVED else name
