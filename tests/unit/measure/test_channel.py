"""The channel to a pair: order, deadlines and deaths, over the real sockets."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from hivegate.measure.pairs.channel import PairChannel, SideLostError
from hivegate.model.protocol import BenchmarkStart, RoundCommand, SideSuite

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ends:
    """A channel and the other ends of its sockets."""

    def __init__(self) -> None:
        self.channel = PairChannel(("base", "head"))
        self.theirs = {name: os.dup(self.channel.descriptor(name)) for name in ("base", "head", "control")}
        self.channel.handed_over()

    def say(self, name: str, **message: object) -> None:
        """Write a message as a child does."""
        os.write(self.theirs[name], json.dumps(message).encode() + b"\n")

    def leave(self, name: str) -> None:
        """Close an end, as a death does."""
        os.close(self.theirs.pop(name))


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Give a channel."""
    made = Ends()
    yield made
    made.channel.close()
    for one in made.theirs.values():
        os.close(one)


def test_messages_come_in_their_order_whatever_the_other_side_says(ends: Ends) -> None:
    """What one side says while the other is listened to is kept for it."""
    ends.say("head", event="started", node_id="one")
    ends.say("head", event="started", node_id="two")
    ends.say("base", event="started", node_id="three")
    assert ends.channel.receive("base", 5) == BenchmarkStart(node_id="three")
    assert [ends.channel.receive("head", 5) for _ in range(2)] == [
        BenchmarkStart(node_id="one"),
        BenchmarkStart(node_id="two"),
    ]


def test_a_message_may_come_in_pieces_and_be_long(ends: Ends) -> None:
    """A line is a message, however the socket cuts it."""
    line = json.dumps({"event": "suite", "node_ids": ["x" * 100] * 300}).encode() + b"\n"
    for start in range(0, len(line), 7000):
        os.write(ends.theirs["base"], line[start : start + 7000])
    assert ends.channel.receive("base", 5) == SideSuite(node_ids=("x" * 100,) * 300)


def test_silence_has_a_deadline(ends: Ends) -> None:
    """Who says nothing is lost, by name and with the time that it had."""
    with pytest.raises(
        SideLostError, match=r"no round, setup or teardown of it ended for 0.05 s, .* set `timeout` under"
    ) as caught:
        ends.channel.receive("head", 0.05)
    assert caught.value.side == "head"


@pytest.mark.parametrize(
    ("status", "told"),
    [(-9, "was killed by signal 9"), (3, "ended with exit status 3"), (0, "ended with exit status 0")],
)
def test_a_death_is_told_by_the_parent_at_once(ends: Ends, status: int, told: str) -> None:
    """A grandchild may hold the dead child's socket open: nobody waits for that."""
    ends.say("control", event="child_ended", side="head", status=status)
    with pytest.raises(SideLostError, match=told) as caught:
        ends.channel.receive("head", 600)
    assert caught.value.side == "head"


def test_a_death_that_was_told_while_the_other_side_was_listened_to_is_known(ends: Ends) -> None:
    """It was read already, so nothing more will come to wake whoever waits for the dead."""
    ends.say("control", event="child_ended", side="head", status=1)
    ends.say("base", event="started", node_id="x")
    assert ends.channel.receive("base", 5) == BenchmarkStart(node_id="x")
    with pytest.raises(SideLostError, match="exit status 1"):
        ends.channel.receive("head", 600)


def test_last_words_are_heard_before_the_death(ends: Ends) -> None:
    """What a child wrote before it died counts, also where its death was known first."""
    ends.say("control", event="child_ended", side="head", status=0)
    ends.say("base", event="started", node_id="x")
    ends.channel.receive("base", 5)
    ends.say("head", event="started", node_id="last")
    assert ends.channel.receive("head", 5) == BenchmarkStart(node_id="last")


def test_without_their_parent_both_are_lost(ends: Ends) -> None:
    """Nobody would tell of their deaths any more."""
    ends.leave("control")
    with pytest.raises(SideLostError, match="its parent process has ended") as caught:
        ends.channel.receive("base", 600)
    assert caught.value.side == ""


@pytest.mark.parametrize(
    ("garbage", "why"),
    [
        (b"hello\n", "not JSON"),
        (b"\xff\n", "not UTF-8"),
        (b"[1]\n", "Expected `object`"),
        (b'{"no": "event"}\n', "missing required field `event`"),
        (b'{"event": "nosuch"}\n', r"\$\.event: Invalid value 'nosuch'"),
        (b'{"event": "busy", "node_id": "x"}\n', "missing required field `cores`"),
        (b"\n", "empty"),
    ],
)
def test_what_is_no_event_ends_the_side_that_wrote_it(ends: Ends, garbage: bytes, why: str) -> None:
    """A benchmark that writes into the channel cannot fake or break a measurement; the message names the field."""
    os.write(ends.theirs["base"], garbage)
    with pytest.raises(SideLostError, match=f"hivegate's channel.*{why}") as caught:
        ends.channel.receive("base", 5)
    assert caught.value.side == "base"


def test_commands_to_the_dead_are_no_error(ends: Ends) -> None:
    """The death shows when the answer is awaited."""
    ends.leave("head")
    for side in ("head", "base"):
        ends.channel.send(side, RoundCommand(node_id="x", calls=1))
    assert json.loads(os.read(ends.theirs["base"], 1000)) == {
        "do": "round", "node_id": "x", "calls": 1, "singly": False
    }  # fmt: skip
