"""The errors of the queen, named by whose fault they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.primitives.errors import HiveError

if TYPE_CHECKING:
    from collections.abc import Sequence


class QueenError(HiveError):
    """Root of every error that the queen raises on purpose."""


class PackError(QueenError, ValueError):
    """A pack, a configuration or the file that holds one is wrong."""


class ConstraintError(PackError):
    """A version constraint cannot be read, or no version can satisfy it."""


class CompositionError(QueenError):
    """The packs are well formed, but what was decided about them does not hold together."""


class BallotError(QueenError, ValueError):
    """What an agent returned is no ballot; the message says why."""


class AgentError(QueenError):
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


class UnresolvedError(QueenError):
    """A topic stayed below the quorum; the message names the packs and the votes."""

    def __init__(self, topics: Sequence[str], quorum: float) -> None:
        self.topics = tuple(topics)
        self.quorum = quorum
        listed = "\n".join(f"  {topic}" for topic in self.topics)
        super().__init__(
            f"{len(self.topics)} of the topics stayed below the quorum of {quorum:.0%}:\n{listed}\n"
            "Lower the quorum, change an agent's weight, or decide by rule (strategy custom)."
        )
