"""A whole targets.yaml, read part by part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hivegate.errors import TargetsError
from hivegate.model.targets import AtSpeed, Effect, Targets
from hivegate.system.files import read_bytes
from hivegate.targets.budgets import read_budget, read_waiver, refuse_shadowed
from hivegate.targets.conflicts import refuse_contradictions
from hivegate.targets.fields import Fields, as_items, as_text
from hivegate.targets.limits import POLICIES, SPEEDS, read_target
from hivegate.targets.references import read_references
from hivegate.targets.tree import parse_tree
from hivegate.targets.units import SHARE
from hivegate.targets.wording import shown

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.targets.tree import Node

TOP_KEYS = (
    *("schema", "confidence", "tiers", "inconclusive", "mostly_inconclusive", "assumed_spread"),
    *("reference", "speed", "targets", "budgets", "waivers"),
)
FORMER_KEYS = {"regressions": "budgets"}  # before 0.1.0
SCHEMAS = ("1", "1.0")  # YAML writers spell a whole float as 1.0
EFFECTS = tuple(effect.value for effect in Effect)
TIER = "[A-Za-z_][A-Za-z0-9_-]{0,40}"
MOST_TIERS = 20
_LARGEST = 2**20  # bytes; ten thousand targets have less
_CONFIDENCE = (0.5, 0.9999, "50 % to 99.99 %")
_SPREAD = (0.001, 2.0, "0.1 % to 200 %")


def load_targets(path: Path) -> Targets:
    """Read a targets.yaml; raises `TargetsError` with file, line and key path."""
    if not path.exists() and path.name == "targets.yaml":
        raise TargetsError(
            "no such file",
            where=str(path),
            hint="hivegate init measures the benchmarks and writes one; hivegate compare needs none",
        )
    data = read_bytes(path, limit=_LARGEST, error=TargetsError)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise TargetsError(
            f"is not UTF-8: byte {fault.start} is {data[fault.start]:#04x}",
            where=f"{path}:{line}:{column}",
            hint="save it as UTF-8",
        ) from fault
    return parse_targets(text, str(path))


def parse_targets(text: str, source: str) -> Targets:
    """Read the text of a targets.yaml; `source` names it in errors."""
    fields = Fields(parse_tree(text, source), TOP_KEYS, FORMER_KEYS)
    _refuse_other_schema(fields.need("schema"))
    tiers = _tiers(fields.get("tiers"))
    speeds = _speeds(fields.get("speed"), tuple(tiers))
    targets = [(node, read_target(node, speeds)) for node in _list(fields, "targets")]
    refuse_contradictions(targets)
    budgets = [(node, read_budget(node)) for node in _list(fields, "budgets")]
    refuse_shadowed(budgets)
    return Targets(
        confidence=_share(fields, "confidence", _CONFIDENCE, 0.99),
        tiers=tiers,
        inconclusive=Effect(fields.one_of("inconclusive", POLICIES) or Effect.WARN.value),
        mostly_inconclusive=Effect(fields.one_of("mostly_inconclusive", POLICIES) or Effect.WARN.value),
        assumed_spread=_share(fields, "assumed_spread", _SPREAD, 0.15),
        targets=tuple(one for _, one in targets),
        budgets=tuple(one for _, one in budgets),
        waivers=tuple(read_waiver(node) for node in _list(fields, "waivers")),
        reference=read_references(_list(fields, "reference")),
        source=source,
    )


def _refuse_other_schema(node: Node) -> None:
    text = as_text(node)
    if text not in SCHEMAS:
        newer = re.fullmatch("[0-9]{1,9}", text) and int(text) > 1
        hint = "update hivegate, or use a file for this version" if newer else "write schema: 1"
        raise node.refuse(f"is {shown(text)}; this hivegate supports schema 1", hint)


def _list(fields: Fields, key: str) -> list[Node]:
    node = fields.get(key)
    return [] if node is None else as_items(node)


def _tiers(node: Node | None) -> dict[str, Effect]:
    if node is None:
        return {"must": Effect.FAIL, "should": Effect.WARN, "nice": Effect.NOTE}
    if not isinstance(node.value, dict) or not 0 < len(node.value) <= MOST_TIERS:
        raise node.refuse(
            f"expected a mapping of 1 to {MOST_TIERS} tiers to fail, warn or note",
            "tiers: {must: fail, should: warn}",
        )
    for tier, value in node.value.items():
        if not re.fullmatch(TIER, tier):
            raise value.refuse_key(
                "is not a valid tier name; use letters, digits, _ and -", "name it as in: should: warn"
            )
    fields = Fields(node, tuple(node.value))
    return {tier: Effect(fields.one_of(tier, EFFECTS)) for tier in node.value}


def _speeds(node: Node | None, tiers: tuple[str, ...]) -> dict[str, AtSpeed]:
    """Read at which speed the limits of each tier are held: of all alike, or by tier."""
    if node is None:
        return dict.fromkeys(tiers, AtSpeed.REFERENCE)
    if isinstance(node.value, dict):
        fields = Fields(node, tiers)
        return {tier: AtSpeed(fields.one_of(tier, SPEEDS) or AtSpeed.REFERENCE.value) for tier in tiers}
    if not isinstance(node.value, str) or node.value not in SPEEDS:
        raise node.refuse(
            f"expected {' or '.join(SPEEDS)}, for all or by tier", f"for example speed: {AtSpeed.MEASURED.value}"
        )
    return dict.fromkeys(tiers, AtSpeed(node.value))


def _share(fields: Fields, key: str, allowed: tuple[float, float, str], default: float) -> float:
    value = fields.quantity(key, SHARE)
    if value is None:
        return default
    low, high, words = allowed
    if not low <= value <= high:
        node = fields.need(key)
        raise node.refuse(
            f"is {node.value}; expected {words}", f"delete the key for the default, {default * 100:.0f} %"
        )
    return value
