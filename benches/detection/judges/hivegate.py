"""hivegate: `hivegate compare BASE`, with its defaults, by the budgets of the project's targets.yaml."""

from __future__ import annotations

import json
import sys
from typing import Any

from detection.judges.opinion import Case, Opinion, run
from hivegate.model.statistics import CONFIRMING_PAIRS

_VERDICT_STATUSES = (0, 1, 2, 3)
_RULE = "hivegate compare"


def judge(case: Case) -> dict[str, Opinion]:
    """Compare head with base as a user does."""
    result = case.scratch / "result.json"
    command = [sys.executable, "-m", "hivegate", "compare", case.base, "--python", str(case.environments.subject)]
    said = run([*command, "--json", str(result)], case, fine=_VERDICT_STATUSES)
    if not result.exists():
        raise RuntimeError(f"hivegate gave no result: {said[-3000:]}")
    verdicts = json.loads(result.read_bytes())["verdicts"]
    return {one["benchmark"]: _opinion(one) for one in verdicts}


def _opinion(verdict: dict[str, Any]) -> Opinion:
    outcome, change = verdict["outcome"], verdict.get("change")
    if change is None:
        return Opinion({_RULE: outcome}, weight=1)
    confirmed = verdict["code"] in {"above-budget", "not-confirmed"}
    return Opinion(
        {_RULE: outcome},
        ratio=change["ratio"],
        weight=change["n"] + (CONFIRMING_PAIRS if confirmed else 0),
        low=change.get("low"),
        high=change.get("high"),
        spread=change.get("spread"),
        pairs=change["n"],
        clock=change["clock"],
    )
