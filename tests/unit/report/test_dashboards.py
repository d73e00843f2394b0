"""Results for other dashboards: Bencher and github-action-benchmark."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets

from hivegate.model.estimate import Estimate
from hivegate.report.bencher import render_bencher
from hivegate.report.github_action_benchmark import render_bigger_is_better, render_smaller_is_better

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "github-action-benchmark"
# What https://bencher.dev/bmf.json asks for.
_METRIC = {
    "type": "object",
    "properties": {key: {"type": "number"} for key in ("value", "lower_value", "upper_value")},
    "required": ["value"],
    "additionalProperties": False,
}
_BMF = {
    "type": "object",
    "additionalProperties": {"type": "object", "minProperties": 1, "additionalProperties": _METRIC},
}
scenes = pytest.mark.parametrize("result", [results.red(), results.green(), results.needing_more(), results.changed()])
_RATE = target("a/rate", "throughput", minimum=10.0)


def rates() -> GateResult:
    """Judge a rate, which is better when it is bigger, and a time."""
    return gate(
        targets(_RATE, target("a/time", maximum=1.0)),
        run(benchmark("a/rate", [0.05] * 3), benchmark("a/time", [0.5] * 3)),
    )


@scenes
def test_bencher_reads_it(result: GateResult) -> None:
    """The document is Bencher Metric Format, with names of the lengths that it takes."""
    document = json.loads(render_bencher(bundle(result)))
    jsonschema.validate(document, _BMF)
    assert document
    for name, measures in document.items():
        assert 0 < len(name) <= 1024
        assert all(re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", slug) for slug in measures)


def test_times_are_nanoseconds_and_the_mean_is_latency() -> None:
    """Bencher's own measures are used: latency in nanoseconds, throughput in operations a second."""
    document = json.loads(render_bencher(bundle(results.red(), results.changed())))
    found = document["hive_coordination/consensus_latency[10]"]
    assert found["p50"]["value"] == pytest.approx(0.1232e9, rel=1e-3)
    assert found["p50"]["lower_value"] < found["p50"]["value"] < found["p50"]["upper_value"]
    assert found["latency"] == {"value": 800_000.0}
    assert json.loads(render_bencher(bundle(rates())))["a/rate"]["throughput"]["value"] == pytest.approx(20)


def test_long_measures_stay_two() -> None:
    """Ratios to two partners with long names are two measures, each short enough."""
    partners = [f"s/{'x' * 90}{number}" for number in range(2)]
    wanted = [target("s/a", maximum=9.0, relative_to=partner) for partner in partners]
    measured = run(*(benchmark(name, [1.0] * 3) for name in ("s/a", *partners)))
    document = json.loads(render_bencher(bundle(gate(targets(*wanted), measured))))
    assert len(document["s/a"]) == 2
    assert all(len(slug) <= 64 for slug in document["s/a"])


def test_an_unknown_interval_is_left_out() -> None:
    """Infinite ends are no numbers of JSON, and no value is no entry."""
    green = results.green()
    measured = [one for one in green.verdicts if one.estimate is not None]
    verdicts = [msgspec.structs.replace(one, estimate=Estimate(value=1.0, n=1)) for one in measured]
    verdicts[0] = msgspec.structs.replace(verdicts[0], estimate=Estimate(value=math.inf, n=1))
    opened = msgspec.structs.replace(green, verdicts=tuple(verdicts))
    document = json.loads(render_bencher(bundle(opened)))
    assert len(document) == len(measured) - 1
    assert all(set(metric) == {"value"} for measures in document.values() for metric in measures.values())
    assert all("range" not in one for one in json.loads(render_smaller_is_better(bundle(opened))))


def entries(text: str) -> list[dict[str, Any]]:
    """Read entries as the action does: name, unit and value are required."""
    found = json.loads(text)
    for one in found:
        assert isinstance(one["name"], str)
        assert isinstance(one["unit"], str)
        assert isinstance(one["value"], int | float)
        assert set(one) <= {"name", "unit", "value", "range", "extra"}
    assert len({one["name"] for one in found}) == len(found)
    return list(found)


@scenes
def test_the_action_reads_it(result: GateResult) -> None:
    """Every number is in one of both files, and a range is read as a number by the action's own pattern."""
    smaller = entries(render_smaller_is_better(bundle(result)))
    assert entries(render_bigger_is_better(bundle(result))) == []
    for one in smaller:
        if "range" in one:
            # extractRangeInfo.ts of the action; it takes no number of a single digit.
            found = re.search(r"(?P<prefix>(\+-|±)\s*)(?P<value>\d.+)", one["range"])
            assert found is None or math.isfinite(float(found["value"]))


def test_directions_are_parted() -> None:
    """The action has one direction a file: a rate goes into the other."""
    smaller, bigger = (
        entries(render(bundle(rates()))) for render in (render_smaller_is_better, render_bigger_is_better)
    )
    assert [(one["name"], one["unit"]) for one in smaller] == [("a/time p50", "ns")]
    assert [(one["name"], one["unit"]) for one in bigger] == [("a/rate throughput", "ops/s")]


def test_custom_metrics_go_where_their_limit_points() -> None:
    """A metric of the benchmark's own with a least value alone is better when it is bigger."""
    base = benchmark("a/b", [1.0] * 3)
    samples = tuple(msgspec.structs.replace(one, metrics={"agreement": 0.9, "misses": 3.0}) for one in base.samples)
    measured = run(msgspec.structs.replace(base, samples=samples))
    wanted = targets(target("a/b", "agreement", minimum=0.5), target("a/b", "misses", maximum=5.0))
    found = bundle(gate(wanted, measured))
    assert [one["name"] for one in entries(render_bigger_is_better(found))] == ["a/b agreement"]
    assert [one["name"] for one in entries(render_smaller_is_better(found))] == ["a/b misses"]


@given(st.text(min_size=1, max_size=2000))
def test_any_name_can_be_told(name: str) -> None:
    """Names of any characters make JSON that is read back."""
    found = bundle(gate(targets(target(name, maximum=1.0)), run(benchmark(name, [2.0] * 3))))
    jsonschema.validate(json.loads(render_bencher(found)), _BMF)
    entries(render_smaller_is_better(found))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of others' result files is not here")
@pytest.mark.parametrize("name", ["engin.data.js", "icecube_pisa.data.js"])
def test_entries_are_like_those_that_the_action_keeps(name: str) -> None:
    """What the action stored for others has the keys that ours have, of the same kinds."""
    text = (CORPUS / name).read_text(encoding="utf-8")
    stored = json.loads(text[text.index("{") :].rstrip().rstrip(";"))
    (benches, *_) = (run_["benches"] for runs in stored["entries"].values() for run_ in runs)
    ours = entries(render_smaller_is_better(bundle(results.green())))[0]
    for one in benches:
        assert set(one) <= set(ours)
        assert all(isinstance(one[key], str) == isinstance(ours[key], str) for key in one)
