"""The graph that the default pipeline works on: a vocabulary's classes and properties."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hivemind.swarm.errors import VocabularyError

MEBIBYTE = 2**20
LIMIT = 32


class PropertyTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A property: the types of its values, and the classes that have it; without any, everything may have it."""

    types: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bring both into one order, so that equal terms are equal however they were written."""
        msgspec.structs.force_setattr(self, "types", tuple(sorted(set(self.types))))
        msgspec.structs.force_setattr(self, "domains", tuple(sorted(set(self.domains))))


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A vocabulary graph.

    `classes` maps each class to the one it specialises, an empty text meaning none; `sequence` is the number of the
    last change event that went into it. The mappings must not be changed.
    """

    name: str
    version: str = "latest"
    namespace: str = ""
    sequence: int = 0
    classes: dict[str, str] = {}
    properties: dict[str, PropertyTerm] = {}

    def by_class(self) -> dict[str, dict[str, PropertyTerm]]:
        """Return the properties of each class, sorted by name; under the empty name those that everything may have.

        Time: linear in the terms and their domains, beside the sorting.
        """
        found: dict[str, dict[str, PropertyTerm]] = {name: {} for name in ("", *sorted(self.classes))}
        for name, term in sorted(self.properties.items()):
            for domain in term.domains or ("",):
                if domain in found:
                    found[domain][name] = term
        return found


class _PackFile(msgspec.Struct, kw_only=True):
    """What of a pack file is a vocabulary; the rest is the queen's."""

    name: str
    version: str = "latest"
    namespace: str = ""
    classes: list[str] = []
    properties: dict[str, tuple[str, ...]] = {}


def read_pack(path: Path | str) -> Vocabulary:
    """Return the vocabulary in a pack file (JSON, at most 32 MiB).

    Raises VocabularyError naming the file and, where there is one, the key.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            content = stream.read(LIMIT * MEBIBYTE + 1)
    except OSError as error:
        raise VocabularyError(f"{str(file)!a}: cannot be read: {error.strerror}") from error
    if len(content) > LIMIT * MEBIBYTE:
        raise VocabularyError(f"{str(file)!a}: is larger than {LIMIT} MiB; keep only terms and value types")
    try:
        pack = msgspec.json.decode(content, type=_PackFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise VocabularyError(f"{str(file)!a}: is no pack: {error}") from error
    return Vocabulary(
        name=pack.name,
        version=pack.version,
        namespace=pack.namespace,
        classes=dict.fromkeys(sorted(pack.classes), ""),
        properties={name: PropertyTerm(types=types) for name, types in pack.properties.items()},
    )
