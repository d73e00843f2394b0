"""Base and head of one benchmark under py-spy, in turns: what drifts in the machine meets both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.profile.difference import disagreement
from hivegate.profile.flame import Flame, merged
from hivegate.profile.loop import LoopRun, Setting
from hivegate.profile.plan import ProfileTask
from hivegate.profile.pyspy import RATES, Manner, Recording, record

if TYPE_CHECKING:
    from collections.abc import Sequence

_TURNS = 3
_MOST_TURNS = 6
_RESTLESS = 1.5  # times what samples at random would differ


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
    looped: LoopRun
    notes: tuple[str, ...]


def record_sides(sides: Sides, program: str, manner: Manner | None = None) -> tuple[Recorded, Recorded]:
    """Record base and head in turns, with equal hash seeds, rates and options.

    The setting's seconds are of three turns; where recordings of one side differ much, as on a busy machine, more are
    made. What one recording finds out about how to look, all are made with. Raises as `record` does.
    """
    agreed = manner or Manner()
    made: list[tuple[Side, Recording]] = []
    while len(made) < 2 * _TURNS or (len(made) < 2 * _MOST_TURNS and _is_restless(sides, made)):
        fresh = _take_turn(sides, program, agreed, len(made) // 2)
        found = fresh[-1][1].manner
        made = [*made, *fresh] if found == agreed else []
        agreed = found
    return _together(sides.base, made), _together(sides.head, made)


def _is_restless(sides: Sides, made: Sequence[tuple[Side, Recording]]) -> bool:
    base, head = ([one.flame for whose, one in made if whose is side] for side in (sides.base, sides.head))
    return disagreement(base, head) > _RESTLESS


def _take_turn(sides: Sides, program: str, manner: Manner, turn: int) -> list[tuple[Side, Recording]]:
    """Record both sides once; ends after the first that had to look in another manner."""
    made: list[tuple[Side, Recording]] = []
    pair = (sides.base, sides.head)
    for side in pair if turn % 2 == 0 else reversed(pair):
        setting, rate = _in_turn(side.setting, turn), RATES[turn % len(RATES)]
        made.append((side, record(side.task, setting, program, manner, rate=rate)))
        if made[-1][1].manner != manner:
            break
    return made


def _in_turn(setting: Setting, turn: int) -> Setting:
    # Sets and dicts of strings have another order, and so other collisions, under each seed.
    environment = {**(setting.environment or {}), "PYTHONHASHSEED": str(turn + 1)}
    return msgspec.structs.replace(setting, seconds=setting.seconds / _TURNS, environment=environment)


def _together(side: Side, made: Sequence[tuple[Side, Recording]]) -> Recorded:
    recordings = [one for whose, one in made if whose is side]
    looped = msgspec.structs.replace(
        recordings[0].looped,
        calls=sum(one.looped.calls for one in recordings),
        seconds=sum(one.looped.seconds for one in recordings),
        cpu=sum(one.looped.cpu for one in recordings),
        delay=sum(one.looped.delay for one in recordings),
        elapsed=sum(one.looped.elapsed for one in recordings),
    )
    per_call = side.task.seconds_per_call or looped.seconds_per_call
    flames = tuple(msgspec.structs.replace(one.flame, per_call=per_call) for one in recordings)
    notes = tuple(dict.fromkeys(note for one in recordings for note in one.notes))
    return Recorded(flames=flames, flame=merged(flames), looped=looped, notes=notes)
