"""The HiveQueen: packs in, one resolved configuration out, decided by vote."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import msgspec

from hivemind.packs.pack import DEFAULT_QUORUM, HiveConfiguration
from hivemind.primitives import InvalidValueError
from hivemind.queen.agents import roles_for
from hivemind.queen.analysis import Analysis, analyse
from hivemind.queen.ballot import AnyTopic, Brief
from hivemind.queen.conflicts import Conflict, find_conflicts
from hivemind.queen.errors import UnresolvedError
from hivemind.queen.polling import check_patience, poll
from hivemind.queen.resolved import Resolved, compose
from hivemind.queen.team import AgentPool, Team
from hivemind.queen.voting import Decision, decide, decided_by_rule, described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from hivemind.packs import Pack
    from hivemind.queen.agents import Agent
    from hivemind.queen.analysis import Detector
    from hivemind.queen.ballot import Role
    from hivemind.queen.topic import Topic

DEFAULT_TIMEOUT = 30.0
LARGE = 10_000  # terms, or votes, from which on the queen leaves the loop: some ten milliseconds of work

R = TypeVar("R")
T = TypeVar("T", bound=AnyTopic)
P = ParamSpec("P")


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration with what was found in it, decided about it, and became of it."""

    configuration: HiveConfiguration
    analysis: Analysis
    decisions: tuple[Decision[Conflict], ...]
    resolved: Resolved

    def __repr__(self) -> str:
        """Show its size only: asyncio.run makes the repr of a task's result, which would cost more than the vote."""
        return (
            f"<Composition of {len(self.analysis.packs)} packs, {len(self.decisions)} decisions, "
            f"{len(self.resolved.classes)} classes, {len(self.resolved.properties)} properties>"
        )


class HiveQueen:
    """Composes configurations with a team of agents; one queen may work on many at the same time.

    Without `agents` a standard team comes from the pool, its size after the configuration's, each role's votes
    weighted by `weights` (1 where unnamed). Agents are asyncio tasks, or work on `executor`; each has `timeout`
    seconds. The executor stays the caller's: the queen never shuts it down. However large the configuration, the event
    loop is held up for milliseconds at a time.
    """

    def __init__(
        self,
        *,
        agents: Sequence[Agent] | None = None,
        weights: Mapping[Role, float] | None = None,
        executor: Executor | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        detector: Detector = find_conflicts,
    ) -> None:
        check_patience(timeout, "timeout")
        if agents is not None and weights is not None:
            raise InvalidValueError(
                "pass agents, which have their own weights, or weights for the standard team; not both"
            )
        self._team = None if agents is None else Team(agents)
        self._pool = AgentPool(weights=weights)
        self._executor = executor
        self._timeout = timeout
        self._detector = detector

    def compose(self, configuration: HiveConfiguration) -> Composition:
        """Orchestrate from code that is not asynchronous; raises the same errors."""
        return asyncio.run(self.orchestrate(configuration))

    async def orchestrate(self, configuration: HiveConfiguration) -> Composition:
        """Return the configuration composed: analysed, voted on, resolved.

        Equal input gives an equal result, in whatever order agents answer. Raises UnresolvedError for topics below
        the quorum, AgentError for an agent that fails, and CompositionError for what cannot be carried out.
        """
        large = sum(pack.terms for pack in configuration.packs) > LARGE
        analysis = await _aside(large, analyse, configuration, self._detector)
        decisions = await self._decide(configuration, analysis)
        _require_all(decisions, analysis.packs, configuration.quorum)
        resolved = await _aside(large, compose, analysis.packs, decisions, configuration.strategy)
        return Composition(configuration=configuration, analysis=analysis, decisions=decisions, resolved=resolved)

    async def vote(self, topics: Iterable[Topic], *, quorum: float = DEFAULT_QUORUM) -> tuple[Decision[Topic], ...]:
        """Return what the agents decide on topics of any kind, in their order.

        Standard agents go by the evidence of each topic. Raises UnresolvedError for topics below the quorum, and
        AgentError for an agent that fails.
        """
        if not 0 < quorum <= 1:
            raise InvalidValueError(f"quorum is {quorum}; it must be above 0 and at most 1")
        given = tuple(topics)
        decisions = await self._polled(given, Brief(topics=given), quorum)
        _require_all(decisions, (), quorum)
        return decisions

    async def _decide(self, configuration: HiveConfiguration, analysis: Analysis) -> tuple[Decision[Conflict], ...]:
        if not configuration.rules:
            return await self._vote(configuration, analysis, analysis.conflicts)
        ruled = decided_by_rule(analysis.conflicts, analysis.packs, configuration.rules)
        contested = tuple(conflict for conflict in analysis.conflicts if conflict not in ruled)
        voted = await self._vote(configuration, analysis, contested)
        by_conflict = ruled | {decision.topic: decision for decision in voted}
        return tuple(by_conflict[conflict] for conflict in analysis.conflicts)

    async def _vote(
        self, configuration: HiveConfiguration, analysis: Analysis, conflicts: tuple[Conflict, ...]
    ) -> tuple[Decision[Conflict], ...]:
        brief = Brief(packs=analysis.packs, topics=conflicts, strategy=configuration.strategy)
        return await self._polled(conflicts, brief, configuration.quorum)

    async def _polled(self, topics: tuple[T, ...], brief: Brief, quorum: float) -> tuple[Decision[T], ...]:
        if not topics:
            return ()
        with self._working_team(len(brief.packs)) as team:
            ballots = await poll(team.agents, brief, patience=self._timeout, executor=self._executor)
            large = len(topics) * len(ballots) > LARGE
            return await _aside(large, decide, topics, team.voters, ballots, quorum)

    def _working_team(self, packs: int) -> AbstractContextManager[Team]:
        return self._pool.lease(roles_for(packs)) if self._team is None else nullcontext(self._team)


def _require_all(decisions: Sequence[Decision[T]], packs: Sequence[Pack], quorum: float) -> None:
    unresolved = [described(decision, packs) for decision in decisions if decision.choice is None]
    if unresolved:
        raise UnresolvedError(unresolved, quorum)


async def _aside(large: bool, work: Callable[P, R], /, *arguments: P.args, **options: P.kwargs) -> R:  # noqa: FBT001 -- whatever follows is the work's
    """Do large work in a thread, so that the loop turns, and small work at once; cancelled, wait for its end."""
    if not large:
        return work(*arguments, **options)
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
