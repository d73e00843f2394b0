"""The machine that limits are meant for: readings of its speed, read, checked and written."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.targets import SpeedReference
from hivegate.targets.fields import Fields, as_items, as_quantity, as_text
from hivegate.targets.units import GRAMMARS
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from hivegate.targets.tree import Node

REFERENCE_KEYS = ("loop", "python", "processor", "date", "turn", "between", "passes")
PYTHON = r"[A-Za-z][A-Za-z0-9]{0,39} [0-9]{1,3}\.[0-9]{1,3}"
LOOPS = ("1", "1.0")  # YAML writers spell a whole float as 1.0
FEWEST_PASSES = 10
_WRITTEN = "hivegate reference --write"


def read_references(nodes: list[Node]) -> tuple[SpeedReference, ...]:
    """Read ``reference``: one reading for each Python."""
    references: dict[str, SpeedReference] = {}
    for node in nodes:
        reference = _reference(node)
        if reference.python in references:
            first = references[reference.python].where
            raise node.refuse(f"repeats {reference.python}, which {first} has", "keep one of them")
        references[reference.python] = reference
    return tuple(references.values())


def _reference(node: Node) -> SpeedReference:
    fields = Fields(node, REFERENCE_KEYS)
    loop, python = fields.need("loop"), fields.need("python")
    if as_text(loop) not in LOOPS:
        raise loop.refuse(f"is {shown(as_text(loop))}; this hivegate has the loop 1", f"write it again: {_WRITTEN}")
    if not re.fullmatch(PYTHON, as_text(python)):
        raise python.refuse(
            f"is {shown(as_text(python))}; expected an implementation and its minor version", "python: CPython 3.11"
        )
    passes = fields.whole_number("passes")
    if passes is None or passes < FEWEST_PASSES:
        at = fields.need("passes")
        raise at.refuse(f"is {passes}; expected at least {FEWEST_PASSES}", f"measure it: {_WRITTEN}")
    turn, low, high = as_quantity(fields.need("turn"), _TIME), *_between(fields.need("between"))
    if not 0 < low <= turn <= high < math.inf:
        raise fields.need("between").refuse("does not contain the turn", f"measure it: {_WRITTEN}")
    return SpeedReference(
        loop=int(float(as_text(loop))),
        python=as_text(python),
        turn=turn,
        low=low,
        high=high,
        passes=passes,
        date=fields.date("date"),
        processor=fields.text("processor"),
        where=node.place,
    )


_TIME = GRAMMARS[Dimension.SECONDS]


def _between(node: Node) -> tuple[float, float]:
    items = as_items(node)
    if len(items) != 2:  # noqa: PLR2004  a pair
        raise node.refuse(f"is a list of {len(items)}; expected two bounds", "between: [49 ns, 51 ns]")
    low, high = items
    return as_quantity(low, _TIME), as_quantity(high, _TIME)
