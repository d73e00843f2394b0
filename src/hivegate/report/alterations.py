"""What a change alters about its own judging, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.alteration import Alteration, AlterationKind

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLE = "What this change alters about its own judging"

_KINDS = {
    AlterationKind.NO_BASE_RULES: "rules",
    AlterationKind.WAIVER: "waiver",
    AlterationKind.BUDGET: "budget",
    AlterationKind.TARGET: "target",
    AlterationKind.POLICY: "policy",
    AlterationKind.SETTING: "setting",
    AlterationKind.CONFTEST: "conftest",
    AlterationKind.PYTEST: "pytest's configuration",
    AlterationKind.STARTUP: "code that runs at the start",
    AlterationKind.ASKING: "code that asks whether it is measured",
    AlterationKind.BENCHMARK: "benchmarks",
    AlterationKind.NOXFILE: "noxfile",
    AlterationKind.WORKFLOW: "workflow",
}


def alteration_lines(alterations: Iterable[Alteration]) -> tuple[str, ...]:
    """Say each in one line, what loosens a rule first."""
    return tuple(map(_line, sorted(alterations, key=lambda alteration: not alteration.loosens)))


def _line(alteration: Alteration) -> str:
    kind = _KINDS[alteration.kind]
    if alteration.kind is AlterationKind.NO_BASE_RULES:
        return f"{kind}: {alteration.name}: {alteration.after}"
    if not alteration.before and not alteration.after:
        return f"{kind} changed: {alteration.name}"
    if not alteration.before:
        said = f"new: {alteration.after}"
    else:
        said = f"{alteration.before} -> {alteration.after or 'removed'}"
    loosened = "loosened " if alteration.loosens and alteration.before and alteration.after else ""
    return f"{loosened}{kind}: {alteration.name}: {said}"
