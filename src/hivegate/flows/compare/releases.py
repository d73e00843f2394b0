"""Two releases of a package instead of two revisions: each in an environment of its own, under the suite at hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.environments import make_release_environments
from hivegate.measure.revisions import THIS_TREE, Base

if TYPE_CHECKING:
    from hivegate.flows.plan import ComparisonPlan
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback

_RELEASE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([A-Za-z0-9][A-Za-z0-9.+!_-]*)\s*")
_REQUIREMENT = re.compile(r"[=<>~!]=|[<>]")
_EXAMPLE = "hivegate compare 'pluggy==1.6.0' 'pluggy==1.7.0'"


class Releases(msgspec.Struct, frozen=True, kw_only=True):
    """Two releases of one package: its name, and the versions that base and head are."""

    name: str
    base: str
    head: str


def find_releases(base: str | None, head: str | None) -> Releases | None:
    """Find the releases that are asked for; None where base is a revision.

    Raises `UsageError` for what is not two releases of one package.
    """
    given = [one for one in (base, head) if one is not None]
    if not any(_REQUIREMENT.search(one) for one in given):
        return None
    matches = [_RELEASE.fullmatch(one) for one in given]
    for one, match in zip(given, matches, strict=True):
        if match is None:
            raise UsageError(f"{one!r} is not a release, as NAME==VERSION is", hint=f"name two of them: {_EXAMPLE}")
    found = [(match[1], match[2]) for match in matches if match is not None]
    if base is None or len(found) == 1:
        raise UsageError(
            f"{given[0]!r} is one release, and two are compared", hint=f"name the newer one, too: {_EXAMPLE}"
        )
    (name, old), (other, new) = found
    if normalized(name) != normalized(other):
        raise UsageError(f"{name} and {other} are two packages", hint=f"name two releases of one: {_EXAMPLE}")
    if old == new:
        raise UsageError(
            f"both are {name} {old}: nothing to compare",
            hint="name another release; what this machine can detect: hivegate aa-test",
        )
    return Releases(name=name, base=old, head=new)


def normalized(name: str) -> str:
    """Write the name of a distribution as an index does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def install_releases(
    subject: Subject, releases: Releases, plan: ComparisonPlan, on_progress: ProgressCallback
) -> tuple[Subject, ComparisonPlan, Base]:
    """Make an environment with each release and what the suite asks for; returns what is to be measured in them.

    Raises `MeasureError` with the last words of the installer.
    """
    own = normalized(subject.distribution) == normalized(releases.name)
    pythons = make_release_environments(
        subject.project,
        {"base": (releases.name, releases.base), "head": (releases.name, releases.head)},
        subject.python,
        on_progress,
        replaces_project=own,
    )
    measured = msgspec.structs.replace(
        subject, python=pythons["head"], distribution=releases.name, separate=True, released=True
    )
    name = f"{releases.name} {releases.base} (head is {releases.name} {releases.head})"
    base = Base(sha=None, name=name, why="as requested")
    return measured, msgspec.structs.replace(plan, base=THIS_TREE, head=None, base_python=pythons["base"]), base
