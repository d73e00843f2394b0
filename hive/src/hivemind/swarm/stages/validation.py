"""Stage three: let only a sound graph through."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from hivemind.packs import Pack, PackError
from hivemind.swarm.stages.extension import GRAPH_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivemind.swarm.stage import StageContext

VALIDATION = "validation"
SHOWN = 10


def validate(context: StageContext) -> Pack:
    """Return the extended vocabulary; raises PackError that lists what is wrong with it."""
    vocabulary = context.result(GRAPH_EXTENSION, Pack)
    found = findings(vocabulary)
    if found:
        rest = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        listed = "\n  ".join(found[:SHOWN])
        raise PackError(f"vocabulary {vocabulary.name!a} is not sound:\n  {listed}{rest}")
    return vocabulary


def findings(vocabulary: Pack) -> tuple[str, ...]:
    """Return what is wrong with a vocabulary, one line each; linear in its terms."""
    return (*_dangling(vocabulary), *_circular(vocabulary))


def _dangling(vocabulary: Pack) -> Iterator[str]:
    classes = vocabulary.classes
    for name, parent in vocabulary.parents.items():
        if parent not in classes:
            yield f"class {name!a} specialises {parent!a}, which is no class; add it or name another"
    own = f"{vocabulary.name}:"
    for name, types in vocabulary.properties.items():
        for domain in vocabulary.domains.get(name, ()):
            if domain not in classes:
                yield f"property {name!a} belongs to {domain!a}, which is no class; add it or name another"
        for value_type in types:
            if value_type.startswith(own) and value_type.removeprefix(own) not in classes:
                yield f"property {name!a} has values of {value_type!a}, which is no class; add it or name another"


def _circular(vocabulary: Pack) -> Iterator[str]:
    try:
        TopologicalSorter({name: (parent,) for name, parent in vocabulary.parents.items()}).prepare()
    except CycleError as error:
        circle = " of ".join(ascii(name) for name in error.args[1])
        yield f"classes specialise each other in a circle: {circle}; remove one of these"
