"""The result as JSON, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests import results
from tests.measured import benchmark, gate, run, target, targets

from hivegate.errors import ResultsError
from hivegate.flows.workspace import load_result, newest_result, save_result
from hivegate.model.run import MemorySample
from hivegate.report.jsondoc import render_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hivegate.model.verdict import GateResult


def unknown_ends() -> GateResult:
    """Judge a single reading of memory, which has no ends."""
    measured = run(benchmark("a", [1.0], memory=(MemorySample(peak=5),)))
    return gate(targets(target("a", "peak_memory", maximum=9.0)), measured)


def document(result: GateResult) -> dict[str, Any]:
    """Read the JSON as another program does: NaN and Infinity are no JSON."""
    return dict(json.loads(render_json(result), parse_constant=pytest.fail))


def test_document_has_the_promised_keys() -> None:
    """The keys of the contract are always there, null where there is nothing to say."""
    found = document(results.red())
    promised = {"schema", "outcome", "exit_status", "partial", "verdicts", "environment"}
    assert promised <= found.keys()
    assert (found["schema"], found["outcome"], found["exit_status"], found["partial"]) == (1, "failed", 1, False)
    for verdict in found["verdicts"]:
        assert {"benchmark", "kind", "outcome", "tier", "reason", "limit", "estimate"} <= verdict.keys()
        assert verdict["kind"] == "target"
    outcomes = {verdict["outcome"] for verdict in found["verdicts"]}
    assert outcomes == {"failed", "crashed", "missing", "invalid", "waived", "new"}
    missing = next(verdict for verdict in found["verdicts"] if verdict["outcome"] == "missing")
    assert missing["estimate"] is None


def test_each_kind_of_result_says_its_own_statistics() -> None:
    """A run has passes and a confidence; a comparison the errors of its answers, its looks and its confirming pairs."""
    assert document(results.red())["statistics"] == {"kind": "run", "passes": 5, "confidence": 0.99, "looks": 6}
    statistics = document(results.changed())["statistics"]
    assert statistics.pop("estimator") == "mean of pairs without the least and the greatest fifth"
    assert statistics == {
        "kind": "comparison",
        "confidence": 0.99,
        "slower_error": 0.01,
        "within_error": 0.05,
        "looks": [4, 8, 14, 24, 36, 48],
        "slower_shares": [1, 2, 3, 4, 5, 6],
        "within_shares": [2, 4, 3, 3, 3, 3],
        "confirming_pairs": 8,
    }


def test_infinite_ends_are_null() -> None:
    """JSON has no infinity."""
    estimate = document(unknown_ends())["verdicts"][0]["estimate"]
    assert (estimate["value"], estimate["low"], estimate["high"]) == (5.0, None, None)


@pytest.mark.parametrize(
    "make",
    [results.red, results.green, results.needing_more, results.hostile, unknown_ends],
    ids=lambda one: one.__name__,
)
def test_round_trip(make: Callable[[], GateResult], tmp_path: Path) -> None:
    """What was saved is read back equal, infinite ends and hostile names included."""
    result = make()
    save_result(tmp_path, "bench", result)
    assert newest_result(tmp_path) == tmp_path / ".hivegate" / "latest" / "bench.json"
    assert load_result(tmp_path / ".hivegate" / "latest" / "bench.json") == result


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "array"),
        ("{}", "schema: is None"),
        ('{"schema": 9, "verdicts": []}', "schema: is 9; this hivegate reads results of schema 1"),
        ('{"schema": 1, "verdicts": 7}', "verdicts"),
        ('{"schema": 1, "verdicts": [7, null, {"estimate": 3}]}', "verdicts"),
        ('{"schema": 1', "is not JSON"),
    ],
)
def test_anything_else_is_refused(text: str, told: str, tmp_path: Path) -> None:
    """A file that is no result names its fault, not a traceback."""
    path = tmp_path / "r.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match=r"r\.json") as caught:
        load_result(path)
    assert told in str(caught.value)
