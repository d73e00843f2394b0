"""Records: what a history keeps of one run, told so that it can be exported, compared and kept once."""

from __future__ import annotations

import hashlib
import re

import msgspec

from hivegate.model.metric import Metric
from hivegate.model.run import Commit, Environment
from hivegate.model.targets import RuleKind
from hivegate.model.trend import Boundary, ChangePoint, CommitEvidence, Trend
from hivegate.model.verdict import Outcome, VerdictKey

# History: 1 first.
RECORD_SCHEMA = 1

_TOOLS = frozenset({"pytest", "pytest-benchmark"})  # what drives the benchmarks and is not measured
_RELEASE = re.compile(r"\S+ \d+(?:\.\d+)?")
_KEY_DIGITS = 12


class Level(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One metric of one benchmark in one run, with its interval from `n` passes; ends that are open are None."""

    benchmark: str
    metric: Metric
    value: float
    low: float | None = None
    high: float | None = None
    n: int = 1


class StoredVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One verdict on the run, in words."""

    benchmark: str
    kind: RuleKind
    outcome: Outcome
    tier: str | None = None
    metric: str | None = None
    per_operation: bool = False
    relative_to: str | None = None
    where: str | None = None
    value: float | None = None
    limit: str | None = None
    code: str | None = None
    reason: str

    @property
    def key(self) -> VerdictKey:
        """The key of the verdict."""
        return VerdictKey(
            benchmark=self.benchmark,
            kind=self.kind,
            metric=self.metric,
            per_operation=self.per_operation,
            relative_to=self.relative_to,
            where=self.where,
        )


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run as the history keeps it.

    `created` and `committed` are ISO 8601 in UTC, of the measurement and of the commit; `subject` is the first line of
    the commit's message; `nodes` are the benchmarks' pytest node ids; `report` is the address of a page about it.
    """

    schema: int = RECORD_SCHEMA
    source: str
    created: str | None = None
    committed: str | None = None
    commit: Commit | None = None
    subject: str | None = None
    environment: Environment
    levels: tuple[Level, ...]
    nodes: dict[str, str] = {}
    outcome: Outcome | None = None
    judged: tuple[StoredVerdict, ...] = ()
    report: str | None = None


class StoredRun(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A run in the store without its numbers; `moment` orders runs: the commit's time, else the measurement's."""

    id: int
    source: str
    created: str | None
    committed: str | None
    moment: str
    commit: str | None
    branch: str | None
    subject: str | None
    dirty: bool
    environment: str
    outcome: Outcome | None
    report: str | None


class StoredEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment in the store: its key, what it is, and how many runs it measured, the newest at `newest`."""

    key: str
    environment: Environment
    runs: int
    newest: str


class StoredSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A series in the store without its numbers."""

    id: int
    benchmark: str
    node_id: str | None
    environment: str
    metric: Metric


class MachineTrends(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the benchmarks of one environment, or of several that are comparable, told as in the first.

    `runs` are those that the series count by; `left_out` counts runs of other branches, of changed working trees and in
    environments seen too rarely; `between` counts the commits of ranges that the clone has, by ``old..new``;
    `boundaries` are the switches of the environment that happened once; `evidence` lists the commits that lie in the
    ranges of changes, as far as the clone has them, in the same way as `between`.
    """

    environment: StoredEnvironment
    members: tuple[StoredEnvironment, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    runs: tuple[StoredRun, ...]
    left_out: int
    trends: tuple[Trend, ...]
    between: dict[str, int] = {}
    evidence: dict[str, tuple[CommitEvidence, ...]] = {}

    def evidence_of(self, change: ChangePoint) -> tuple[CommitEvidence, ...] | None:
        """List the commits of a change's whole range, as far as the clone has them."""
        return self.evidence.get(f"{change.surely_before.commit}..{change.surely_after.commit}")


def content_hash(record: Record) -> str:
    """Hash what was measured, where, when and of which revision; what is judged or written about it may come later."""
    measured = sorted((one.benchmark, one.metric.name, one.value, one.n) for one in record.levels)
    told = (record.source, record.created, record.commit, record.environment, measured)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def environment_key(environment: Environment) -> str:
    """Name what makes times comparable: processor, cores, system, Python, governor, container, runner and packages.

    Of the system's release the first two numbers count, so that a machine stays itself when its kernel is patched.
    """
    packages = sorted((name, version) for name, version in environment.packages.items() if name not in _TOOLS)
    told = msgspec.structs.replace(environment, os=system_of(environment.os), packages={})
    return hashlib.sha256(msgspec.json.encode((told, packages))).hexdigest()[:_KEY_DIGITS]


def factors_of(environment: Environment) -> dict[str, str]:
    """Tell an environment by the factors that it may share with others, each in words."""
    processor = ", ".join(
        str(one) for one in (environment.cpu, f"{environment.cores} cores", environment.governor) if one is not None
    )
    packages = (f"{name} {version}" for name, version in sorted(environment.packages.items()) if name not in _TOOLS)
    place = " ".join(one for one in (environment.runner, environment.container) if one)
    return {
        "processor": processor,
        "system": system_of(environment.os) or "unknown",
        "Python": environment.python or "unknown",
        "runner": place or "unknown",
        "packages": ", ".join(packages) or "none",
    }


def comparable(environment: Environment) -> tuple[str, str, str]:
    """Name what environments must share to be one series: the kind of system, the interpreter and its minor version."""
    system = (environment.os or "").partition(" ")[0]
    return system, environment.implementation or "", ".".join((environment.python or "").split(".")[:2])


def system_of(release: str | None) -> str | None:
    """Shorten a system's release to its name and the first two numbers."""
    found = _RELEASE.match(release) if release else None
    return found[0] if found else release


def environment_title(environment: Environment) -> str:
    """Describe an environment in a line."""
    cores = f"{environment.cores} core{'s' * (environment.cores != 1)}" if environment.cores else None
    python = f"{environment.implementation or 'Python'} {environment.python}" if environment.python else None
    packages = ", ".join(
        f"{name} {version}".strip() for name, version in sorted(environment.packages.items()) if name not in _TOOLS
    )
    parts = (environment.cpu, cores, system_of(environment.os), python, environment.runner, environment.container)
    return "; ".join(one for one in (*parts, packages) if one)
