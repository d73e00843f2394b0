"""The suites: the made subject, and real packages from PyPI; where each comes from and how its revisions are made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from detection.plan import Share, draw
from detection.real import CATTRS, HUMANIZE
from detection.revisions import make_revisions
from detection.workloads import WORKLOADS

if TYPE_CHECKING:
    from pathlib import Path

_MADE = {one.name: one for one in WORKLOADS}


class Suite(Protocol):
    """Benchmarks, how their revisions are made, and what is known about each."""

    @property
    def name(self) -> str:
        """Its name in the evidence."""

    @property
    def tools(self) -> frozenset[str]:
        """The tools that can run it as it is."""

    @property
    def paths(self) -> str:
        """The folder of its benchmarks, for pytest."""

    def draw(self, trial: int) -> dict[str, Share]:
        """Draw the shares of a trial."""

    def make(self, folder: Path, trial: int, shares: dict[str, Share], store: Path) -> tuple[str, str]:
        """Make a repository; returns base and head, which is checked out. What is fetched is kept in `store`."""

    def short(self, name: str) -> str:
        """Shorten a tool's name of a benchmark to ours."""

    def kind_of(self, name: str) -> str:
        """Look up the kind."""

    def share_of(self, name: str, shares: dict[str, Share]) -> Share:
        """Look up the share of a benchmark by a tool's name."""


class MadeSuite(NamedTuple):
    """The subject of this folder: each benchmark has a share of its own."""

    name: str = "made"
    tools: frozenset[str] = frozenset({"hivegate", "pytest-benchmark", "asv", "pyperf"})
    paths: str = "benches"

    def draw(self, trial: int) -> dict[str, Share]:
        """Draw a share for each function; what is too short for a dose has none."""
        drawn = draw(trial, _MADE)
        return {name: one if _MADE[name].dosed else one._replace(dose=0) for name, one in drawn.items()}

    def make(self, folder: Path, trial: int, shares: dict[str, Share], store: Path) -> tuple[str, str]:  # noqa: ARG002  nothing is fetched
        """Make the subject's repository."""
        return make_revisions(folder, trial, shares)

    def short(self, name: str) -> str:
        """Take the function's name out of a tool's."""
        return re.split("::|/", name)[-1].removeprefix("bench_")

    def kind_of(self, name: str) -> str:
        """Look up the kind of a function."""
        return _MADE[self.short(name)].kind

    def share_of(self, name: str, shares: dict[str, Share]) -> Share:
        """Look up the share of a function."""
        return shares[self.short(name)]


SUITES: dict[str, Suite] = {"made": MadeSuite(), "cattrs": CATTRS, "humanize": HUMANIZE}
