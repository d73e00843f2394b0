"""Results that were tampered with: told, or refused, and never a stumble."""

from __future__ import annotations

import contextlib
import copy
import json
import math
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.github_server import zipped
from tests.measured import TODAY, targets
from tests.results import HOSTILE, green, hostile, needing_more, red

from hivegate.errors import ResultsError
from hivegate.flows.report.run_result import read_artifact
from hivegate.judge import judge_changes
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.profile import Cause, Increase, Profile, Profiles
from hivegate.report.comment import MARKER, render_comment
from hivegate.report.jsondoc import render_json

CHANGES = (
    Change(ratio=1.3, low=1.2, high=1.4, n=6, instrument="time", clock=Clock.CPU, base_value=1e-3, head_value=1.3e-3),
    Change(ratio=1.0, low=0.99, high=1.01, n=6, instrument="time", clock=Clock.WALL, base_value=1.0, head_value=1.0),
)
COMPARED = judge_changes(
    targets(),
    Comparison(
        base="main",
        benchmarks=tuple(
            BenchmarkComparison(id=f"a/{place}", node_id="a", change=one, confirmed=True)
            for place, one in enumerate(CHANGES)
        ),
    ),
    today=TODAY,
)
CAUSE = Cause(function="f", file="a.py", line=3, source="x = 1", share=0.4, seconds_per_call=1e-3, bytes_per_call=9.0)
GREW = Increase(
    function="f", file="a.py", line=3, base=1e-3, head=2e-3, error=1e-4, hunks=("@@ -1 +1 @@",), through="g"
)
PROFILES = [
    Profile(benchmark=name, kind=kind, files={"flame": "f.html"}, samples=9, calls=2, top=(CAUSE,), increases=(GREW,))
    for name, kind in (("a/0", "py-spy"), ("hive_coordination/consensus_latency[10]", "scalene"))
]
TOLD = msgspec.to_builtins(Profiles(folder="profiles", profiles=tuple(PROFILES), base="main"))
DOCUMENTS = [
    json.dumps({"latest/bench.json": json.loads(render_json(one)), "profiles/profiles.json": TOLD})
    for one in (green(), red(), needing_more(), hostile(), COMPARED)
]
NASTY: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -1, 10**30, 0.0, -0.0, 1e308, 5e-324, -1e308, math.nan, math.inf, "", HOSTILE, "9" * 999, [], {}]
)


def places(node: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of everything in a JSON document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(one for key, child in children for one in places(child, (*path, key)))]


def change(document: Any, path: tuple[Any, ...], value: object) -> None:  # noqa: ANN401  any JSON value
    """Put a value at a path; an earlier change may have left no way there."""
    *way, last = path
    with contextlib.suppress(KeyError, IndexError, TypeError):
        for key in way:
            document = document[key]
        document[last] = value


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_tampered_result_is_told_or_refused(data: st.DataObject) -> None:
    """Whatever stands in a result and its profiles, they are refused by their fault or told in a comment that fits."""
    document = json.loads(data.draw(st.sampled_from(DOCUMENTS)))
    paths = [one for one in places(document) if one]
    for _ in range(data.draw(st.integers(1, 4))):
        change(document, data.draw(st.sampled_from(paths)), copy.deepcopy(data.draw(NASTY)))
    try:
        bundle = read_artifact(zipped({name: json.dumps(one) for name, one in document.items()}), where="artifact")
    except ResultsError:
        return
    text = render_comment(bundle)
    assert text.startswith(f"{MARKER}\n## ")
    assert len(text) <= 65_000
