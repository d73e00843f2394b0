"""One side of a comparison by itself, for what is measured in processes of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.measure.collect import BenchmarkItem, Collection
from hivegate.measure.subject import Subject

if TYPE_CHECKING:
    from hivegate.measure.pairs.checkout import Pairing


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk over one tree needs; `trees` tells the worker which of the two is its own."""

    subject: Subject
    collection: Collection
    chosen: tuple[BenchmarkItem, ...]
    trees: dict[str, str]


def side_of(pairing: Pairing, side: str, head: Collection, chosen: tuple[BenchmarkItem, ...]) -> Side:
    """Find in a side's tree, ``base`` or ``head``, what was collected and chosen in head's."""
    trees = pairing.trees
    own, other = (trees.base, trees.head) if side == "base" else (trees.head, trees.base)
    python = (side == "base" and pairing.base_python) or pairing.subject.python
    return Side(
        subject=msgspec.structs.replace(pairing.subject, project=own, python=python),
        collection=msgspec.structs.replace(head, rootdir=str(trees.of(side, trees.rootdir))),
        chosen=tuple(msgspec.structs.replace(one, path=str(trees.of(side, Path(one.path)))) for one in chosen),
        trees={"own": str(own), "other": str(other)},
    )
