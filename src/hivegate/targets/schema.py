"""The JSON Schema of targets.yaml, made from the tables and patterns that the parser itself reads by.

What it cannot say (the order of two values, what another entry says) is listed in docs/reference/targets.md, and
tests/property/test_targets_schema.py proves that nothing else divides the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from hivegate.instruments import definition_of, instrument_of
from hivegate.model.metric import Dimension, Metric
from hivegate.targets.budgets import BUDGET_KEYS, FORMER_KINDS, KINDS, NO_BUDGET, WAIVER_KEYS
from hivegate.targets.fields import DATE, LONGEST_TEXT, WHOLE_NUMBER
from hivegate.targets.limits import HOLDS, POLICIES, REFERENCES, SPEEDS, TARGET_KEYS
from hivegate.targets.metrics import CUSTOM, misspelt, names, plain_grammar
from hivegate.targets.read import EFFECTS, FORMER_KEYS, MOST_TIERS, SCHEMAS, TIER, TOP_KEYS
from hivegate.targets.references import LOOPS, PYTHON, REFERENCE_KEYS
from hivegate.targets.units import GRAMMARS, LARGEST, LONGEST_QUANTITY, NUMBER, SHARE, SMALLEST, SPACE, Grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Schema: TypeAlias = dict[str, Any]
_RATIO = GRAMMARS[Dimension.RATIO]
_GRAMMARS = (*GRAMMARS.values(), SHARE)


def json_schema() -> Schema:
    """Describe targets.yaml for editors and other tools, as JSON Schema of draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "targets.yaml of hivegate",
        "description": "Limits, budgets and waivers.",
        **_mapping((*TOP_KEYS, *FORMER_KEYS), ("schema",), _top()),
        "not": {"required": ["budgets", "regressions"]},  # two names of one key
        "$defs": {
            "text": _text(),
            "metric": {"anyOf": [{"enum": list(names())}, {**_pattern(CUSTOM), "not": _pattern(misspelt())}]},
            **{_name(grammar, "lower"): _quantity(grammar) for grammar in _GRAMMARS},
            **{_name(grammar, "upper"): _quantity(grammar, above_zero=True) for grammar in _GRAMMARS},
            "target": _target(),
            "budget": _budget(),
            "reference": _reference(),
            "waiver": _mapping(WAIVER_KEYS, ("benchmark", "reason", "owner", "expires"), _waiver()),
        },
    }


def _top() -> dict[str, Schema]:
    tiers = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MOST_TIERS,
        "propertyNames": _pattern(TIER),
        "additionalProperties": {"enum": list(EFFECTS)},
    }
    return {
        "schema": {"enum": [1, *SCHEMAS]},
        "confidence": _said(_ref("lower-share"), "Confidence of each verdict, 50 % to 99.99 %; default 99 %."),
        "tiers": _said(tiers, "The effect of a broken target of each tier; the first tier is the default."),
        "inconclusive": _said({"enum": list(POLICIES)}, "The effect of an inconclusive target; default warn."),
        "mostly_inconclusive": _said(
            {"enum": list(POLICIES)}, "The effect where more than half is inconclusive; default warn."
        ),
        "assumed_spread": _said(_ref("lower-share"), "Assumed spread where there is only one sample; default 15 %."),
        "reference": _said(
            {"type": "array", "items": _ref("reference")}, "The machine that limits are meant for: hivegate reference."
        ),
        "speed": _said(
            {
                "anyOf": [
                    {"enum": list(SPEEDS)},
                    {
                        "type": "object",
                        "propertyNames": _pattern(TIER),
                        "additionalProperties": {"enum": list(SPEEDS)},
                    },
                ]
            },
            "The speed at which limits are held, of all or by tier; default at reference, where there is one.",
        ),
        "targets": {"type": "array", "items": _ref("target")},
        "budgets": _said({"type": "array", "items": _ref("budget")}, "The last match wins."),
        "regressions": _said(
            {"type": "array", "items": _ref("budget"), "deprecated": True}, "The former name of budgets."
        ),
        "waivers": {"type": "array", "items": _ref("waiver")},
    }


def _target() -> Schema:
    known = {
        "name": _ref("text"),
        "benchmark": _benchmark(),
        "metric": _said(_ref("metric"), "Default p50; any name that is not built in is a custom metric."),
        "max": _said({}, "The largest value that passes, with its unit: 100 ms."),
        "min": _said({}, "The smallest value that passes, with its unit: 100 op/s."),
        "between": _said({"type": "array", "minItems": 2, "maxItems": 2}, "Both bounds: [1 ms, 5 ms]."),
        "tier": _said(_ref("text"), "One of tiers; default the first."),
        "per": _said({"enum": ["operation"]}, "Divides by extra_info['operations'] of the benchmark."),
        "relative_to": _said(_ref("text"), "reference, or the benchmark to divide by."),
        "inconclusive": {"enum": list(POLICIES)},
        "speed": _said({"enum": list(SPEEDS)}, "The speed at which this limit is held; default that of its tier."),
        "holds": _said(
            {"enum": list(HOLDS)}, "Whether the typical pass or every pass is held to the limit; every pass for max."
        ),
        "min_cores": _said(_whole_number(), "Checked only on machines with at least this many processor cores."),
    }
    by_grammar = [_when(_measured_as(grammar), _bounds(grammar)) for grammar in _GRAMMARS]
    groups = _names(lambda metric: instrument_of(metric).groups)
    alone = _names(lambda metric: bool(definition_of(metric).alone))
    rules = [
        {**_when({"required": ["relative_to"]}, _bounds(_RATIO)), "else": {"allOf": by_grammar}},
        _when({"required": ["per"]}, _metric_in(_names(lambda metric: definition_of(metric).divisible))),
        _when({"required": ["relative_to"]}, {"properties": {"metric": {"not": {"enum": alone}}}}),
        _when(
            {"required": ["relative_to"], "properties": {"relative_to": {"enum": list(REFERENCES)}}},
            _metric_in(_names(lambda metric: metric.dimension is Dimension.SECONDS)),
        ),
        _when(
            {**_metric_in(groups), "required": ["metric"]},
            {"properties": {"benchmark": {"type": "string", "pattern": "[*?]"}}},
        ),
    ]
    one_limit = [{"required": ["between"]}, {"anyOf": [{"required": ["max"]}, {"required": ["min"]}]}]
    return {**_mapping(TARGET_KEYS, ("benchmark",), known), "oneOf": one_limit, "allOf": rules}


def _reference() -> Schema:
    time = _ref(_name(GRAMMARS[Dimension.SECONDS], "upper"))
    return _mapping(
        REFERENCE_KEYS,
        tuple(key for key in REFERENCE_KEYS if key != "processor"),
        {
            "loop": _said({"enum": [1, *LOOPS]}, "The version of the reference loop."),
            "python": _pattern(PYTHON),
            "processor": _ref("text"),
            "date": {**_pattern(DATE), "format": "date"},
            "turn": _said(time, "The time of one turn of the loop on the reference machine."),
            "between": {"type": "array", "minItems": 2, "maxItems": 2, "items": time},
            "passes": _whole_number(),
        },
    )


def _budget() -> Schema:
    known = {
        "benchmark": _benchmark(),
        "budget": _said(
            {"anyOf": [_ref("upper-share"), {"const": NO_BUDGET}]},
            "The accepted slowdown, at least 1 %; none: do not compare.",
        ),
        "metric": _said(_ref("metric"), "Default mean."),
        "noise_floor": _said({}, "A smaller absolute change never fails: 20 ns."),
    }
    rules = [
        _when(_measured_as(grammar), {"properties": {"noise_floor": _ref(_name(grammar, "lower"))}})
        for grammar in _GRAMMARS
        if grammar is not _RATIO
    ]
    return {**_mapping(BUDGET_KEYS, ("benchmark", "budget"), known), "allOf": rules}


def _waiver() -> dict[str, Schema]:
    return {
        "benchmark": _benchmark(),
        "kind": _said({"enum": [*KINDS, *FORMER_KINDS]}, "Default budget."),
        "limit": _said(_ref("upper-share"), "The accepted excess; default any."),
        "metric": _said(_ref("metric"), "Default every metric."),
        "reason": _ref("text"),
        "owner": _ref("text"),
        "expires": _said({**_pattern(DATE), "format": "date"}, "The first day on which it no longer applies."),
    }


def _mapping(keys: Iterable[str], required: Iterable[str], known: dict[str, Schema]) -> Schema:
    properties = {key: known[key] for key in keys}
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _text() -> Schema:
    # YAML leaves 10, 1.5 and true without quotes; where text is allowed, they are text.
    return {"type": ["string", "number", "boolean"], "pattern": r"\S", "maxLength": LONGEST_TEXT}


def _benchmark() -> Schema:
    return _said(_ref("text"), "The id of a benchmark, or a selector: * and ? are wildcards, brackets are literal.")


def _whole_number() -> Schema:
    return {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 99999}, _pattern(WHOLE_NUMBER)]}


def _quantity(grammar: Grammar, *, above_zero: bool = False) -> Schema:
    """Describe what may be written; only an unsigned upper bound is `above_zero`."""
    above_zero = above_zero and not grammar.signed
    sign = "-?" if grammar.signed else "(?=[0_.]*[1-9])" if above_zero else ""
    text = {**_pattern(f"{sign}{NUMBER}{SPACE}(?:{'|'.join(grammar.units)})"), "maxLength": LONGEST_QUANTITY}
    if "" not in grammar.units:
        return text
    numbers: list[Schema] = [{"type": "number", "minimum": SMALLEST, "maximum": LARGEST}]
    if not above_zero:
        numbers.append({"const": 0})
    if grammar.signed:
        numbers.append({"type": "number", "minimum": -LARGEST, "maximum": -SMALLEST})
    return {"anyOf": [text, *numbers]}


def _bounds(grammar: Grammar) -> Schema:
    lower, upper = _ref(_name(grammar, "lower")), _ref(_name(grammar, "upper"))
    return {"properties": {"max": upper, "min": lower, "between": {"prefixItems": [lower, upper]}}}


def _measured_as(grammar: Grammar) -> Schema:
    """Hold where the entry's metric is written in a grammar; custom metrics are bare numbers."""
    measured = _names(lambda metric: plain_grammar(metric) is grammar)
    if grammar.signed:
        others = [name for name in names() if name not in measured]
        return {"required": ["metric"], "properties": {"metric": {"not": {"enum": others}}}}
    held = _metric_in(measured)
    return held if grammar is GRAMMARS[Dimension.SECONDS] else {**held, "required": ["metric"]}


def _names(chosen: Callable[[Metric], bool]) -> list[str]:
    return [name for name, metric in names().items() if chosen(metric)]


def _metric_in(chosen: list[str]) -> Schema:
    return {"properties": {"metric": {"enum": chosen}}}


def _when(condition: Schema, then: Schema) -> Schema:
    return {"if": condition, "then": then}


def _pattern(text: str) -> Schema:
    # Without the look-ahead, validators written in Python let a line end pass behind $.
    return {"type": "string", "pattern": rf"^(?:{text})$(?!\n)"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _name(grammar: Grammar, bound: str) -> str:
    return f"{bound}-{grammar.what.split()[-1]}"


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}
