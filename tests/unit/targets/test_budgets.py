"""Budgets and waivers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from hivegate.model.targets import RuleKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hivegate.model.targets import Budget, Waiver


def test_a_budget_has_the_documented_defaults(budget: Callable[[str], Budget]) -> None:
    """Of the mean, without a noise floor."""
    found = budget("benchmark: '*', budget: 2 %")
    assert (found.benchmark, found.slowdown, found.metric.name, found.noise_floor) == ("*", 0.02, "mean", 0.0)
    assert found.where == "t.yaml:2:11"


def test_every_field_of_a_budget_is_read(budget: Callable[[str], Budget]) -> None:
    """The noise floor is in the units of the metric."""
    found = budget("benchmark: a/*, budget: 3 %, metric: p50, noise_floor: 20 ns")
    assert (found.benchmark, found.slowdown, found.metric.name, found.noise_floor) == ("a/*", 0.03, "p50", 2e-8)
    assert not budget("benchmark: a, budget: none").compares
    assert budget("benchmark: a, budget: 3 %, metric: peak_memory, noise_floor: 1 KiB").noise_floor == 1024


def test_a_waiver_has_the_documented_defaults(waiver: Callable[[str], Waiver]) -> None:
    """Of a regression, of any amount, of every metric."""
    found = waiver("benchmark: a, reason: r, owner: o, expires: 2027-03-01")
    assert (found.benchmark, found.reason, found.owner) == ("a", "r", "o")
    assert (found.kind, found.limit, found.metric) == (RuleKind.BUDGET, None, None)
    assert (found.expires, found.where) == (dt.date(2027, 3, 1), "t.yaml:2:11")


def test_every_field_of_a_waiver_is_read(waiver: Callable[[str], Waiver]) -> None:
    """The 29th of February is a date in a leap year."""
    found = waiver("benchmark: a, reason: r, owner: '@o', expires: 2028-02-29, kind: target, limit: 12 %, metric: p99")
    assert (found.kind, found.limit, found.owner, found.expires) == (RuleKind.TARGET, 0.12, "@o", dt.date(2028, 2, 29))
    assert found.metric is not None
    assert found.metric.name == "p99"


BUDGETS = {
    "no budget": ("benchmark: a", "3:5: budgets[0]: missing key 'budget'", "add budget: 2 %"),
    "no benchmark": (
        "budget: 2 %",
        "3:5: budgets[0]: missing key 'benchmark'",
        "add benchmark: suite/name[10]; * and ? are wildcards",
    ),
    "a budget that could be 2 % or the triple": (
        "benchmark: a\n    budget: 2",
        "4:13: budgets[0].budget: is '2'; expected a share in %",
        "a unit is required; did you mean 2 %?",
    ),
    "a budget below what can be seen": (
        "benchmark: a\n    budget: 0.5 %",
        "4:13: budgets[0].budget: is 0.5 %; at least 1 % is allowed",
        "smaller changes cannot be distinguished from effects of memory layout",
    ),
    "no change at all": (
        "benchmark: a\n    budget: 0 %",
        "4:13: budgets[0].budget: is 0 %; at least 1 % is allowed",
        "smaller changes cannot be distinguished from effects of memory layout",
    ),
    "a budget beyond sense": (
        "benchmark: a\n    budget: 2000 %",
        "4:13: budgets[0].budget: is 2000 %; at most 1000 % is allowed",
        "a budget is the accepted slowdown, for example 2 %",
    ),
    "a noise floor without a unit": (
        "benchmark: a\n    budget: 2 %\n    noise_floor: 20",
        "5:18: budgets[0].noise_floor: is '20'; expected a time in ns, us, ms, s, min, µs",
        "a unit is required; did you mean 20 ms?",
    ),
    "a noise floor below 0": (
        "benchmark: a\n    budget: 2 %\n    noise_floor: -20 ns",
        "5:18: budgets[0].noise_floor: is '-20 ns'; expected a time in ns, us, ms, s, min, µs",
        "this quantity is never below 0: delete the minus sign",
    ),
    "a tier, which a budget has not": (
        "benchmark: a\n    budget: 2 %\n    tier: must",
        "5:5: budgets[0].tier: unknown key",
        "allowed keys: benchmark, budget, metric, noise_floor",
    ),
}
WAIVERS = {
    "no reason": (
        "benchmark: a\n    owner: o\n    expires: 2027-03-01",
        "3:5: waivers[0]: missing key 'reason'",
        "add reason: Validates artifacts now",
    ),
    "no owner": (
        "benchmark: a\n    reason: r\n    expires: 2027-03-01",
        "3:5: waivers[0]: missing key 'owner'",
        'add owner: "@performance-team"',
    ),
    "no end": (
        "benchmark: a\n    reason: r\n    owner: o",
        "3:5: waivers[0]: missing key 'expires'",
        "add expires: 2027-03-01",
    ),
    "an empty reason": (
        'benchmark: a\n    reason: ""\n    owner: o\n    expires: 2027-03-01',
        "4:13: waivers[0].reason: is empty; expected text",
        "write one, or delete the key",
    ),
    "an impossible day": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 2027-02-30",
        "6:14: waivers[0].expires: is 2027-02-30, which is not a date of the calendar",
        "did you mean 2027-02-28?",
    ),
    "the 29th of February of a common year": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 2100-02-29",
        "6:14: waivers[0].expires: is 2100-02-29, which is not a date of the calendar",
        "did you mean 2100-02-28?",
    ),
    "an impossible month": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 2027-13-01",
        "6:14: waivers[0].expires: is '2027-13-01'; expected a date",
        "write year-month-day: 2027-03-01",
    ),
    "the year 0": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 0000-02-30",
        "6:14: waivers[0].expires: is 0000-02-30, which is not a date of the calendar",
        "write year-month-day: 2027-03-01",
    ),
    "another order of day and month": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 1.3.2027",
        "6:14: waivers[0].expires: is '1.3.2027'; expected a date",
        "write year-month-day: 2027-03-01",
    ),
    "a date without zeros": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 2027-3-1",
        "6:14: waivers[0].expires: is '2027-3-1'; expected a date",
        "write year-month-day: 2027-03-01",
    ),
    "a time of day": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: 2027-03-01T00:00:00Z",
        "6:14: waivers[0].expires: is '2027-03-01T00:00:00Z'; expected a date",
        "write year-month-day: 2027-03-01",
    ),
    "digits of another script": (
        "benchmark: a\n    reason: r\n    owner: o\n    expires: ２027-03-01",  # noqa: RUF001  the point of the test
        "6:14: waivers[0].expires: is '２027-03-01'; expected a date",  # noqa: RUF001  same
        "write year-month-day: 2027-03-01",
    ),
    "an unknown kind": (
        "benchmark: a\n    kind: bugdet\n    reason: r\n    owner: o\n    expires: 2027-03-01",
        "4:11: waivers[0].kind: is 'bugdet'; expected budget or target",
        "did you mean budget?",
    ),
    "a limit without a unit": (
        "benchmark: a\n    limit: 12\n    reason: r\n    owner: o\n    expires: 2027-03-01",
        "4:12: waivers[0].limit: is '12'; expected a share in %",
        "a unit is required; did you mean 12 %?",
    ),
    "a limit of nothing": (
        "benchmark: a\n    limit: 0 %\n    reason: r\n    owner: o\n    expires: 2027-03-01",
        "4:12: waivers[0].limit: must be above 0",
        "limit: 12 %",
    ),
}


@pytest.mark.parametrize(("fields", "found", "hint"), BUDGETS.values(), ids=BUDGETS)
def test_a_budget_that_makes_no_sense_is_refused_where_it_stands(
    fields: str, found: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """File, line, column, key path, what was found, what is allowed, and the likely fix."""
    assert refusal(f"schema: 1\nbudgets:\n  - {fields}\n") == f"t.yaml:{found}\n  {hint}"


@pytest.mark.parametrize(("fields", "found", "hint"), WAIVERS.values(), ids=WAIVERS)
def test_a_waiver_without_reason_owner_or_a_real_end_is_refused(
    fields: str, found: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """File, line, column, key path, what was found, what is allowed, and the likely fix."""
    assert refusal(f"schema: 1\nwaivers:\n  - {fields}\n") == f"t.yaml:{found}\n  {hint}"


@pytest.mark.parametrize("later", ["a/b", "'*'"], ids=["the same selector", "everything"])
def test_a_budget_that_a_later_one_always_overrides_is_refused(later: str, refusal: Callable[[str], str]) -> None:
    """The last match wins, so an entry that can never apply would deceive who wrote it."""
    text = f"schema: 1\nbudgets:\n  - benchmark: a/b\n    budget: 5 %\n  - benchmark: {later}\n    budget: 2 %\n"
    assert refusal(text) == (
        "t.yaml:3:5: budgets[0]: never applies: line 5 matches the same benchmarks, "
        "and the last match wins\n  delete one, or order them from the widest selector to the narrowest"
    )


@pytest.mark.parametrize("later", ["mean", "median", "p50", "p95"])
def test_one_budget_of_time_is_enough(later: str, refusal: Callable[[str], str]) -> None:
    """A benchmark has one budget of its time: mean, median and p50 are even the same question in a comparison."""
    text = "schema: 1\nbudgets:\n  - {benchmark: a/b, budget: 5 %, metric: p50}\n"
    text += f"  - {{benchmark: a/b, budget: 2 %, metric: {later}}}\n"
    assert refusal(text).startswith("t.yaml:3:5: budgets[0]: never applies: line 4 matches the same")
