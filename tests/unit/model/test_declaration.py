"""What a benchmark declares of itself."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hivegate.errors import ResultsError
from hivegate.model.declaration import Declaration, declare, declare_fitting


def test_a_benchmark_that_declares_nothing_has_nothing() -> None:
    """No operations are assumed, and no size."""
    assert declare({}, None) == Declaration()
    assert declare({"unit": "of another tool"}, {}) == Declaration()


def test_everything_declared_is_read() -> None:
    """Numbers as numbers, a metric with its direction."""
    found = declare(
        {
            "operations": 500,
            "size": 20,
            "parallelism": 8,
            "metrics": {"rounds": 3, "agreement": {"value": 0.9, "better": "higher"}, "loss": {"value": -1}},
        },
        {"packs": 10},
    )
    assert (found.operations, found.size, found.parallelism) == (500.0, 20.0, 8)
    assert found.metrics == {"rounds": 3.0, "agreement": 0.9, "loss": -1.0}
    assert found.better == {"rounds": "lower", "agreement": "higher", "loss": "lower"}


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"n": 10}, 10.0),
        ({"n": 10, "kind": "json"}, 10.0),
        ({"n": 10, "fast": True}, 10.0),
        ({"n": 10, "m": 20}, None),
        ({"n": "10"}, None),
        ({"n": 0}, None),
        ({"n": -5}, None),
        ({"n": math.inf}, None),
        ({"n": 10**400}, None),
        ({}, None),
    ],
)
def test_the_only_numeric_parameter_is_the_size(params: dict[str, object], size: float | None) -> None:
    """Two numbers say nothing, and a truth value is none."""
    assert declare({}, params).size == size


METRIC = (
    "expected a number, or {'value': number, 'better': 'lower' or 'higher'}, "
    "with the share of the processor that it had as 'processor' where it is known"
)
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "operations in words": (
        {"operations": "many"},
        "extra_info.operations: is 'many'; expected a number above 0",
        'benchmark.extra_info["operations"] = 100, or omit it',
    ),
    "no operation": (
        {"operations": 0},
        "extra_info.operations: is 0; expected a number above 0",
        'benchmark.extra_info["operations"] = 100, or omit it',
    ),
    "a size that is a truth value": (
        {"size": True},
        "extra_info.size: is True; expected a number above 0",
        'benchmark.extra_info["size"] = 100, or omit it',
    ),
    "a size without end": (
        {"size": math.inf},
        "extra_info.size: is inf; expected a number above 0",
        'benchmark.extra_info["size"] = 100, or omit it',
    ),
    "half a thread": (
        {"parallelism": 2.5},
        "extra_info.parallelism: is 2.5; expected a whole number above 0",
        'benchmark.extra_info["parallelism"] = 8, or omit it',
    ),
    "less than a thread": (
        {"parallelism": 0.5},
        "extra_info.parallelism: is 0.5; expected a whole number above 0",
        'benchmark.extra_info["parallelism"] = 8, or omit it',
    ),
    "metrics that are no object": (
        {"metrics": [1, 2]},
        "extra_info.metrics: is [1, 2]; expected an object of names and numbers",
        'benchmark.extra_info["metrics"] = {"hits": {"value": 12, "better": "higher"}}',
    ),
    "a metric that is no number": (
        {"metrics": {"hits": math.nan}},
        f"extra_info.metrics.hits: is nan; {METRIC}",
        'benchmark.extra_info["metrics"] = {"hits": {"value": 12, "better": "higher"}}',
    ),
    "an unknown direction": (
        {"metrics": {"hits": {"value": 1, "better": "more"}}},
        "extra_info.metrics.hits: is {'better': 'more', 'value': 1}; " + METRIC,
        'benchmark.extra_info["metrics"] = {"hits": {"value": 12, "better": "higher"}}',
    ),
    "a misspelt direction": (
        {"metrics": {"hits": {"value": 1, "beter": "higher"}}},
        "extra_info.metrics.hits: is {'beter': 'higher', 'value': 1}; " + METRIC,
        'benchmark.extra_info["metrics"] = {"hits": {"value": 12, "better": "higher"}}',
    ),
}


@pytest.mark.parametrize(("extra_info", "found", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_is_declared_in_another_form_is_refused_with_its_key(
    extra_info: dict[str, Any], found: str, hint: str
) -> None:
    """A misspelt direction must not turn a gain into a loss."""
    with pytest.raises(ResultsError) as caught:
        declare(extra_info, None)
    assert str(caught.value) == f"{found}\n  {hint}"


def test_what_an_error_quotes_is_short() -> None:
    """A result file may hold anything, of any size, under these keys."""
    for extra_info in (
        {"size": "x" * 10**6},
        {"metrics": list(range(10**5))},
        {"metrics": {"m" * 10**6: "x" * 10**6}},
    ):
        with pytest.raises(ResultsError) as caught:
            declare(extra_info, None)
        assert len(str(caught.value)) < 400


def test_every_misfit_is_named_and_the_rest_is_declared() -> None:
    """`extra_info` is the suite's: each part that fits nothing is told, also each metric, and the others count."""
    metrics = {"recall": math.nan, "text": "y", "a.b": None, "hits": 3.0}
    info = {"metrics": metrics, "size": "64x64", "operations": True, "parallelism": 2.5, "subject": [1]}
    declaration, misfits = declare_fitting(info, {"n": 7})
    assert declaration == Declaration(metrics={"hits": 3.0}, better={"hits": "lower"}, size=7.0)
    places = {fault.where.removeprefix("extra_info.") for fault in misfits}
    assert places == {"metrics.recall", "metrics.text", "metrics.a.b", "size", "operations", "parallelism", "subject"}
    assert declare_fitting({"metrics": ["recall"]}, None)[0] == Declaration()
