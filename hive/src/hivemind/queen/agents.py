"""Agents: who votes, in which role, with which weight."""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from hivemind.queen.ballot import Brief, Opinion, Role, checked_ballot
from hivemind.queen.opinions import opinions_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

LARGE_CONFIGURATION = 6
CORE_ROLES = (Role.ANALYZER, Role.VERSION_RESOLVER, Role.CONFLICT_DETECTOR, Role.VALIDATOR)
ALL_ROLES = (*CORE_ROLES, Role.OPTIMIZER, Role.PERFORMANCE_MANAGER)


@runtime_checkable
class Agent(Protocol):
    """Anything with a name, a role and a weight that votes: one opinion for each topic, in their order.

    `name` is unique within a team; `weight` is how much its votes count, relative to the others', not negative.
    `vote` may be a coroutine function (it then runs as a task) or a plain function. An agent must be picklable to
    work on a process executor or isolated.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 -- in the class's docstring

    @property
    def role(self) -> Role: ...  # noqa: D102 -- in the class's docstring

    @property
    def weight(self) -> float: ...  # noqa: D102 -- in the class's docstring

    def vote(self, brief: Brief) -> Sequence[Opinion] | Awaitable[Sequence[Opinion]]:
        """Return one opinion for each of brief.topics."""


class StandardAgent(msgspec.Struct, frozen=True):
    """An agent that judges as its role does."""

    role: Role
    name: str
    weight: float = 1.0

    def vote(self, brief: Brief) -> list[Opinion]:
        """Return the role's opinion on each topic."""
        return list(opinions_of(self.role, brief))


def roles_for(packs: int) -> tuple[Role, ...]:
    """Return the roles that a configuration of that many packs deserves: four, or six from six packs up."""
    return CORE_ROLES if packs < LARGE_CONFIGURATION else ALL_ROLES


def cast_ballot(agent: Agent, brief: Brief) -> tuple[Opinion, ...]:
    """Have an agent vote to the end, wherever this is called, and check its ballot; what executors run."""
    answer = agent.vote(brief)
    return checked_ballot(asyncio.run(_awaited(answer)) if isawaitable(answer) else answer, brief)


async def _awaited(answer: Awaitable[object]) -> object:
    return await answer
