"""The one flow: swarms extend packs, agents vote on what they dispute and compose the packs, and that is committed.

Work is ordered by its hints; each runs through the stages of the swarm; what it would change becomes proposals, which
are aggregated, and those that touch one term are voted on; the queen composes the packs as they then are; the result
replaces the current edition, in the cell and in the file.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from hivemind.packs import HiveConfiguration, PackError, spoken
from hivemind.primitives import (
    CommutativeProposal,
    ConditionalProposal,
    LatencyTier,
    Priority,
    PriorityScheduler,
    ResourceCost,
    SchedulingHint,
    SnapshotCell,
    aggregate_commutative,
    aggregate_conditional,
    find_conflicts,
)
from hivemind.queen import Composition, Decision, HiveQueen, Topic, render_lock
from hivemind.queen.polling import together
from hivemind.swarm import Artifact, Change, Coordinator, default_pipeline
from hivemind.swarm.stages import CODE_GENERATION, EVENT_MONITORING, VALIDATION
from hivemind.swarm.stages.events import AnyEvent, ClassAdded, ClassRemoved, log_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hivemind.packs import Pack
    from hivemind.primitives import Snapshot, SnapshotFile
    from hivemind.swarm import Pipeline, Report

ORDINARY = SchedulingHint(priority=Priority.NORMAL, latency_tier=LatencyTier.WARM, resource_cost=ResourceCost.MODERATE)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A log of changes to a pack of the hive, for a swarm to work out; `hint` says how urgent it is."""

    pack: str
    log: str
    hint: SchedulingHint = ORDINARY


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What a hive has committed: the configuration with the packs as they are, and how they were composed.

    `lock` is the lock file's text, empty before the first commit. `sources` holds the generated code of each pack that
    the last work extended, `decisions` what was voted on, `rejected` the proposals that were not taken, and
    `merged` says in one line for each work what it wanted.
    """

    configuration: HiveConfiguration
    composition: Composition | None = None
    lock: str = ""
    sources: dict[str, Artifact] = {}
    decisions: tuple[Decision[Topic], ...] = ()
    rejected: tuple[ConditionalProposal, ...] = ()
    merged: str = ""


class Hive:
    """Packs, the swarm that extends them and the queen who composes them.

    `current` is the edition that was committed last, read without a lock; with a `file`, its lock file's text is also
    published there, for other processes. One hive may advance many times, from one event loop. The pipeline must
    have the stages of `default_pipeline`; pass one on an executor to keep vocabularies of thousands of terms off
    the loop.
    """

    def __init__(
        self,
        configuration: HiveConfiguration,
        *,
        queen: HiveQueen | None = None,
        coordinator: Coordinator | None = None,
        pipeline: Pipeline | None = None,
        file: SnapshotFile | None = None,
    ) -> None:
        self._cell = SnapshotCell(Edition(configuration=configuration))
        self._queen = HiveQueen() if queen is None else queen
        self._coordinator = Coordinator() if coordinator is None else coordinator
        self._pipeline = default_pipeline() if pipeline is None else pipeline
        self._file = file
        self._publishing = Lock()
        self._published = 0

    @property
    def current(self) -> Snapshot[Edition]:
        """Return the edition that was committed last, with its version."""
        return self._cell.current

    async def advance(self, work: Iterable[Work] = ()) -> Snapshot[Edition]:
        """Have swarms do the work, settle what they propose, compose the packs, and commit; returns the new edition.

        Where two works would do different things to one term, the agents vote on it, and the losing proposals are
        rejected. Raises PackError for work on a pack that is not there, PipelineFailedError for work that a stage
        refuses, UnresolvedError, AgentError and CompositionError as the queen does, and StaleSnapshotError where
        another `advance` was first: nothing is committed then, and it can be done again.
        """
        base = self._cell.current
        configuration = base.value.configuration
        ordered = in_order(work)
        packs = _by_name(configuration.packs, ordered)
        reports = await together(
            self._coordinator.run(self._pipeline, Change(vocabulary=packs[each.pack], log=each.log)) for each in ordered
        )
        proposed = [_Proposed(number, *done) for number, done in enumerate(zip(ordered, reports, strict=True), 1)]
        accepted, rejected, decisions = await self._settled(proposed, configuration.quorum)
        extended = await self._extended(packs, proposed, accepted)
        configuration = msgspec.structs.replace(
            configuration,
            packs=tuple(
                extended[pack.name].result(VALIDATION, type(pack)) if pack.name in extended else pack
                for pack in configuration.packs
            ),
        )
        composition = await self._queen.orchestrate(configuration)
        edition = Edition(
            configuration=configuration,
            composition=composition,
            lock=render_lock(composition),
            sources={name: report.result(CODE_GENERATION, Artifact) for name, report in extended.items()},
            decisions=decisions,
            rejected=rejected,
            merged=aggregate_commutative(each.whole for each in proposed).describe() if proposed else "",
        )
        snapshot = self._cell.commit(self._cell.stage(edition, base=base))
        if self._file is not None:
            await asyncio.to_thread(self._publish, self._file, snapshot)
        return snapshot

    def _publish(self, file: SnapshotFile, snapshot: Snapshot[Edition]) -> None:
        """Publish an edition, unless a later one was first: threads run in any order."""
        with self._publishing:
            if snapshot.version > self._published:
                file.publish(snapshot.value.lock.encode())
                self._published = snapshot.version

    async def _settled(
        self, proposed: Sequence[_Proposed], quorum: float
    ) -> tuple[frozenset[str], tuple[ConditionalProposal, ...], tuple[Decision[Topic], ...]]:
        """Return the ids of the proposals that are taken, those that are not, and what was voted on."""
        proposals = [proposal for each in proposed for proposal in each.parts]
        merged = aggregate_conditional(proposals).merged
        taken = dict(merged.by_resource) if merged else {}
        topics = []
        for resource, group in find_conflicts(proposals).groups.items():
            # Those who want the same of a term agree on it; the first speaks for them.
            wanted = {proposal.action: proposal for proposal in reversed(group)}
            options = [proposal for proposal in group if wanted[proposal.action] is proposal]
            if len(options) > 1:
                topics.append(
                    Topic(
                        question=resource,
                        options=tuple(proposal.id for proposal in options),
                        evidence=tuple(float(proposal.priority) for proposal in options),
                    )
                )
        decisions = await self._queen.vote(topics, quorum=quorum)
        by_id = {proposal.id: proposal for proposal in proposals}
        for decision in decisions:
            taken[decision.topic.question] = by_id[str(decision.choice)]
        accepted = frozenset(proposal.id for proposal in taken.values())
        rejected = tuple(each for each in proposals if each.action != taken[each.resource].action)
        return accepted, rejected, decisions

    async def _extended(
        self, packs: Mapping[str, Pack], proposed: Sequence[_Proposed], accepted: frozenset[str]
    ) -> dict[str, Report]:
        """Return a report of all stages on each pack as it becomes by what was accepted.

        That of the only work on a pack, all of which was accepted, is at hand; what several works come to is worked out
        and checked again.
        """
        works = Counter(each.work.pack for each in proposed)
        at_hand: dict[str, Report] = {}
        logs: dict[str, str] = {}
        for each in proposed:
            name = each.work.pack
            if works[name] == 1:
                at_hand[name] = each.report
            elif name not in logs:
                events = [event for other in proposed if other.work.pack == name for event in other.taken(accepted)]
                logs[name] = log_of(events, since=packs[name].sequence)
        again = await together(
            self._coordinator.run(self._pipeline, Change(vocabulary=packs[name], log=log)) for name, log in logs.items()
        )
        return at_hand | dict(zip(logs, again, strict=True))


class _Proposed:
    """What one work proposes: a proposal for the whole, and one for each term that it touches."""

    def __init__(self, number: int, work: Work, report: Report) -> None:
        self.work = work
        self.report = report
        self._events: dict[str, list[AnyEvent]] = {}
        self._order: list[tuple[str, AnyEvent]] = []
        name, priority = work.pack, work.hint.priority
        for event in report.result(EVENT_MONITORING, tuple):
            kind = "class" if isinstance(event, ClassAdded | ClassRemoved) else "property"
            term = f"{name} {kind} {event.name}"
            self._events.setdefault(term, []).append(event)
            self._order.append((f"{number}: {term}", event))
        self.parts = tuple(
            ConditionalProposal(
                id=f"{number}: {term}",
                action=" ".join(log_of(events).split("\n")).strip(),
                resource=term,
                priority=priority,
            )
            for term, events in self._events.items()
        )
        self.whole = CommutativeProposal(
            id=f"{number}: {name}", action=f"change {len(self.parts)} terms", priority=priority
        )

    def taken(self, accepted: frozenset[str]) -> list[AnyEvent]:
        """Return the events of what was accepted, in order."""
        return [event for proposal, event in self._order if proposal in accepted]


def in_order(work: Iterable[Work]) -> list[Work]:
    """Return work in the order in which it is done: by priority, and within one by its hint's key.

    Nothing waits for ever behind work that is more urgent; see `PriorityScheduler`.
    """
    scheduler = PriorityScheduler[Work]()
    by_key = sorted(work, key=lambda each: each.hint.sort_key)
    scheduler.enqueue_all((each, each.hint.priority) for each in by_key)
    return scheduler.drain()


def _by_name(packs: Sequence[Pack], work: Sequence[Work]) -> dict[str, Pack]:
    """Return the packs that are worked on; raises PackError for those that are not there or not one."""
    counts = Counter(pack.name for pack in packs)
    for each in work:
        if counts[each.pack] != 1:
            raise PackError(
                f"work is on the pack {spoken(each.pack)}, of which the hive has {counts[each.pack]}; "
                f"it can be on {', '.join(sorted(name for name, count in counts.items() if count == 1)[:10])}"
            )
    return {pack.name: pack for pack in packs}
