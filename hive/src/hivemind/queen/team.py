"""Teams: the agents that vote together, and the pool that lends standard teams out."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count, pairwise
from typing import TYPE_CHECKING

from hivemind.packs.terms import check_name, spoken
from hivemind.primitives import InvalidValueError
from hivemind.queen.agents import ALL_ROLES, Agent, StandardAgent
from hivemind.queen.ballot import Role
from hivemind.queen.voting import Voter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_WEIGHT = 1e6


class Team:
    """Agents that vote together, and how their votes are signed; both in the same order, which is that of the votes.

    Raises InvalidValueError for no agents, equal names, or weights that cannot be weighed.
    """

    __slots__ = ("agents", "voters")

    def __init__(self, agents: Iterable[Agent]) -> None:
        self.agents = tuple(agents)
        if not self.agents:
            raise InvalidValueError("the team has no agent; pass at least one, or none at all for the standard team")
        for agent in self.agents:
            _check_agent(agent)
        self.voters = tuple(
            Voter(name=agent.name, role=agent.role, weight=float(agent.weight)) for agent in self.agents
        )
        if len({voter.name for voter in self.voters}) < len(self.voters):
            names = sorted(voter.name for voter in self.voters)
            twice = next(name for name, following in pairwise(names) if name == following)
            raise InvalidValueError(f"two agents are named {twice!r}; their votes could not be told apart")
        if not any(voter.weight for voter in self.voters):
            raise InvalidValueError("every agent has the weight 0, so no vote counts; give one a positive weight")


def _check_agent(agent: object) -> None:
    if not isinstance(agent, StandardAgent | Agent):  # the protocol is slow to check, so comes second
        raise InvalidValueError(f"{agent!r} is no agent; an agent has a name, a role, a weight and vote(brief)")
    name: object = agent.name
    weight: object = agent.weight
    if not isinstance(name, str):
        raise InvalidValueError(f"an agent is named {spoken(repr(name))}; give it text")
    check_name(name, "agent name")
    if not isinstance(agent.role, Role):
        raise InvalidValueError(
            f"agent {name!r} has the role {spoken(repr(agent.role))}; the roles are {', '.join(Role)}"
        )
    # NaN is not within the bounds either. A weight of True is a slip.
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= MAX_WEIGHT:
        shown = weight if isinstance(weight, int | float) else spoken(weight)
        raise InvalidValueError(f"agent {name!r} has the weight {shown}; allowed are 0 to {MAX_WEIGHT:,.0f}")


def standard_team(roles: Sequence[Role], weights: Mapping[Role, float] | None = None) -> Team:
    """Return a team with one standard agent for each of roles; a role's second agent is called `analyzer-2`."""
    weighed = weights or {}
    ordinals = {role: count(1) for role in roles}
    return Team(StandardAgent(role, _name(role, next(ordinals[role])), weighed.get(role, 1.0)) for role in roles)


def _name(role: Role, ordinal: int) -> str:
    return role.value if ordinal == 1 else f"{role.value}-{ordinal}"


class AgentPool:
    """Lends out standard teams and takes them back, so that a queen makes each agent once, not once a composition.

    At most `capacity` idle teams of each shape are kept. Leasing and returning are O(1), and safe from several
    threads: list.pop and list.append are atomic. Raises InvalidValueError for weights that cannot be weighed.
    """

    __slots__ = ("_capacity", "_idle", "_weights")

    def __init__(self, *, weights: Mapping[Role, float] | None = None, capacity: int = 64) -> None:
        self._weights = dict(weights or {})
        standard_team(ALL_ROLES, self._weights)  # refuses wrong weights now, not at the first lease
        self._capacity = capacity
        self._idle: dict[tuple[Role, ...], list[Team]] = {}

    @contextmanager
    def lease(self, roles: tuple[Role, ...]) -> Iterator[Team]:
        """Lend a team with these roles for the length of a with block; nobody else has it meanwhile."""
        idle = self._idle.setdefault(roles, [])
        try:
            team = idle.pop()
        except IndexError:
            team = standard_team(roles, self._weights)
        try:
            yield team
        finally:
            if len(idle) < self._capacity:
                idle.append(team)

    @property
    def idle(self) -> int:
        """Return the number of agents that wait for work."""
        return sum(len(team.agents) for teams in self._idle.values() for team in teams)
