"""The HiveQueen: composes vocabularies by finding their conflicts and letting agents vote on them."""

from __future__ import annotations

from hivemind.packs import (
    ConstraintError,
    HiveConfiguration,
    Pack,
    PackError,
    Resolution,
    Strategy,
    read_any,
    read_configuration,
    read_pack,
)
from hivemind.queen.agents import ALL_ROLES, CORE_ROLES, Agent, StandardAgent, roles_for
from hivemind.queen.analysis import Analysis, analyse
from hivemind.queen.ballot import Brief, Opinion, Role
from hivemind.queen.conflicts import Conflict, ConflictKind, find_conflicts
from hivemind.queen.errors import (
    AgentError,
    AgentTimeoutError,
    BallotError,
    CompositionError,
    UnresolvedError,
    WorkerLostError,
)
from hivemind.queen.isolation import IsolatedAgent, isolated
from hivemind.queen.lockfile import render_lock
from hivemind.queen.polling import poll
from hivemind.queen.queen import Composition, HiveQueen
from hivemind.queen.resolved import Resolved, ResolvedPack
from hivemind.queen.team import AgentPool, Team, standard_team
from hivemind.queen.topic import Topic
from hivemind.queen.voting import Decision, Voter

__all__ = [
    "ALL_ROLES",
    "CORE_ROLES",
    "Agent",
    "AgentError",
    "AgentPool",
    "AgentTimeoutError",
    "Analysis",
    "BallotError",
    "Brief",
    "Composition",
    "CompositionError",
    "Conflict",
    "ConflictKind",
    "ConstraintError",
    "Decision",
    "HiveConfiguration",
    "HiveQueen",
    "IsolatedAgent",
    "Opinion",
    "Pack",
    "PackError",
    "Resolution",
    "Resolved",
    "ResolvedPack",
    "Role",
    "StandardAgent",
    "Strategy",
    "Team",
    "Topic",
    "UnresolvedError",
    "Voter",
    "WorkerLostError",
    "analyse",
    "find_conflicts",
    "isolated",
    "poll",
    "read_any",
    "read_configuration",
    "read_pack",
    "render_lock",
    "roles_for",
    "standard_team",
]
