"""The published JSON Schema and the parser accept and refuse the same documents.

Documents are made as data: sound ones, sound ones with a fault put in, and wild ones. The schema gets them as they are,
the parser as the YAML that PyYAML writes of them. Where the schema accepts what the parser refuses, the refusal is one
of `GAPS`, the rules that JSON Schema cannot express; the other way round there is no exception.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.targets_yaml import BOUNDS, METRIC, SOUND, WILD, almost_sound_target, damaged, sound_target

from hivegate.errors import TargetsError
from hivegate.targets import parse_targets
from hivegate.targets.schema import json_schema
from hivegate.targets.units import GRAMMARS, SHARE

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))


class _Dumper(yaml.SafeDumper):
    """PyYAML without anchors, which it writes where one object stands twice."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


def refusal(document: object) -> str | None:
    """Give what the parser refuses the document with."""
    try:
        parse_targets(yaml.dump(document, Dumper=_Dumper, allow_unicode=True), "t.yaml")
    except TargetsError as fault:
        return str(fault)
    return None


def accepts(document: object) -> bool:
    """Tell whether the schema accepts the document."""
    return bool(VALIDATOR.is_valid(document))


class Gap(NamedTuple):
    """A rule that JSON Schema cannot express: what the parser says, and a document that shows it."""

    rule: str
    says: str
    example: dict[str, Any]


def _targets(*entries: dict[str, Any], **others: Any) -> dict[str, Any]:  # noqa: ANN401  YAML holds anything
    return {"schema": 1, "targets": list(entries), **others}


_READING = {
    "loop": 1,
    "python": "CPython 3.11",
    "date": "2026-11-30",
    "turn": "50 ns",
    "between": ["49 ns", "51 ns"],
    "passes": 20,
}


def _waiver(expires: str) -> dict[str, Any]:
    return {"benchmark": "a", "reason": "r", "owner": "o", "expires": expires}


GAPS = (
    Gap("min is not above max", "lies above max", _targets({"benchmark": "a", "min": "2 s", "max": "1 s"})),
    Gap(
        "the first bound of between is not above the second",
        "lies above the upper bound",
        _targets({"benchmark": "a", "between": ["2 s", "1 s"]}),
    ),
    Gap("tier is one of tiers", r"\.tier: is .*; expected", _targets({"benchmark": "a", "max": "1 s", "tier": "x"})),
    Gap(
        "relative_to is not the benchmark itself",
        "is the benchmark itself",
        _targets({"benchmark": "a", "max": 1, "relative_to": "a"}),
    ),
    Gap(
        "relative_to has at most as many wildcards as benchmark",
        "has more wildcards",
        _targets({"benchmark": "a", "max": 1, "relative_to": "b*"}),
    ),
    Gap(
        "two targets do not contradict",
        "contradicts line",
        _targets({"benchmark": "a", "max": "1 s"}, {"benchmark": "a", "min": "2 s"}),
    ),
    Gap(
        "a tier states a bound of a benchmark once",
        "duplicates line",
        _targets({"benchmark": "a", "max": "1 s"}, {"benchmark": "a", "max": "2 s"}),
    ),
    Gap(
        "no later regression entry always overrides an earlier one",
        "never applies",
        _targets(budgets=[{"benchmark": "a", "budget": "2 %"}, {"benchmark": "*", "budget": "3 %"}]),
    ),
    Gap("budget lies in 1 % to 1000 %", r"\.budget: is ", _targets(budgets=[{"benchmark": "a", "budget": "0.5 %"}])),
    Gap("confidence lies in 50 % to 99.99 %", "confidence: is ", _targets(confidence="100 %")),
    Gap("assumed_spread lies in 0.1 % to 200 %", "assumed_spread: is ", _targets(assumed_spread="0 %")),
    Gap(
        "a speed by tier names tiers",
        r"speed\.\w+: unknown key",
        {"schema": 1, "speed": {"never": "as measured"}},
    ),
    Gap("a Python has one entry of reference", "repeats CPython", {"schema": 1, "reference": [_READING, _READING]}),
    Gap(
        "turn lies in between",
        "does not contain the turn",
        {"schema": 1, "reference": [{**_READING, "turn": "9 ns"}]},
    ),
    Gap(
        "passes of reference are at least 10",
        "expected at least 10",
        {"schema": 1, "reference": [{**_READING, "passes": 9}]},
    ),
    Gap(
        "a quantity with its unit lies in 1e-30 to 1e30",
        "use a number between",
        _targets({"benchmark": "a", "max": "1e31 s"}),
    ),
    Gap("no key stands twice", "duplicate key", {}),
    Gap("no anchor, alias, tag or second document", "none is allowed|second document", {}),
    Gap("at most 1 MiB, 100,000 values and 12 levels", "is one of more than|is nested more than", {}),
)
IN_TEXT_ONLY = {
    "duplicate key": "schema: 1\nschema: 1\n",
    "none is allowed|second document": "schema: &a 1\n",
    "is one of more than|is nested more than": "schema: 1\ntargets: [" + "1, " * 100_000 + "]\n",
}


def check(document: dict[str, Any]) -> None:
    """Compare the two; a difference is one of the gaps."""
    said = refusal(document)
    if not accepts(document):
        assert said is not None, "the parser reads what the schema refuses"
    elif said is not None:
        assert any(re.search(gap.says, said) for gap in GAPS), f"the schema accepts what the parser refuses: {said}"


REFUSED_BY_BOTH: dict[str, dict[str, Any]] = {
    "no limit": {},
    "max beside between": {"max": "1 s", "between": ["1 s", "2 s"]},
    "a range of one": {"between": ["1 s"]},
    "a range of three": {"between": ["1 s", "2 s", "3 s"]},
    "complexity of one size": {"metric": "complexity", "max": 1.15},
    "complexity as a ratio": {"benchmark": "a*", "metric": "complexity", "max": 1.15, "relative_to": "b"},
    "memory in reference loops": {"metric": "peak_memory", "max": 1, "relative_to": "reference"},
    "a rate per operation": {"metric": "throughput", "max": "1 op/s", "per": "operation"},
    "a limit that can never hold": {"max": "0.0e5 s"},
    "a ratio of nothing": {"max": 1e-31, "relative_to": "b"},
    "a ratio beyond sense": {"max": 1e31, "relative_to": "b"},
    "a line end behind a unit": {"max": "1 s\n"},
    "a misspelt metric": {"metric": "Mean", "max": 1},
    "part of a core": {"max": "1 s", "min_cores": 2.5},
    "a key that is not known": {"max": "1 s", "maximum": "1 s"},
}


@pytest.mark.parametrize("entry", REFUSED_BY_BOTH.values(), ids=REFUSED_BY_BOTH)
def test_each_fault_of_a_target_is_refused_by_both(entry: dict[str, Any]) -> None:
    """One fault at a time, so that no other hides it."""
    document = _targets({"benchmark": "a", **entry})
    assert not accepts(document)
    assert refusal(document) is not None


@settings(max_examples=150, deadline=None)
@given(document=SOUND)
def test_the_schema_accepts_every_sound_file(document: dict[str, Any]) -> None:
    """The parser reads it too, unless two of its values are at odds."""
    assert accepts(document)
    check(document)


@settings(max_examples=150, deadline=None)
@given(entry=sound_target())
def test_the_parser_reads_every_sound_target(entry: dict[str, Any]) -> None:
    """One target alone has nothing to contradict but itself."""
    assert accepts(_targets(entry))
    said = refusal(_targets(entry))
    assert said is None or "lies above" in said


@settings(max_examples=300, deadline=None)
@given(entry=almost_sound_target())
def test_the_schema_and_the_parser_agree_on_almost_sound_targets(entry: dict[str, Any]) -> None:
    """One value that does not fit the others is refused by both, or harms neither."""
    check(_targets(entry))


@settings(max_examples=200, deadline=None)
@given(document=SOUND, data=st.data())
def test_the_schema_and_the_parser_agree_on_damaged_files(document: dict[str, Any], data: st.DataObject) -> None:
    """Wrong types, missing keys and unknown ones are refused by both, or harm neither."""
    check(damaged(document, data))


@settings(max_examples=150, deadline=None)
@given(document=WILD)
def test_the_schema_and_the_parser_agree_on_wild_files(document: dict[str, Any]) -> None:
    """Each accepts and refuses what the other does, but for the rules that JSON Schema cannot express."""
    check(document)


@settings(max_examples=150, deadline=None)
@given(metric=METRIC, bound=BOUNDS, related=st.sampled_from([None, "b", "reference"]))
def test_the_schema_and_the_parser_agree_on_every_unit_of_every_metric(
    metric: str, bound: str | float, related: str | None
) -> None:
    """The units of a limit depend on the metric and on the partner."""
    entry = {"benchmark": "a[*]", "metric": metric, "max": bound}
    check(_targets(entry if related is None else {**entry, "relative_to": related}))
    check(_targets(budgets=[{"benchmark": "a", "budget": "2 %", "metric": metric, "noise_floor": bound}]))


@settings(max_examples=150, deadline=None)
@given(text=st.from_regex(SCHEMA["$defs"]["upper-time"]["pattern"]))
def test_every_text_of_the_pattern_of_a_time_is_a_time(text: str) -> None:
    """What the pattern generates, the parser reads, unless it is too long or beyond 1e30."""
    check(_targets({"benchmark": "a", "max": text}))


def test_the_reference_lists_the_rules_that_the_schema_cannot_say() -> None:
    """A reader of the schema learns of every rule that only the parser knows."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "targets.md").read_text(encoding="utf-8")
    section = page.partition("## What the schema cannot say\n")[2].partition("\n## ")[0]
    assert [line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")] == [
        gap.rule for gap in GAPS
    ]


@pytest.mark.parametrize("gap", [gap for gap in GAPS if gap.example], ids=lambda gap: gap.rule)
def test_every_listed_rule_is_a_real_gap(gap: Gap) -> None:
    """The schema accepts the example, and the parser refuses it for that rule: else the list is too long."""
    assert accepts(gap.example)
    said = refusal(gap.example)
    assert said is not None
    assert re.search(gap.says, said)


@pytest.mark.parametrize(("says", "text"), IN_TEXT_ONLY.items(), ids=list(IN_TEXT_ONLY))
def test_what_only_text_can_hold_is_refused_by_the_parser(says: str, text: str) -> None:
    """Data has no duplicate keys, no anchors and no size, so no schema sees them."""
    assert any(gap.says == says and not gap.example for gap in GAPS)
    with pytest.raises(TargetsError, match=says):
        parse_targets(text, "t.yaml")


def test_the_grammars_have_distinct_names() -> None:
    """Each grammar has its own definition in the schema."""
    for bound in ("lower", "upper"):
        names = {f"{bound}-{one.what.split()[-1]}" for one in (*GRAMMARS.values(), SHARE)}
        assert len(names) == len(GRAMMARS) + 1
        assert names <= set(SCHEMA["$defs"])
