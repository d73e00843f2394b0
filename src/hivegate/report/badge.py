"""Results as a badge: the JSON that shields.io's endpoint badge asks for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle

_COLORS = {
    Outcome.PASSED: "brightgreen",
    Outcome.FAILED: "red",
    Outcome.SLOWER: "red",
    Outcome.INCONCLUSIVE: "lightgrey",
}
_COUNTED = (Outcome.FAILED, Outcome.SLOWER, Outcome.MISSING, Outcome.INVALID, Outcome.INCONCLUSIVE)


def render_badge(bundle: Bundle) -> str:
    """Spell the worst outcome and what it counts; a selection is named, and never green."""
    numbers = Counter(one.outcome for one in bundle.verdicts)
    wanted = [one for one in _COUNTED if numbers[one]]
    if bundle.outcome is Outcome.PASSED:
        message = f"passed, {numbers[Outcome.PASSED] + numbers[Outcome.FASTER]} of {len(_judged(bundle))}"
    else:
        message = ", ".join(f"{numbers[one]} {one.value}" for one in wanted) or bundle.outcome.value
    partial = bundle.partial and bundle.outcome is Outcome.PASSED
    badge = {
        "schemaVersion": 1,
        "label": "performance",
        "message": f"{message} (partial)" if bundle.partial else message,
        "color": "yellow" if partial else _COLORS.get(bundle.outcome, "lightgrey"),
        "isError": bundle.outcome in {Outcome.FAILED, Outcome.SLOWER},
    }
    return msgspec.json.format(msgspec.json.encode(badge), indent=2).decode() + "\n"


def _judged(bundle: Bundle) -> list[Outcome]:
    return [one.outcome for one in bundle.verdicts if one.outcome is not Outcome.NEW]
