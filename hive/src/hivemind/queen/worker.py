"""What runs in an isolated agent's process: one agent, asked over a socket until it closes.

A request is a pickle from the process that started this one; an answer is msgpack, so that nothing which an agent
says can run code there. Both are preceded by their length.
"""

from __future__ import annotations

import pickle
import struct
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from hivemind.packs.terms import spoken
from hivemind.queen.agents import cast_ballot
from hivemind.queen.ballot import Opinion
from hivemind.queen.errors import BallotError

if TYPE_CHECKING:
    from hivemind.queen.agents import Agent
    from hivemind.queen.ballot import Brief

HEADER = struct.Struct("!Q")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A ballot, or in `fault` why there is none."""

    opinions: tuple[Opinion, ...] = ()
    fault: str = ""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Read the agent, then answer each brief until the requests end."""
    agent: Agent | None = None
    while True:
        header = requests.read(HEADER.size)
        if len(header) < HEADER.size:
            return
        content = requests.read(HEADER.unpack(header)[0])
        try:
            received = pickle.loads(content)  # noqa: S301 -- from the process that started this one, over its own pipe
        except Exception as error:  # noqa: BLE001 -- unpickling runs foreign code, which may raise anything
            _send(answers, Answer(fault=f"cannot be rebuilt in its worker: {type(error).__name__}: {spoken(error)}"))
            continue
        if agent is None:
            agent = received
            _send(answers, Answer())
        else:
            _send(answers, _answer(agent, received))


def _answer(agent: Agent, brief: Brief) -> Answer:
    try:
        return Answer(opinions=cast_ballot(agent, brief))
    except BallotError as error:
        return Answer(fault=str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- an agent may raise anything; its queen is told
        return Answer(fault=f"raised {type(error).__name__}: {spoken(error)}")


def _send(stream: BinaryIO, answer: Answer) -> None:
    content = msgspec.msgpack.encode(answer)
    stream.write(HEADER.pack(len(content)) + content)
    stream.flush()
