"""What `explain` says applies is what the judge applies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from tests.measured import benchmark, run

from hivegate.flows.bench.flow import judge_run
from hivegate.flows.explain import explain
from hivegate.flows.project import Project
from hivegate.flows.rules import Rules
from hivegate.model.verdict import Outcome
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from pathlib import Path

_TARGETS = """
schema: 1
targets:
  - {{benchmark: "shop/*", max: 1 ms}}
  - {{benchmark: shop/pay, relative_to: reference, max: 5}}
  - {{benchmark: shop/slow, relative_to: shop/pay, max: 50 %}}
budgets:
  - {{benchmark: "*", budget: 2 %}}
  - {{benchmark: "*", metric: peak_memory, budget: 10 %}}
  - {{benchmark: "shop/*", budget: 5 %}}
  - {{benchmark: other/*, budget: 7 %}}
waivers:
  - {{benchmark: shop/pay, kind: target, metric: p50, limit: 100 %, reason: known, owner: "@shop", expires: {expires}}}
"""


def project(folder: Path, expires: dt.date) -> Project:
    """Make a project whose one waiver ends on a day."""
    (folder / "targets.yaml").write_text(_TARGETS.format(expires=expires))
    return Project(folder=folder)


@pytest.mark.parametrize(
    ("days", "valid", "soon"),
    [(-1, False, False), (0, False, False), (1, True, True), (14, True, True), (15, True, False)],
)
def test_a_waiver_ends_on_its_day_for_both(tmp_path: Path, days: int, valid: bool, soon: bool) -> None:  # noqa: FBT001  parameters
    """On the day that it names it is over, and fourteen days before that is said."""
    made = project(tmp_path, dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days))
    explained = explain(made, "shop/pay")
    assert (len(explained.waivers), len(explained.soon), len(explained.expired)) == (valid, soon, not valid)
    targets = load_targets(tmp_path / "targets.yaml")
    result = judge_run(
        Rules(head=targets), run(benchmark("shop/pay", [1.5e-3, 1.501e-3, 1.499e-3])), drift=lambda _: None
    )
    judged = next(one for one in result.verdicts if one.benchmark == "shop/pay" and one.relative_to is None)
    assert judged.outcome is (Outcome.WAIVED if valid else Outcome.FAILED)


def test_the_last_budget_of_a_kind_wins(tmp_path: Path) -> None:
    """Time and memory have one each; what they override is said, and what is another's is not."""
    explained = explain(project(tmp_path, dt.date(2000, 1, 1)), "shop/pay")
    assert explained.budget is not None
    assert explained.budget.slowdown == 0.05
    assert [one.slowdown for one in explained.exact] == [0.1]
    assert [one.slowdown for one in explained.overridden] == [0.02]
    assert len(explained.targets) == 2
    assert [one.benchmark for one in explained.partner_of] == ["shop/slow"]
    assert explained.near is None


def test_a_misspelt_id_has_a_near_selector_only_where_no_target_names_it(tmp_path: Path) -> None:
    """Budgets for all apply to it all the same."""
    made = project(tmp_path, dt.date(2000, 1, 1))
    explained = explain(made, "shopp/pay")
    assert (explained.targets, explained.near) == ((), "shop/pay")
    assert explained.budget is not None
    assert explained.budget.slowdown == 0.02
    assert explain(made, "shop/anything").near is None
