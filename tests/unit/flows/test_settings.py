"""Settings and options are read by one parser, and checked alike: what cannot be meant is an error with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from hivegate.cli.kinds import Duration, Share
from hivegate.errors import UsageError
from hivegate.flows.project import Settings, find_project
from hivegate.targets.units import SHARE, QuantityError, parse_quantity

if TYPE_CHECKING:
    from pathlib import Path


def settings(folder: Path, text: str) -> Settings:
    """Read the settings of a pyproject.toml of this text."""
    (folder / "pyproject.toml").write_text(text)
    return find_project(folder).settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool = 1", "tool: is 1; expected a table"),
        ("[tool]\nhivegate = 3", "[tool.hivegate]: is 3; expected a table"),
        ("[tool]\nhivegate = [{passes = 5}]", "expected a table"),
        ("[tool.hivegate]\npasses = -1", "passes: is -1; expected 3 to 1000"),
        ("[tool.hivegate]\npasses = 2", "passes: is 2; expected 3 to 1000"),
        ("[tool.hivegate]\nmax-passes = 0", "max-passes: is 0; expected 3 to 1000"),
        ("[tool.hivegate]\npasses = true", "passes: Expected `int`, got `bool`"),
        ("[tool.hivegate]\ntimeout = nan", "timeout: is nan; expected a duration above 0"),
        ("[tool.hivegate]\ntimeout = inf", "timeout: is inf; expected a duration above 0"),
        ("[tool.hivegate]\ntimeout = 0", "timeout: is 0.0; expected a duration above 0"),
        ("[tool.hivegate]\ntimeout = '5'", "did you mean 5 s?"),
        ("[tool.hivegate]\ntimeout = '5 parsec'", "unknown unit 'parsec'"),
        ("[tool.hivegate]\npaths = []", "paths: is (); expected one folder or file at least"),
        ("[tool.hivegate]\npaths = ['']", "paths: is ('',); expected one folder or file at least"),
        ("[tool.hivegate]\npaths = 'benches'", "paths: Expected `array`, got `str`"),
        ("[tool.hivegate]\ntargets = ''", "targets: is ''; expected a file"),
        ("[tool.hivegate]\nhistory = ' '", "history: is ' '; expected a file, or the URL of a database"),
        ("[tool.hivegate]\npytest-args = '-m gpu'", "pytest-args: Expected `array`, got `str`"),
        ("[tool.hivegate]\npases = 5", "did you mean passes?"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    """The file, the key, what stands there and what is allowed are named."""
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, text)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)
    assert said in str(caught.value)


def test_a_duration_may_have_its_unit(tmp_path: Path) -> None:
    """As an option has it; a number is seconds, as the reference says."""
    assert settings(tmp_path, "[tool.hivegate]\ntimeout = '2 min'").timeout == 120
    assert settings(tmp_path, "[tool.hivegate]\ntimeout = 90").timeout == 90


@pytest.mark.parametrize("text", ["5", "0.05", "5,5%", "x", "", "-2%", "1e99%", "2 percent"])
def test_a_budget_is_refused_where_targets_yaml_refuses_it(text: str) -> None:
    """A bare number could mean 5 % or the fivefold; the option gives the hint of the file."""
    with pytest.raises(QuantityError) as of_file:
        parse_quantity(text, SHARE)
    with pytest.raises(click.BadParameter) as of_option:
        Share().convert(text, None, None)
    assert of_file.value.hint in str(of_option.value)


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("5 %", 0.05), ("2.5%", 0.025), ("1_000 %", 10.0)])
def test_a_budget_is_the_share_that_the_file_reads(text: str, share: float) -> None:
    """Both by one parser."""
    assert Share().convert(text, None, None) == parse_quantity(text, SHARE) == share


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("10 min", 600), ("1.5h", 5400)])
def test_a_duration_is_read_with_its_unit(text: str, seconds: float) -> None:
    """Minutes as people write them."""
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize(
    ("text", "hint"), [("60", "did you mean 60 s?"), ("-5s", "minus sign"), ("nan", "10 s"), ("2 x", "unit 'x'")]
)
def test_a_duration_without_its_unit_is_refused(text: str, hint: str) -> None:
    """With what was likely meant."""
    with pytest.raises(click.BadParameter, match="is not a duration") as caught:
        Duration().convert(text, None, None)
    assert hint in str(caught.value)
