"""The speed of a machine beside that of the reference, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.metric import Dimension
from hivegate.model.quantity import quantity
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hivegate.model.targets import MovedLimit, SpeedReference


def render_reference(
    here: SpeedReference,
    before: SpeedReference | None,
    moved: Sequence[MovedLimit],
    *,
    file: str | None,
    rescaled: bool,
) -> str:
    """Say how fast this machine is; `moved` are the limits that a new reference concerns, `file` was written to."""
    return "".join(f"{line}\n" for line in _lines(here, before, moved, file=file, rescaled=rescaled))


def _lines(
    here: SpeedReference,
    before: SpeedReference | None,
    moved: Sequence[MovedLimit],
    *,
    file: str | None,
    rescaled: bool,
) -> Iterator[str]:
    yield f"this machine: {_reading(here)}"
    if before is not None:
        yield f"reference:    {_reading(before)}"
        yield f"this machine runs at {before.turn / here.turn:.2f} of the reference machine's speed"
    elif file is None:
        yield f"no reference for {printable(here.python)}: limits are judged as measured"
    if file is not None:
        yield f"written to {printable(file)}"
    if not moved:
        return
    yield (
        "limits that were changed to mean what they meant:"
        if rescaled
        else "limits that mean something else now (in the time of the old reference):"
    )
    for limit in moved:
        name = f"{printable(limit.benchmark)} {printable(limit.metric)}"
        yield f"  {name}: {limit.key} {printable(limit.old)} -> {printable(limit.new)}"


def _reading(reference: SpeedReference) -> str:
    turn, low, high = (quantity(each, Dimension.SECONDS) for each in (reference.turn, reference.low, reference.high))
    processor = f", {printable(reference.processor)}" if reference.processor else ""
    return (
        f"{turn} a turn of loop {reference.loop} ({low} .. {high}; {reference.passes} passes), "
        f"{printable(reference.python)}{processor}, {reference.date.isoformat()}"
    )
