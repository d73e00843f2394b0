"""What the guides rest on: one run of the whole suite, small enough to be kept beside them."""

from __future__ import annotations

import json
import statistics
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.instruments import METRICS
from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate
from hivegate.model.profile import Cause
from hivegate.model.targets import Limit, Target, Targets
from hivegate.model.verdict import GateResult
from hivegate.report.jsondoc import parse_json, render_json

if TYPE_CHECKING:
    from hivegate.model.metric import Dimension
    from hivegate.model.run import Run

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "performance"
FILE = GUIDES / "measured.json"
SPREAD = "spread"  # standard deviation of the logarithm of the passes' medians
ASKED = ("p50", "p99", "complexity", "peak_memory", "allocations")
_DIGITS = 4
_UNFOLDED = 3  # levels of the JSON that have a line for each entry
_FORGOTTEN = ("values", "sizes", "node_id", "advice", "inconclusive")  # of a verdict, for nothing here asks for them

Levels = dict[str, dict[str, Estimate]]  # by benchmark and metric


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One run: what each benchmark took, and what the claims of the seed and the contract are worth by it.

    `causes` are the places in the code that take most of the benchmarks closest to their limit; `load` is the system's
    load of the minute before, which other work was.
    """

    levels: Levels
    claims: GateResult
    contract: GateResult
    causes: dict[str, tuple[Cause, ...]]
    load: float | None = None

    def level(self, benchmark: str, metric: str = "p50") -> Estimate:
        """Look up what a benchmark was measured to take."""
        return self.levels[benchmark][metric]

    def group(self, name: str, metric: str = "p50") -> dict[str, Estimate]:
        """Look up a scenario at all its sizes, by what stands in the brackets of the ids."""
        found = {}
        for benchmark, levels in self.levels.items():
            scenario, _, size = benchmark.removesuffix("]").partition("[")
            if scenario == name and metric in levels and size != "*":
                found[size] = levels[metric]
        return found


def levels_of(run: Run, *, confidence: float, looks: int) -> Levels:
    """Estimate every metric of `ASKED` for every benchmark that has it, and how far the medians of passes spread."""
    asked = tuple(
        Target(benchmark="*", metric=METRICS[name], limit=Limit(dimension=METRICS[name].dimension, text=""), where="")
        for name in ASKED
    )
    levels: Levels = {}
    for answer in estimate_targets(Targets(confidence=confidence, targets=asked, source=""), run, looks=looks):
        if isinstance(answer.found, Estimate):
            found = levels.setdefault(answer.benchmark, {})
            found[answer.target.metric.name] = answer.found
            if answer.target.metric.name == "p50" and len(answer.values) > 1:
                spread = statistics.stdev(log(value) for value in answer.values)
                found[SPREAD] = Estimate(value=spread, n=len(answer.values))
    return levels


def dimension_of(metric: str) -> Dimension:
    """Say what a metric is measured in."""
    return METRICS[metric].dimension


def save(measured: Measured) -> None:
    """Write the run as JSON, one benchmark or verdict a line, with four digits of each number."""
    document = json.loads(msgspec.json.encode(measured))
    for name in ("claims", "contract"):
        result = document[name] = json.loads(render_json(getattr(measured, name)))
        named = [one for one in result["verdicts"] if one["outcome"] != "new"]  # what has no target is in the levels
        result["verdicts"] = [{key: one[key] for key in one if key not in _FORGOTTEN} for one in named]
    FILE.write_text(_spelled(_rounded(document)) + "\n", encoding="utf-8")


def load() -> Measured:
    """Read what `save` wrote."""
    document = _opened(json.loads(FILE.read_text(encoding="utf-8")))
    claims, contract = (
        parse_json(json.dumps(document[name]).encode(), where=f"{FILE}: {name}") for name in ("claims", "contract")
    )
    return Measured(
        levels=msgspec.convert(document["levels"], Levels),
        claims=claims,
        contract=contract,
        causes=msgspec.convert(document["causes"], dict[str, tuple[Cause, ...]]),
        load=document["load"],
    )


def _rounded(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def _opened(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Drop ends of intervals that are null, for an end that is not given is infinite."""
    if isinstance(value, dict):
        return {key: _opened(one) for key, one in value.items() if one is not None or key not in {"low", "high"}}
    return [_opened(one) for one in value] if isinstance(value, list) else value


def _spelled(value: Any, depth: int = 0) -> str:  # noqa: ANN401  any JSON value
    """Spell JSON with what lies deeper than three levels on one line."""
    if not isinstance(value, dict | list) or not value or depth == _UNFOLDED:
        return json.dumps(value, ensure_ascii=False)
    pad = "\n" + " " * (depth + 1)
    inner = (
        (f"{json.dumps(key, ensure_ascii=False)}: {_spelled(one, depth + 1)}" for key, one in value.items())
        if isinstance(value, dict)
        else (_spelled(one, depth + 1) for one in value)
    )
    first, last = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return first + pad + f",{pad}".join(inner) + "\n" + " " * depth + last
