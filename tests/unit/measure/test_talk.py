"""Talking to a pair: order, deadlines and deaths, over the real sockets."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from hivegate.measure.pairs.channel import SideLostError, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ends:
    """A talk and the other ends of its channels."""

    def __init__(self) -> None:
        self.talk = Talk(("base", "head"))
        self.theirs = {name: os.dup(self.talk.descriptor(name)) for name in ("base", "head", "control")}
        self.talk.handed_over()

    def say(self, name: str, **message: object) -> None:
        """Write a message as a child does."""
        os.write(self.theirs[name], json.dumps(message).encode() + b"\n")

    def leave(self, name: str) -> None:
        """Close an end, as a death does."""
        os.close(self.theirs.pop(name))


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Give a talk."""
    made = Ends()
    yield made
    made.talk.close()
    for one in made.theirs.values():
        os.close(one)


def test_messages_come_in_their_order_whatever_the_other_side_says(ends: Ends) -> None:
    """What one side says while the other is listened to is kept for it."""
    ends.say("head", event="one")
    ends.say("head", event="two")
    ends.say("base", event="three")
    assert ends.talk.receive("base", 5)["event"] == "three"
    assert [ends.talk.receive("head", 5)["event"] for _ in range(2)] == ["one", "two"]


def test_a_message_may_come_in_pieces_and_be_long(ends: Ends) -> None:
    """A line is a message, however the socket cuts it."""
    line = json.dumps({"event": "walk", "node_ids": ["x" * 100] * 300}).encode() + b"\n"
    for start in range(0, len(line), 7000):
        os.write(ends.theirs["base"], line[start : start + 7000])
    assert len(ends.talk.receive("base", 5)["node_ids"]) == 300


def test_silence_has_a_deadline(ends: Ends) -> None:
    """Who says nothing is lost, by name and with the time that it had."""
    with pytest.raises(SideLostError, match=r"gave no sign of life for 0.05 s") as caught:
        ends.talk.receive("head", 0.05)
    assert caught.value.side == "head"


@pytest.mark.parametrize(
    ("status", "told"),
    [(-9, "was killed by signal 9"), (3, "ended with exit status 3"), (0, "ended with exit status 0")],
)
def test_a_death_is_told_by_the_parent_at_once(ends: Ends, status: int, told: str) -> None:
    """A grandchild may hold the dead child's socket open: nobody waits for that."""
    ends.say("control", event="ended", side="head", status=status)
    with pytest.raises(SideLostError, match=told) as caught:
        ends.talk.receive("head", 600)
    assert caught.value.side == "head"


def test_a_death_that_was_told_while_the_other_side_was_listened_to_is_known(ends: Ends) -> None:
    """It was read already, so nothing more will come to wake whoever waits for the dead."""
    ends.say("control", event="ended", side="head", status=1)
    ends.say("base", event="ready")
    assert ends.talk.receive("base", 5)["event"] == "ready"
    with pytest.raises(SideLostError, match="exit status 1"):
        ends.talk.receive("head", 600)


def test_last_words_are_heard_before_the_death(ends: Ends) -> None:
    """What a child wrote before it died counts, also where its death was known first."""
    ends.say("control", event="ended", side="head", status=0)
    ends.say("base", event="ready")
    ends.talk.receive("base", 5)
    ends.say("head", event="finished")
    assert ends.talk.receive("head", 5)["event"] == "finished"


def test_without_their_parent_both_are_lost(ends: Ends) -> None:
    """Nobody would tell of their deaths any more."""
    ends.leave("control")
    with pytest.raises(SideLostError, match="its parent process is gone") as caught:
        ends.talk.receive("base", 600)
    assert caught.value.side == ""


@pytest.mark.parametrize("garbage", [b"hello\n", b"\xff\xfe\n", b"[1]\n", b'{"no": "event"}\n', b"\n"])
def test_what_is_no_message_ends_the_side_that_wrote_it(ends: Ends, garbage: bytes) -> None:
    """A benchmark that writes into the channel cannot fake or break a measurement."""
    os.write(ends.theirs["base"], garbage)
    with pytest.raises(SideLostError, match="own channel") as caught:
        ends.talk.receive("base", 5)
    assert caught.value.side == "base"


def test_commands_to_the_dead_are_no_error(ends: Ends) -> None:
    """The death shows when the answer is awaited."""
    ends.leave("head")
    ends.talk.send("head", do="round", node_id="x", calls=1)
    ends.talk.send("base", do="round", node_id="x", calls=1)
    assert json.loads(os.read(ends.theirs["base"], 1000)) == {"do": "round", "node_id": "x", "calls": 1}
