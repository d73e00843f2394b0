"""Base and head of one benchmark under py-spy, in turns: what drifts in the machine meets both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.profile.flame import Flame, merged
from hivegate.profile.loop import Looped, Setting
from hivegate.profile.plan import ProfileTask
from hivegate.profile.pyspy import RATES, Manner, Recording, record

if TYPE_CHECKING:
    from collections.abc import Sequence


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One revision: the benchmark as it is found there, and where it runs."""

    task: ProfileTask
    setting: Setting


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Both revisions of one benchmark."""

    base: Side
    head: Side


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """All recordings of one revision, each and together."""

    flames: tuple[Flame, ...]
    flame: Flame
    looped: Looped
    notes: tuple[str, ...]


def record_sides(sides: Sides, program: str, manner: Manner | None = None) -> tuple[Recorded, Recorded]:
    """Record base and head in turns, with equal hash seeds, rates and options; the setting's seconds are of all turns.

    What one recording finds out about how to look, all are made with. Raises as `record` does.
    """
    agreed = manner or Manner()
    while True:
        made = _take_turns(sides, program, agreed)
        found = made[-1][1].manner
        if found == agreed:
            return _together(sides.base, made), _together(sides.head, made)
        agreed = found


def _take_turns(sides: Sides, program: str, manner: Manner) -> list[tuple[Side, Recording]]:
    """Record every turn of both; ends after the first that had to look in another manner."""
    made: list[tuple[Side, Recording]] = []
    for turn, rate in enumerate(RATES):
        pair = (sides.base, sides.head)
        for side in pair if turn % 2 == 0 else reversed(pair):
            recording = record(side.task, _in_turn(side.setting, turn), program, manner, rate=rate)
            made.append((side, recording))
            if recording.manner != manner:
                return made
    return made


def _in_turn(setting: Setting, turn: int) -> Setting:
    # Sets and dicts of strings have another order, and so other collisions, under each seed.
    environment = {**(setting.environment or {}), "PYTHONHASHSEED": str(turn + 1)}
    return msgspec.structs.replace(setting, seconds=setting.seconds / len(RATES), environment=environment)


def _together(side: Side, made: Sequence[tuple[Side, Recording]]) -> Recorded:
    recordings = [one for whose, one in made if whose is side]
    looped = msgspec.structs.replace(
        recordings[0].looped,
        calls=sum(one.looped.calls for one in recordings),
        seconds=sum(one.looped.seconds for one in recordings),
    )
    per_call = side.task.seconds_per_call or looped.seconds_per_call
    flames = tuple(msgspec.structs.replace(one.flame, per_call=per_call) for one in recordings)
    notes = tuple(dict.fromkeys(note for one in recordings for note in one.notes))
    return Recorded(flames=flames, flame=merged(flames), looped=looped, notes=notes)
