"""Which benchmarks are measured: chosen, or left out, by id, by pytest-benchmark's group or by marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from hivegate.errors import UsageError
from hivegate.model.identity import closest, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GROUP, _MARKER = "group:", "marker:"
_SHOWN = 8


class Selectable(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark is chosen by: its id, the group that its marker names, and the names of all its markers."""

    id: str
    group: str = ""
    markers: tuple[str, ...] = ()


Item = TypeVar("Item", bound=Selectable)


def picks(selector: str, item: Selectable) -> bool:
    """Tell whether a selector names a benchmark: ``group:GLOB``, ``marker:GLOB``, or a glob of its id."""
    if selector.startswith(_GROUP):
        return matches(selector.removeprefix(_GROUP), item.group)
    if selector.startswith(_MARKER):
        return any(matches(selector.removeprefix(_MARKER), marker) for marker in item.markers)
    return matches(selector, item.id)


def is_selected(item: Selectable, selectors: Iterable[str], excluded: Iterable[str] = ()) -> bool:
    """Tell whether any selector names a benchmark, no selectors all of them, and none of what is excluded does."""
    wanted = tuple(selectors)
    return (not wanted or any(picks(one, item) for one in wanted)) and not any(picks(one, item) for one in excluded)


def select(items: Sequence[Item], selectors: tuple[str, ...], excluded: tuple[str, ...] = ()) -> list[Item]:
    """Keep what is selected, in its order.

    Raises `UsageError` for a selector that matches nothing, chosen or excluded: a typing error must not change what is
    measured. Also where nothing is left.
    """
    for selector in (*selectors, *excluded):
        if not any(picks(selector, item) for item in items):
            raise UsageError(
                f"selector {selector!r} matches none of {len(items)} benchmarks", hint=_hint(selector, items)
            )
    kept = [item for item in items if is_selected(item, selectors, excluded)]
    if items and not kept:
        raise UsageError("all benchmarks that are selected are excluded as well", hint="exclude fewer: --exclude")
    return kept


def _hint(selector: str, items: Sequence[Selectable]) -> str:
    if selector.startswith(_GROUP):
        return _known("groups", (item.group for item in items if item.group))
    if selector.startswith(_MARKER):
        return _known("markers", (marker for item in items for marker in item.markers))
    near = closest(selector, [item.id for item in items])
    return f"did you mean {near}?" if near else "list the ids: hivegate run --collect-only"


def _known(what: str, names: Iterable[str]) -> str:
    known = sorted(set(names))
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"known {what}: {', '.join(known[:_SHOWN]) or 'none'}{more}"
