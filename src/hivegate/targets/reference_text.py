"""The speed of the reference machine, written into the text of a targets.yaml, and limits that follow it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.metric import Dimension
from hivegate.model.targets import MovedLimit
from hivegate.targets.fields import as_items
from hivegate.targets.tree import parse_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hivegate.model.targets import SpeedReference, Target, Targets
    from hivegate.targets.tree import Node

_HEAD = "# The machine that limits are meant for. Written by: hivegate reference --write"
_QUANTITY = re.compile(r"(?P<number>[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)(?P<unit>\D.*)?", re.DOTALL)


def with_reference(text: str, source: str, references: Sequence[SpeedReference]) -> str:
    """Put readings in the place of those of a file, which keeps all else; without any they stand before the targets."""
    root = parse_tree(text, source)
    assert isinstance(root.value, dict)  # noqa: S101  the file was read before
    lines = text.splitlines(keepends=True)
    keys = sorted((node.key.line, name) for name, node in root.value.items() if node.key is not None)  # type: ignore[union-attr]
    places = [line for line, _ in keys]
    own = next((line for line, name in keys if name == "reference"), None)
    block = "".join(f"{line}\n" for line in _block(references))
    if own is None:
        before = next((line for line, name in keys if name in {"targets", "budgets", "regressions", "waivers"}), None)
        place = len(lines) if before is None else before - 1
        while place and lines[place - 1].lstrip().startswith("#"):
            place -= 1  # a comment belongs to what it stands over
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return "".join([*lines[:place], f"{_HEAD}\n{block}\n", *lines[place:]])
    end = next((line - 1 for line in places if line > own), len(lines))
    while end > own and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join([*lines[: own - 1], block, *lines[end:]])


def moved_limits(targets: Targets, text: str, factor: float) -> tuple[MovedLimit, ...]:
    """List the limits that follow the speed of the machine, each with what it is times `factor`."""
    return tuple(
        MovedLimit(
            benchmark=target.benchmark,
            metric=target.metric.name,
            key=key,
            old=str(node.value),
            new=_times(str(node.value), factor, target),
            where=node.place,
        )
        for target, key, node in _scaled_limits(targets, text)
    )


def with_scaled_limits(targets: Targets, text: str, factor: float) -> str:
    """Rewrite the limits that follow the speed of the machine, so that they mean what they meant."""
    lines = text.splitlines(keepends=True)
    found = sorted(_scaled_limits(targets, text), key=lambda each: (each[2].line, each[2].column), reverse=True)
    for target, _, node in found:
        old, line = str(node.value), lines[node.line - 1]
        start = line.find(old, node.column - 1)  # behind a quotation mark, where there is one
        if start >= 0:
            lines[node.line - 1] = line[:start] + _times(old, factor, target) + line[start + len(old) :]
    return "".join(lines)


def _scaled_limits(targets: Targets, text: str) -> Iterator[tuple[Target, str, Node]]:
    from hivegate.instruments import instrument_of  # noqa: PLC0415  only where limits are moved

    root = parse_tree(text, targets.source)
    assert isinstance(root.value, dict)  # noqa: S101  the file was read before
    for target, node in zip(targets.targets, as_items(root.value["targets"]) if targets.targets else (), strict=True):
        follows = target.metric.dimension in {Dimension.SECONDS, Dimension.RATE}
        if follows and instrument_of(target.metric).scales(target) and isinstance(node.value, dict):
            yield from ((target, key, bound) for key, bound in _bounds(node.value))


def _bounds(fields: dict[str, Node]) -> Iterable[tuple[str, Node]]:
    for key in ("max", "min"):
        if key in fields:
            yield key, fields[key]
    if "between" in fields:
        yield from (("between", bound) for bound in as_items(fields["between"]))


def _times(written: str, factor: float, target: Target) -> str:
    """Multiply a time, and divide a rate, in the unit in which it is written."""
    found = _QUANTITY.fullmatch(written)
    if found is None:
        return written
    number = float(found["number"].replace("_", ""))
    scaled = number * factor if target.metric.dimension is Dimension.SECONDS else number / factor
    return f"{float(f'{scaled:.3g}'):g}{found['unit'] or ''}"


def _block(references: Sequence[SpeedReference]) -> Iterator[str]:
    yield "reference:"
    for reference in references:
        yield f"  - loop: {reference.loop}"
        yield f"    python: {reference.python}"
        if reference.processor:
            yield f"    processor: {msgspec.json.encode(reference.processor).decode()}"
        yield f"    date: {reference.date.isoformat()}"
        yield f"    turn: {_nanoseconds(reference.turn)}"
        yield f"    between: [{_nanoseconds(reference.low)}, {_nanoseconds(reference.high)}]"
        yield f"    passes: {reference.passes}"


def _nanoseconds(seconds: float) -> str:
    return f"{seconds * 1e9:.4g} ns"
