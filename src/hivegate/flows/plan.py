"""What is to be measured, with every default filled in; a plan is plain values and can go to another machine."""

from __future__ import annotations

import msgspec

from hivegate.flows.shard import Division


class SuitePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Say what to measure of a suite: selectors (none is all), what is excluded, passes, and which part.

    `max_time` is in seconds in all, `timeout` in seconds without a sign of life. With `all`, what no target asks for is
    measured as fully as the rest, and nothing is decided before `passes` are done.
    """

    selectors: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    passes: int = 5
    most_passes: int = 15
    max_time: float = 600.0
    timeout: float = 120.0
    division: Division | None = None
    all: bool = False


class RevisionsPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Say how to pair two revisions: selectors (none is all), what is excluded, and where the two run.

    `timeout` is in seconds without a sign of life; `fallback` starts two processes where one could be forked;
    `base_python` is the interpreter of a separate environment for base; without one, both sides get their own where the
    revisions ask for that. Not `thorough`, which takes a third of the time: base's suite is not asked what it has, and
    both sides share what any benchmark imports. `build` is a command that builds the project in a tree, `base_build`
    base's own for base's tree. `base_paths` are where base's own settings say that its benchmarks are, and
    `base_arguments` what they hand on to pytest for base's own files.
    """

    selectors: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    timeout: float = 120.0
    fallback: bool = False
    thorough: bool = True
    base_python: str | None = None
    build: tuple[str, ...] = ()
    base_build: tuple[str, ...] = ()
    base_paths: tuple[str, ...] = ()
    base_arguments: tuple[str, ...] = ()


class ComparisonPlan(RevisionsPlan, frozen=True, kw_only=True):
    """Say what to compare: the base that was asked for, the branch that changes go to, and the seconds in all.

    With `head` both are releases of a package, which the suite at hand measures.
    With `base_suite` base's own benchmark files measure what both share as well.
    `budget` overrides every budget of targets.yaml; `by_instructions` compares instructions instead of time; `division`
    leaves a part of the suite to each of several machines. With `reached` what the change cannot reach is not measured;
    `why_all` says why that is not done although it was asked for.
    """

    base: str | None = None
    head: str | None = None
    branch: str | None = None
    budget: float | None = None
    by_instructions: bool = False
    base_suite: bool = False
    max_time: float = 600.0
    division: Division | None = None
    reached: bool = False
    why_all: str = ""
