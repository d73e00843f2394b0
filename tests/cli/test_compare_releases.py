"""What `hivegate compare` says to what are not two releases of one package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivegate.errors import UsageError
from hivegate.flows.compare.releases import Releases, find_releases

if TYPE_CHECKING:
    from tests.conftest import Project


def test_a_revision_is_no_release() -> None:
    """Neither are two files, nor a base that is left out."""
    for base, head in (("main", None), ("HEAD~1", None), (None, None), ("old.json", "new.json")):
        assert find_releases(base, head) is None


def test_a_release_is_a_name_and_a_version() -> None:
    """By whichever spelling of the name."""
    assert find_releases("Zope.Interface==6.0", "zope_interface == 7.0rc1") == Releases(
        name="Zope.Interface", base="6.0", head="7.0rc1"
    )


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        ("a==1", None, "is one release, and two are compared"),
        (None, "a==1", "is one release"),
        ("a>=1", "a==2", "'a>=1' is not a release, as NAME==VERSION is"),
        ("a==1.*", "a==2", "is not a release"),
        ("a[x]==1", "a==2", "is not a release"),
        ("a==1", "main", "'main' is not a release"),
        ("a==1", "b==2", "a and b are two packages"),
        ("a==1", "A==1", "both are a 1: nothing to compare"),
    ],
)
def test_what_is_no_two_releases_is_refused(base: str | None, head: str | None, told: str) -> None:
    """With an example of how it is written."""
    with pytest.raises(UsageError, match="hivegate") as raised:
        find_releases(base, head)
    assert told in str(raised.value)


@pytest.mark.parametrize("option", [("--base-python", "python"), ("--on", "dask:2")])
def test_options_that_do_not_apply_to_releases(project: Project, option: tuple[str, str]) -> None:
    """Each gets an environment of its own, here."""
    project.write("benches/bench_toy.py", "def bench_toy(benchmark):\n    benchmark(sum, [1])\n")
    answer = project.hivegate("compare", "a==1", "a==2", *option)
    assert answer.status == 2
    assert f"{option[0]} does not apply to two releases" in answer.err
