"""Stage three: let only a sound graph through."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from hivemind.swarm.errors import VocabularyError
from hivemind.swarm.stages.extension import GRAPH_EXTENSION
from hivemind.swarm.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivemind.swarm.stage import StageContext

VALIDATION = "validation"
SHOWN = 10

_NAME = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\"\\<>\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]{1,512}")


def validate(context: StageContext) -> Vocabulary:
    """Return the extended vocabulary; raises VocabularyError that lists what is wrong with it."""
    vocabulary = context.result(GRAPH_EXTENSION, Vocabulary)
    found = findings(vocabulary)
    if found:
        rest = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        listed = "\n  ".join(found[:SHOWN])
        raise VocabularyError(f"vocabulary {vocabulary.name!a} is not sound:\n  {listed}{rest}")
    return vocabulary


def findings(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what is wrong with a vocabulary, one line each; linear in its terms."""
    return (*_misnamed(vocabulary), *_dangling(vocabulary), *_circular(vocabulary))


def _misnamed(vocabulary: Vocabulary) -> Iterator[str]:
    named = {"the vocabulary": [vocabulary.name], "a class": vocabulary.classes, "a property": vocabulary.properties}
    for what, names in named.items():
        for name in names:
            if not _NAME.fullmatch(name):
                yield f"{what} is named {name!a}; a name is printable, without blanks, quotes and angle brackets"


def _dangling(vocabulary: Vocabulary) -> Iterator[str]:
    classes = vocabulary.classes
    for name, parent in classes.items():
        if parent and parent not in classes:
            yield f"class {name!a} specialises {parent!a}, which is no class; add it or name another"
    own = f"{vocabulary.name}:"
    for name, term in vocabulary.properties.items():
        for domain in term.domains:
            if domain not in classes:
                yield f"property {name!a} belongs to {domain!a}, which is no class; add it or name another"
        for value_type in term.types:
            if value_type.startswith(own) and value_type.removeprefix(own) not in classes:
                yield f"property {name!a} has values of {value_type!a}, which is no class; add it or name another"


def _circular(vocabulary: Vocabulary) -> Iterator[str]:
    try:
        TopologicalSorter({name: (parent,) for name, parent in vocabulary.classes.items() if parent}).prepare()
    except CycleError as error:
        circle = " of ".join(ascii(name) for name in error.args[1])
        yield f"classes specialise each other in a circle: {circle}; remove one of these"
