"""Results that were forged or bent, in every format: rendered, or refused when they are read, and never a stumble."""

from __future__ import annotations

import copy
import json
import math
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measured import bundle
from tests.results import HOSTILE, changed, green, hostile, needing_more, red

from hivegate.errors import ResultsError
from hivegate.flows.report.render import FORMATS, render
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.report.terminal import render_terminal, render_verdict

RESULTS = [json.loads(render_json(one)) for one in (green(), red(), needing_more(), changed(), hostile())]
_INTEGERS = st.sampled_from([0, -1, 1, 10**15])
_FLOATS = st.sampled_from([0.0, -0.0, 1e308, 5e-324, -1e308, 1.0])
_TEXTS = st.one_of(st.sampled_from(["", HOSTILE, "9" * 999, "new", "faster", "[", "]]>", "a" * 5000]), st.text())
_OTHERS: st.SearchStrategy[object] = st.sampled_from([None, True, math.nan, math.inf, 10**400, [], {}])
_JSON = ("json",)


def places(node: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of all that has no parts in a JSON document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    return [path] if children is None else [one for key, child in children for one in places(child, (*path, key))]


def other(data: st.DataObject, value: object) -> object:
    """Draw a value of the kind of another one, or now and then of no kind that is allowed."""
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(_OTHERS)
    kinds = {str: _TEXTS, float: _FLOATS, int: _INTEGERS, bool: st.booleans()}
    return data.draw(kinds.get(type(value), st.none()))


def bent(data: st.DataObject) -> bytes:
    """Draw a result with a few values that are not its own."""
    document = copy.deepcopy(data.draw(st.sampled_from(RESULTS)))
    for path in data.draw(st.lists(st.sampled_from(places(document)), min_size=1, max_size=4)):
        node = document
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = other(data, node[path[-1]])
    return json.dumps(document).encode()


@settings(max_examples=300)
@given(st.data())
def test_bent_results_are_rendered_or_refused(data: st.DataObject) -> None:
    """Each format makes its text of whatever can be read: XML and JSON are well-formed, a terminal gets no escape."""
    try:
        result = parse_json(bent(data), where="bent.json")
    except ResultsError:
        return
    told = {form: render(bundle(result), form) for form in FORMATS}
    ET.fromstring(told["junit"])  # noqa: S314  of our own making
    for form in _JSON:
        json.loads(told[form], parse_constant=refuse)
    for text in (render_terminal(result, verbose=True, grouped=True), render_verdict(result)):
        assert "\x1b" not in text
    assert len(told["comment"].encode()) <= 65_000


def refuse(constant: str) -> float:
    """Refuse NaN and infinity, which are no JSON."""
    raise AssertionError(constant)
