"""The errors of the queen, named by whose fault they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.primitives import HiveError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Sequence


class CompositionError(HiveError):
    """The packs are well formed, but what was decided about them does not hold together."""


class BallotError(InvalidValueError):
    """What an agent returned is no ballot; the message says why."""


class AgentError(HiveError):
    """An agent raised, or returned something that is no ballot."""

    def __init__(self, agent: str, reason: str) -> None:
        super().__init__(f"agent {agent!r} {reason}")
        self.agent = agent
        self.reason = reason

    def __reduce__(self) -> tuple[type[AgentError], tuple[str, str]]:
        """Rebuild from the parts, so that the error survives a process boundary."""
        return (type(self), (self.agent, self.reason))


class AgentTimeoutError(AgentError):
    """An agent did not answer in its time."""


class WorkerLostError(AgentError):
    """The worker that an agent ran on died before it answered."""


class UnresolvedError(HiveError):
    """A topic stayed below the quorum; the message names the packs and the votes."""

    def __init__(self, topics: Sequence[str], quorum: float) -> None:
        self.topics = tuple(topics)
        self.quorum = quorum
        listed = "\n".join(f"  {topic}" for topic in self.topics)
        super().__init__(
            f"{len(self.topics)} of the topics stayed below the quorum of {quorum:.0%}:\n{listed}\n"
            "Lower the quorum, change an agent's weight, or decide by rule (strategy custom)."
        )
