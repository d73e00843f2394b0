"""The HiveQueen: composes vocabularies by finding their conflicts and letting agents vote on them."""

from __future__ import annotations

from hivegate.hive.queen.agents import ALL_ROLES, CORE_ROLES, Agent, StandardAgent, roles_for
from hivegate.hive.queen.analysis import Analysis, analyse
from hivegate.hive.queen.ballot import Brief, Opinion, Role
from hivegate.hive.queen.conflicts import Conflict, ConflictKind, find_conflicts
from hivegate.hive.queen.errors import (
    AgentError,
    AgentTimeoutError,
    BallotError,
    CompositionError,
    ConstraintError,
    PackError,
    QueenError,
    UnresolvedError,
    WorkerLostError,
)
from hivegate.hive.queen.isolation import IsolatedAgent, isolated
from hivegate.hive.queen.lockfile import render_lock
from hivegate.hive.queen.pack import HiveConfiguration, Pack, Resolution, Strategy
from hivegate.hive.queen.polling import poll
from hivegate.hive.queen.queen import Composition, HiveQueen
from hivegate.hive.queen.reading import read_any, read_configuration, read_pack
from hivegate.hive.queen.resolved import Resolved, ResolvedPack
from hivegate.hive.queen.team import AgentPool, Team, standard_team
from hivegate.hive.queen.voting import Decision, Voter

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
    "QueenError",
    "Resolution",
    "Resolved",
    "ResolvedPack",
    "Role",
    "StandardAgent",
    "Strategy",
    "Team",
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
