"""Documents for targets.yaml as hypothesis makes them: sound ones, wild ones, and sound ones with a fault put in."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from hivegate.instruments import METRICS, definition_of, metric_named
from hivegate.model.metric import Dimension
from hivegate.targets.metrics import plain_grammar
from hivegate.targets.units import GRAMMARS, Grammar

TEXTS = st.sampled_from(["a/b[10]", "a/*", "*", "a[?]", "x", "", " ", "ünï", "10", "a" * 1001, "1.5", "~", "true"])
ODD = st.sampled_from([None, True, False, 0, 1, 2, -1, 0.5, 1.0, 99, 1e-7, 2.5e16, -3.5]) | st.sampled_from(
    [[], {}, [1], {"a": 1}, "", "no", "1", "2027-03-01"]
)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "0.5", ".5", "5.", "1_000", "1e3", "2.5E-3", "-1", "007", "1__0", "1e", "", "-0"]
)
UNITS = st.sampled_from(sorted({unit for one in GRAMMARS.values() for unit in one.units} | {"MS", "m", "percent"}))
QUANTITIES = st.builds("{}{}{}".format, NUMBERS, st.sampled_from(["", " ", "\u00a0", "  ", "\n", "\t"]), UNITS)
BOUNDS = QUANTITIES | st.integers(-3, 10**7) | st.floats(1e-9, 1e9) | st.floats(-1e3, -1e-3)
SHARES = st.builds("{} %".format, st.integers(0, 120)) | st.sampled_from([0.02, 2, "2", "0.99", "2 % ", "1e2%"])
METRIC = st.sampled_from(
    [*METRICS, "P50", "p75", "cache hits", "größe", "yes", "On", "1st", "p", "-", "growth\n", "a" * 81]
)
TIERS = st.sampled_from(["must", "should", "nice", "hard", "x-1", "a b", ""])
DATES = st.dates().map(str) | st.sampled_from(
    ["2027-02-29", "2028-02-29", "2027-2-1", "0000-01-01", "2027-04-31", "20270301"]
)
POLICY = st.sampled_from(["warn", "fail", "note", "pass"])
CORES = st.sampled_from([1, 4, 99999, 100000, 0, -1, 2.5, 4.0, "4", "4.0", "4.5", "04", True])

OF_A_TARGET: dict[str, st.SearchStrategy[Any]] = {
    "benchmark": st.sampled_from(["a/b[10]", "a/*", "*", "a[?]", "x"]),
    "name": TEXTS,
    "metric": METRIC,
    "max": BOUNDS,
    "min": BOUNDS,
    "between": st.lists(BOUNDS | st.just("1 ms"), min_size=1, max_size=3),
    "tier": TIERS,
    "per": st.sampled_from(["operation", "operation", "call"]),
    "relative_to": TEXTS | st.sampled_from(["reference", "b"]),
    "inconclusive": POLICY,
    "min_cores": CORES,
}
WILD_TARGET = st.fixed_dictionaries(
    {"benchmark": OF_A_TARGET["benchmark"]},
    optional={key: values for key, values in OF_A_TARGET.items() if key != "benchmark"},
)
WILD_REGRESSION = st.fixed_dictionaries(
    {"benchmark": TEXTS, "budget": SHARES}, optional={"metric": METRIC, "noise_floor": BOUNDS}
)
WILD_WAIVER = st.fixed_dictionaries(
    {"benchmark": TEXTS, "reason": TEXTS, "owner": TEXTS, "expires": DATES},
    optional={"kind": st.sampled_from(["regression", "target", "x"]), "limit": SHARES, "metric": METRIC},
)
WILD = st.fixed_dictionaries(
    {"schema": st.sampled_from([1, 1, 1, "1", 1.0, 2, "1.0", True])},
    optional={
        "confidence": SHARES,
        "tiers": st.dictionaries(TIERS, st.sampled_from(["fail", "warn", "note", "x"]), max_size=3),
        "inconclusive": POLICY,
        "assumed_spread": SHARES,
        "targets": st.lists(WILD_TARGET, max_size=2),
        "budgets": st.lists(WILD_REGRESSION, max_size=2),
        "waivers": st.lists(WILD_WAIVER, max_size=2),
    },
)


def sound_quantity(grammar: Grammar) -> st.SearchStrategy[str | float]:
    """Write quantities of one grammar in all its units."""
    numbers = (
        st.integers(1, 10**6).map(str) | st.floats(1e-3, 1e6).map(str) | st.sampled_from([".5", "5.", "1_000", "2E3"])
    )
    written = st.builds(
        "{}{}{}".format, numbers, st.sampled_from(["", " ", "\u00a0 "]), st.sampled_from([*grammar.units])
    )
    bare = st.integers(1, 10**6) | st.floats(1e-6, 1e6)
    return written | bare if "" in grammar.units else written


@st.composite
def sound_target(draw: st.DrawFn) -> dict[str, Any]:
    """Make a target whose parts fit each other, but for the order of two bounds."""
    name = draw(st.sampled_from([*METRICS, "cache hits", "größe"]))
    metric = metric_named(name)
    partners = ["b", *(["reference"] if metric.dimension is Dimension.SECONDS else [])]
    related = not definition_of(metric).alone and draw(st.booleans())
    bounds = sound_quantity(GRAMMARS[Dimension.RATIO] if related else plain_grammar(metric))
    limits: list[dict[str, Any]] = [
        {"max": draw(bounds)},
        {"min": draw(bounds)},
        {"between": [draw(bounds), draw(bounds)]},
    ]
    optional = {
        "name": st.sampled_from(["Reads", "10", 10, 1.5, True, "ünï"]),
        "tier": st.sampled_from(["must", "should", "nice"]),
        "inconclusive": st.sampled_from(["warn", "fail"]),
        "min_cores": st.sampled_from([1, 99999, 4.0, "8"]),
        **({"per": st.just("operation")} if definition_of(metric).divisible else {}),
    }
    return {
        "benchmark": draw(st.sampled_from(["a/*", "a[?]"] if name == "complexity" else ["a/b[10]", "a/*", "*", "x"])),
        **({} if name == "p50" and draw(st.booleans()) else {"metric": name}),
        **draw(st.sampled_from(limits)),
        **({"relative_to": draw(st.sampled_from(partners))} if related else {}),
        **draw(st.fixed_dictionaries({}, optional=optional)),
    }


@st.composite
def almost_sound_target(draw: st.DrawFn) -> dict[str, Any]:
    """Give one key of a sound target another plausible value, take it away, or make its range shorter or longer."""
    target = draw(sound_target())
    key = draw(st.sampled_from([*OF_A_TARGET, *target]))
    if key in target and draw(st.integers(0, 3)) == 0:
        return {name: value for name, value in target.items() if name != key}
    if key == "between" and key in target:
        return {**target, key: (target[key] * 2)[: draw(st.integers(0, 3))]}
    return {**target, key: draw(OF_A_TARGET[key])}


@st.composite
def sound_regression(draw: st.DrawFn) -> dict[str, Any]:
    """Make a regression entry whose parts fit each other."""
    name = draw(st.sampled_from([*METRICS, "cache hits"]))
    floor = sound_quantity(plain_grammar(metric_named(name)))
    required = {"benchmark": st.sampled_from(["a/*", "b", "c"]), "budget": st.integers(1, 1000).map("{} %".format)}
    return {**draw(st.fixed_dictionaries(required, optional={"noise_floor": floor})), "metric": name}


SOUND_WAIVER = st.fixed_dictionaries(
    {"benchmark": st.just("a"), "reason": st.just("r"), "owner": st.just("@o"), "expires": st.dates().map(str)},
    optional={"kind": st.sampled_from(["regression", "target"]), "limit": st.just("12 %"), "metric": st.just("p50")},
)
SOUND = st.fixed_dictionaries(
    {"schema": st.sampled_from([1, "1"])},
    optional={
        "confidence": st.just("95 %"),
        "tiers": st.sampled_from([{"must": "fail", "should": "warn", "nice": "note"}]),
        "inconclusive": st.sampled_from(["warn", "fail"]),
        "assumed_spread": st.just("20%"),
        "targets": st.lists(sound_target(), max_size=3),
        "budgets": st.lists(sound_regression(), max_size=2),
        "waivers": st.lists(SOUND_WAIVER, max_size=2),
    },
)


def damaged(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Put something odd into the place of a value, take a key away, or add one."""
    document = copy.deepcopy(document)
    inner: Any = document
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(inner[key], dict | list) and inner[key]
        if not deeper or data.draw(st.booleans()):
            break
        inner = inner[key]
    action = data.draw(st.sampled_from(["replace", "replace", "delete", "add"]))
    if action == "delete":
        del inner[key]
    elif action == "add" and isinstance(inner, dict):
        inner[data.draw(st.sampled_from(["max", "tiers", "x", "benchmark", "1", ""]))] = data.draw(ODD)
    else:
        inner[key] = data.draw(ODD | TEXTS | BOUNDS)
    return document
