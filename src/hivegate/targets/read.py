"""A whole targets.yaml, read part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.errors import TargetsError
from hivegate.model.metric import Dimension
from hivegate.model.targets import Effect, Targets
from hivegate.system.files import read_bytes
from hivegate.targets.budgets import read_regression, read_waiver
from hivegate.targets.fields import Fields, as_items, as_text
from hivegate.targets.limits import read_target, refuse_contradictions
from hivegate.targets.tree import parse_tree

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.targets.tree import Node

_LARGEST = 2**20  # bytes; ten thousand targets have less
_TOP = ("schema", "confidence", "tiers", "inconclusive", "assumed_spread", "targets", "regressions", "waivers")
_SCHEMA = "1"
_EFFECTS = tuple(effect.value for effect in Effect)
_CONFIDENCE = (0.5, 0.9999)
_SPREAD = (0.001, 2.0)


def load_targets(path: Path) -> Targets:
    """Read a targets.yaml; raises `TargetsError` with file, line and key path."""
    data = read_bytes(path, limit=_LARGEST, error=TargetsError)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise TargetsError(f"is not UTF-8: byte {data[fault.start]:#04x}", where=f"{path}:{line}") from fault
    return parse_targets(text, str(path))


def parse_targets(text: str, source: str) -> Targets:
    """Read the text of a targets.yaml; `source` names it in errors."""
    fields = Fields(parse_tree(text, source), _TOP)
    schema = fields.need("schema")
    if as_text(schema) != _SCHEMA:
        raise schema.refuse(f"is {schema.value!r}; this hivegate reads schema {_SCHEMA}", "update hivegate")
    tiers = _tiers(fields.get("tiers"))
    targets = tuple(read_target(node, tuple(tiers)) for node in _list(fields, "targets"))
    refuse_contradictions(targets)
    inconclusive = fields.one_of("inconclusive", (Effect.WARN.value, Effect.FAIL.value))
    return Targets(
        confidence=_share(fields, "confidence", _CONFIDENCE, 0.99),
        tiers=tiers,
        inconclusive=Effect(inconclusive or Effect.WARN.value),
        assumed_spread=_share(fields, "assumed_spread", _SPREAD, 0.15),
        targets=targets,
        regressions=tuple(read_regression(node) for node in _list(fields, "regressions")),
        waivers=tuple(read_waiver(node) for node in _list(fields, "waivers")),
        source=source,
    )


def _list(fields: Fields, key: str) -> list[Node]:
    node = fields.get(key)
    return [] if node is None else as_items(node)


def _tiers(node: Node | None) -> dict[str, Effect]:
    if node is None:
        return {"must": Effect.FAIL, "should": Effect.WARN, "nice": Effect.NOTE}
    if not isinstance(node.value, dict) or not node.value:
        raise node.refuse("a mapping of tiers to fail, warn or note is allowed", "{must: fail, should: warn}")
    fields = Fields(node, tuple(node.value))
    return {tier: Effect(fields.one_of(tier, _EFFECTS)) for tier in node.value}


def _share(fields: Fields, key: str, bounds: tuple[float, float], default: float) -> float:
    value = fields.quantity(key, Dimension.RATIO)
    if value is None:
        return default
    low, high = bounds
    if not low <= value <= high:
        raise fields.need(key).refuse(f"is {value:.4%}; allowed is {low:.2%} to {high:.2%}")
    return value
