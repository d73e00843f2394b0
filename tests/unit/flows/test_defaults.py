"""Who asks a flow for nothing gets what the command does without options."""

from __future__ import annotations

import pytest

import hivegate
from hivegate.cli.main import hivegate as main
from hivegate.flows.compare.aa_test import AaTestOptions
from hivegate.flows.init import InitOptions
from hivegate.flows.plan import ComparisonPlan, RevisionsPlan, SuitePlan
from hivegate.flows.project import Settings

# The command names a file where a program may want none; interpreter and tools are filled in by it or by the flow.
EXCEPTIONS = {"out", "python", "tools"}


@pytest.mark.parametrize(
    ("command", "options", "fields"),
    [
        ("bench", hivegate.BenchOptions(), {"passes", "max_time", "selectors"}),
        ("run", hivegate.RunOptions(), {"passes", "shard", "durations", "cluster"}),
        ("compare", hivegate.CompareOptions(), {"base", "budget", "instrument", "max_time", "fallback"}),
        ("aa-test", AaTestOptions(), {"fallback", "selectors"}),
        ("profile", hivegate.ProfileOptions(), {"seconds", "native", "idle", "subprocesses", "inconclusive"}),
        ("report", hivegate.ReportOptions(), {"form", "quiet", "profiles"}),
        ("init", InitOptions(), {"max_time", "install", "dry_run", "repository"}),
    ],
)
def test_options_of_a_flow_are_those_of_its_command(command: str, options: object, fields: set[str]) -> None:
    """Every option that both have; so a script and a workflow measure and judge alike."""
    found = main.get_command(main.make_context("hivegate", ["--help"], resilient_parsing=True), command)
    assert found is not None
    given = found.make_context(command, []).params
    both = {name: value for name, value in given.items() if hasattr(options, name)}
    assert fields <= both.keys()
    for name in both.keys() - EXCEPTIONS:
        assert getattr(options, name) == both[name], name


@pytest.mark.parametrize("options", [hivegate.BenchOptions(), hivegate.CompareOptions()])
def test_nothing_is_profiled_unasked(options: hivegate.BenchOptions | hivegate.CompareOptions) -> None:
    """A profile takes minutes, and --on-fail is no default either."""
    assert options.profile_failures is False


def test_a_plan_is_the_settings_filled_in() -> None:
    """What a plan on another machine leaves out is what a project that sets nothing has."""
    settings, plan = Settings(), SuitePlan()
    assert (plan.passes, plan.most_passes) == (settings.passes, settings.max_passes)
    assert plan.timeout == RevisionsPlan().timeout == ComparisonPlan().timeout == settings.timeout
    assert plan.max_time == ComparisonPlan().max_time == hivegate.BenchOptions().max_time
    assert (ComparisonPlan().fallback, ComparisonPlan().by_instructions) == (False, False)
