"""Absolute targets: every field, and every one that makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.instruments import METRICS
from hivegate.model.metric import Dimension
from hivegate.model.targets import Effect
from hivegate.targets.limits import TARGET_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.targets import Target

    Read = Callable[[str], Target]


def test_the_least_target_has_the_documented_defaults(target: Read) -> None:
    """p50, in the first tier, of a whole call, judged on every machine."""
    found = target("benchmark: a/b, max: 100 ms")
    assert (found.benchmark, found.metric, found.tier) == ("a/b", METRICS["p50"], "must")
    assert (found.limit.minimum, found.limit.maximum, found.limit.text) == (None, 0.1, "max 100 ms")
    assert found.limit.dimension is Dimension.SECONDS
    assert (found.name, found.per_operation, found.relative_to) == (None, False, None)
    assert (found.inconclusive, found.min_cores, found.where) == (None, None, "t.yaml:2:11")


def test_every_field_of_a_target_is_read(target: Read) -> None:
    """What is written is what is judged by."""
    found = target(
        "name: Reads, benchmark: 'a/b[*]', metric: p99, between: [0.1, 90 %], tier: nice, per: operation, "
        "relative_to: 'a/c[*]', inconclusive: fail, min_cores: 4"
    )
    assert (found.name, found.benchmark, found.metric.name) == ("Reads", "a/b[*]", "p99")
    assert (found.limit.minimum, found.limit.maximum) == (0.1, 0.9)
    assert (found.limit.text, found.limit.dimension) == ("between 0.1 and 90 %", Dimension.RATIO)
    assert (found.tier, found.per_operation, found.relative_to) == ("nice", True, "a/c[*]")
    assert (found.inconclusive, found.min_cores) == (Effect.FAIL, 4)


@pytest.mark.parametrize(
    ("fields", "minimum", "maximum", "dimension"),
    [
        ("max: 100 ms", None, 0.1, Dimension.SECONDS),
        ("min: 0 s, max: 1 s", 0.0, 1.0, Dimension.SECONDS),
        ("between: [1 s, 1 s]", 1.0, 1.0, Dimension.SECONDS),
        ("metric: throughput, min: 100 op/s", 100.0, None, Dimension.RATE),
        ("metric: peak_memory, max: 10 MB", None, 1e7, Dimension.BYTES),
        ("metric: allocations, max: 65", None, 65.0, Dimension.COUNT),
        ("metric: cv, max: 5 %", None, 0.05, Dimension.RATIO),
        ("metric: cv, max: 5, relative_to: c", None, 5.0, Dimension.RATIO),
        ("metric: drift, max: 5 %", None, 0.05, Dimension.RATIO),
        ("benchmark: 'b[*]', metric: complexity, between: [-0.1, 1.15]", -0.1, 1.15, Dimension.NUMBER),
        ("benchmark: 'b[*]', metric: complexity, per: operation, max: 0", None, 0.0, Dimension.NUMBER),
        ("metric: cache hits, min: -3", -3.0, None, Dimension.NUMBER),
        ("relative_to: reference, max: 0.9", None, 0.9, Dimension.RATIO),
        ("relative_to: reference, metric: cpu_time, per: operation, max: 90 %", None, 0.9, Dimension.RATIO),
        ("metric: allocations, relative_to: c, max: 65 %", None, 0.65, Dimension.RATIO),
    ],
)
def test_a_limit_is_written_in_the_units_of_what_it_limits(
    target: Read, fields: str, minimum: float | None, maximum: float | None, dimension: Dimension
) -> None:
    """A metric has its own units, a custom one none, and a ratio to a partner is a bare number or a share."""
    benchmark = "" if "benchmark" in fields else "benchmark: b, "
    limit = target(f"{benchmark}{fields}").limit
    assert (limit.minimum, limit.maximum, limit.dimension) == (minimum, maximum, dimension)


def test_a_name_that_is_not_built_in_is_a_custom_metric(target: Read) -> None:
    """It is looked up in what the benchmark declares."""
    metric = target("benchmark: b, metric: größe in KB, max: 3").metric
    assert (metric.name, metric.readings, metric.dimension) == ("größe in KB", "custom", Dimension.NUMBER)


KNOWN = (
    "mean, median, p50, p90, p95, p99, min, max, cv, spread, throughput, cpu_time, "
    "peak_memory, allocations, instructions, complexity, drift"
)
CUSTOM = "the name of a custom metric has up to 80 letters, digits, spaces and _.:/-, and begins with a letter"
REFUSED = {
    "a metric that looks misspelt, with a unit": (
        "benchmark: b\n    metric: meadian\n    max: 1 us",
        (
            "4:13: targets[0].metric: is 'meadian', which is not built in, and limits of custom metrics have no unit; "
            f"built-in metrics: {', '.join(METRICS)}"
        ),
        "did you mean median?",
    ),
    "no benchmark": (
        "max: 1 s",
        "3:5: targets[0]: missing key 'benchmark'",
        "add benchmark: suite/name[10]; * and ? are wildcards",
    ),
    "an empty benchmark": (
        "benchmark: ' '\n    max: 1 s",
        "3:16: targets[0].benchmark: is empty; expected text",
        "write one, or delete the key",
    ),
    "a benchmark of a thousand characters": (
        f"benchmark: {'b' * 1001}\n    max: 1 s",
        "3:16: targets[0].benchmark: has 1,001 characters; at most 1,000 are allowed",
        "shorten it",
    ),
    "an unknown key": (
        "benchmark: b\n    maximum: 1 s",
        "4:5: targets[0].maximum: unknown key",
        "did you mean max?",
    ),
    "a key like none": (
        "benchmark: b\n    zzz: {x: 1}",
        "4:5: targets[0].zzz: unknown key",
        f"allowed keys: {', '.join(TARGET_KEYS)}",
    ),
    "no limit": (
        "benchmark: b",
        "3:5: targets[0]: has no limit",
        "add max:, min: or between: [low, high]",
    ),
    "a limit twice": (
        "benchmark: b\n    max: 1 s\n    max: 2 s",
        "5:5: targets[0].max: duplicate key, first in line 4",
        "delete one of them",
    ),
    "a limit without a unit": (
        "benchmark: b\n    max: 5",
        "4:10: targets[0].max: is '5'; expected a time in ns, us, ms, s, min, µs",
        "a unit is required; did you mean 5 ms?",
    ),
    "a limit of another unit": (
        "benchmark: b\n    metric: peak_memory\n    max: 5 ms",
        "5:10: targets[0].max: is '5 ms'; expected an amount of memory in B, kB, KB, MB, GB, KiB, MiB, GiB",
        "ms is a unit of time; an amount of memory is needed here",
    ),
    "a spread without a unit": (
        "benchmark: b\n    metric: cv\n    max: 0.05",
        "5:10: targets[0].max: is '0.05'; expected a share in %",
        "a unit is required; did you mean 5 %?",
    ),
    "a number of a million digits": (
        f"benchmark: b\n    max: {'9' * 10**6} ms",
        f"4:10: targets[0].max: is '{'9' * 60}...'; expected a time in ns, us, ms, s, min, µs",
        "use at most 40 characters",
    ),
    "min above max": (
        "benchmark: b\n    max: 1 s\n    min: 2 s",
        "5:10: targets[0].min: lies above max: max 1 s and min 2 s",
        "swap them",
    ),
    "a range upside down": (
        "benchmark: b\n    between: [2 s, 1 s]",
        "4:15: targets[0].between[0]: lies above the upper bound: between 2 s and 1 s",
        "swap them: [1 s, 2 s]",
    ),
    "a range of one": (
        "benchmark: b\n    between: [2 s]",
        "4:14: targets[0].between: is a list of 1; expected two bounds",
        "between: [low, high]",
    ),
    "a range that is text": (
        "benchmark: b\n    between: 1 s to 2 s",
        "4:14: targets[0].between: is the text '1 s to 2 s'; expected a list",
        "begin each entry with a dash and a space: - ",
    ),
    "a range without a unit": (
        "benchmark: b\n    between: [1 s, 2]",
        "4:20: targets[0].between[1]: is '2'; expected a time in ns, us, ms, s, min, µs",
        "a unit is required; did you mean 2 ms?",
    ),
    "a range beside max": (
        "benchmark: b\n    max: 1 s\n    between: [1 s, 2 s]",
        "5:14: targets[0].between: cannot be combined with max",
        "use either between, or max and min",
    ),
    "a limit that is a list": (
        "benchmark: b\n    max: [1 s]",
        "4:10: targets[0].max: is a list; expected text",
        "write it on the same line, after the colon",
    ),
    "a limit that can never hold": (
        "benchmark: b\n    min: 0 s\n    max: 0 s",
        "5:10: targets[0].max: is 0 s, which is never met",
        "the measured value is always above 0: set a larger limit",
    ),
    "a negative lower bound beside a good upper one": (
        "benchmark: b\n    max: 1 s\n    min: -1 s",
        "5:10: targets[0].min: is '-1 s'; expected a time in ns, us, ms, s, min, µs",
        "this quantity is never below 0: delete the minus sign",
    ),
    "an unknown tier": (
        "benchmark: b\n    max: 1 s\n    tier: Must",
        "5:11: targets[0].tier: is 'Must'; expected must or should or nice",
        "did you mean must?",
    ),
    "a tier like none": (
        "benchmark: b\n    max: 1 s\n    tier: 3",
        "5:11: targets[0].tier: is '3'; expected must or should or nice",
        "for example tier: must",
    ),
    "per call": (
        "benchmark: b\n    max: 1 s\n    per: call",
        "5:10: targets[0].per: is 'call'; expected operation",
        "for example per: operation",
    ),
    "a rate per operation": (
        "benchmark: b\n    metric: throughput\n    min: 1 op/s\n    per: operation",
        "6:10: targets[0].per: 'throughput' cannot be divided by operations",
        "delete per",
    ),
    "an inconclusive target that passes": (
        "benchmark: b\n    max: 1 s\n    inconclusive: pass",
        "5:19: targets[0].inconclusive: is 'pass'; expected warn or fail",
        "for example inconclusive: warn",
    ),
    "part of a core": (
        "benchmark: b\n    max: 1 s\n    min_cores: 2.5",
        "5:16: targets[0].min_cores: is '2.5'; expected a whole number from 1 to 99999",
        "for example min_cores: 4",
    ),
    "no core": (
        "benchmark: b\n    max: 1 s\n    min_cores: 0",
        "5:16: targets[0].min_cores: is '0'; expected a whole number from 1 to 99999",
        "for example min_cores: 4",
    ),
    "a metric in capitals": (
        "benchmark: b\n    max: 1 s\n    metric: P50",
        f"5:13: targets[0].metric: is 'P50'; built-in metrics: {KNOWN}",
        "did you mean p50?",
    ),
    "a percentile that is not built in": (
        "benchmark: b\n    max: 1 s\n    metric: p99.9",
        f"5:13: targets[0].metric: is 'p99.9'; built-in metrics: {KNOWN}",
        "did you mean p99?",
    ),
    "a truth value as a metric": (
        "benchmark: b\n    max: 1\n    metric: yes",
        f"5:13: targets[0].metric: is 'yes'; {CUSTOM}",
        f"use a name of extra_info['metrics']; built-in metrics: {KNOWN}",
    ),
    "complexity of one size": (
        "benchmark: a/b[10]\n    metric: complexity\n    max: 1.15",
        "3:16: targets[0].benchmark: is 'a/b[10]', a single size; complexity needs several",
        "select them all: suite/name[*]",
    ),
    "complexity as a ratio": (
        "benchmark: a/b[*]\n    metric: complexity\n    max: 1.15\n    relative_to: a/c[*]",
        "6:18: targets[0].relative_to: cannot be used with complexity, which is an exponent",
        "delete relative_to",
    ),
    "drift as a ratio": (
        "benchmark: a/b\n    metric: drift\n    max: 5 %\n    relative_to: a/c",
        "6:18: targets[0].relative_to: cannot be used with drift, which is relative to the best level",
        "delete relative_to",
    ),
    "memory in reference loops": (
        "benchmark: b\n    metric: peak_memory\n    max: 1\n    relative_to: reference",
        "6:18: targets[0].relative_to: is reference, which is a time, but 'peak_memory' is not",
        "name a benchmark instead",
    ),
    "a ratio to itself": (
        "benchmark: b\n    max: 0.5\n    relative_to: b",
        "5:18: targets[0].relative_to: is the benchmark itself, so the ratio is always 1",
        "name another, or reference",
    ),
    "a partner with more wildcards": (
        "benchmark: a/b[*]\n    max: 0.5\n    relative_to: a/c[*-?]",
        "5:18: targets[0].relative_to: has more wildcards than benchmark, 'a/b[*]', which fills them",
        "name one partner, or use the same wildcards in both",
    ),
    "a text instead of a mapping": (
        "a/b",
        "3:5: targets[0]: is the text 'a/b'; expected a mapping",
        f"allowed keys: {', '.join(TARGET_KEYS)}",
    ),
}


@pytest.mark.parametrize(("fields", "found", "hint"), REFUSED.values(), ids=REFUSED)
def test_a_target_that_makes_no_sense_is_refused_where_it_stands(
    fields: str, found: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """File, line, column, key path, what was found, what is allowed, and the likely fix."""
    assert refusal(f"schema: 1\ntargets:\n  - {fields}\n") == f"t.yaml:{found}\n  {hint}"


def test_a_single_star_in_the_partner_is_filled_from_the_benchmark(target: Read) -> None:
    """As many wildcards as the benchmark has, or fewer, are allowed."""
    assert target("benchmark: 'a/*[?]', max: 1, relative_to: 'b/*[?]'").relative_to == "b/*[?]"
    assert target("benchmark: 'a/*[?]', max: 1, relative_to: b/c").relative_to == "b/c"
