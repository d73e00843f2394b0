"""Error control at scale: a small simulation by the real judge, and pages whose figures are those of the kept one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from detection.rates import Rate
from hivegate.model.statistics import LOOKS, ComparisonStatistics
from scale import alarms, report, trends
from scale.judged import PAIRS, judge_repository
from scale.noise import KINDS

_SPREAD = 0.008


def pairs(kind: str, rows: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Draw pairs of equal revisions."""
    return KINDS[kind](np.random.default_rng(seed), np.full(rows, _SPREAD), PAIRS)


def holds(rate: Rate, promised: float) -> bool:
    """Tell whether a rate may be what was promised, or is less."""
    return rate.wilson()[0] <= promised


def test_each_layer_errs_as_rarely_as_promised_and_no_look_more_rarely() -> None:
    """At a slowdown of exactly the budget: each look its share, all of them one percent, *within* five percent."""
    found = alarms.layers_of(pairs("normal", 6000, 1), "normal", _SPREAD)
    every, confirmed, within = found.rates()
    assert holds(every, ComparisonStatistics().slower_error)
    assert holds(within, ComparisonStatistics().within_error)
    assert confirmed.hits < every.hits
    first = Rate(found.looks[0], found.comparisons)  # four pairs are not trimmed: their t is exact
    pooled = Rate(sum(found.looks), found.comparisons * len(LOOKS))
    low, high = first.wilson()
    assert low <= ComparisonStatistics().slower_at(LOOKS[0]) <= high
    assert holds(pooled, ComparisonStatistics().slower_error / len(LOOKS))


@pytest.mark.parametrize("change", [0.0, 0.02, 0.035])
def test_whole_comparisons_and_layers_alone_say_the_same(change: float) -> None:
    """What is simulated by looks alone is what the command's looks, confirmation and judge say of the same pairs."""
    logs = pairs("normal", 120, 2) + np.log1p(change)
    judged = judge_repository(logs, 0.02)
    alone = alarms.layers_of(logs - np.log1p(0.02), "normal", _SPREAD)
    slower = [one for one in judged if one.confirmed is not None]
    assert len(slower) == alone.sequential
    assert sum(one.outcome == "slower" for one in judged) == alone.confirmed
    assert sum(one.outcome in {"passed", "faster"} for one in judged) == alone.within


def test_what_fresh_pairs_do_not_show_again_is_no_alarm() -> None:
    """However clear it was in the pairs before."""
    logs = pairs("normal", 40, 5)
    logs[:, : LOOKS[-1]] += np.log1p(0.05)
    judged = judge_repository(logs, 0.02)
    assert {(one.outcome, one.confirmed) for one in judged} == {("inconclusive", False)}


@pytest.mark.parametrize("kind", ["recorded", "shared"])
def test_equal_revisions_are_rarely_called_slower(kind: str) -> None:
    """Not by benchmark, and where a repository's benchmarks are contended together not by repository either."""
    found = alarms.compared_of(kind, 0.02, 0.0, (3,), 8)
    assert found.verdicts == 8 * alarms.BENCHMARKS
    assert holds(found.slower(), 0.001)
    assert holds(Rate(found.alarmed, found.repositories), ComparisonStatistics().slower_error)
    assert found.outcomes["passed"] > 0.9 * found.verdicts


def test_histories_in_which_nothing_happens_are_left_alone() -> None:
    """One look calls a change in at most a tenth of them, and no drift."""
    found = trends.look_once("normal", (4,), 100, 120)
    assert holds(Rate(found.changed, found.histories), 0.1)
    assert holds(Rate(found.drifted, found.histories), 0.005)
    assert holds(Rate(found.beyond, found.histories), 0.005)


def test_the_kept_simulation_is_large_and_within_its_budget() -> None:
    """More than 200,000 verdicts on equal revisions; where pairs are independent, every layer holds its promise."""
    kept = alarms.read()
    assert sum(one.verdicts for one in kept.equal) >= 200_000
    for one in kept.layers:
        if one.kind not in {"drifting", "autocorrelated"}:  # said in the explanation: their pairs are not independent
            every, confirmed, within = one.rates()
            assert holds(every, ComparisonStatistics().slower_error), one.kind
            assert holds(confirmed, ComparisonStatistics().slower_error / 2), one.kind
            assert holds(within, ComparisonStatistics().within_error), one.kind


def test_figures_are_those_of_the_evidence() -> None:
    """Both pages hold what `nox -s scale` writes from the kept evidence, and nothing between markers was typed."""
    figures, explained = (file.read_text(encoding="utf-8") for file in (report.FIGURES, report.EXPLAINED))
    assert figures == report.render()
    assert explained == report.filled(explained)
    assert explained.count("<!-- figures: ") == len(report.MARK.findall(explained)) > 0


def test_the_explanation_has_a_section_for_all_figures() -> None:
    """Under the same headings, in the same order."""
    headings = re.findall(r"^## (.+)$", report.EXPLAINED.read_text(encoding="utf-8"), re.MULTILINE)
    assert [one for one in headings if one in report.SECTIONS] == list(report.SECTIONS)
