"""Kinds of values that options take, each read from its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

_SMALLEST_BUDGET = 0.01
_LARGEST_BUDGET = 10.0

if TYPE_CHECKING:
    _Number = click.ParamType[float]
    _Pair = click.ParamType[tuple[int, int]]
else:
    _Number = _Pair = click.ParamType  # not generic in click 8.1


class Duration(_Number):
    """A time span such as 90s or 10m, in seconds, read as targets.yaml reads its quantities."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read the text; a number without a unit is refused."""
        if isinstance(value, float):
            return value
        from hivegate.targets.units import DURATION, QuantityError, parse_quantity

        try:
            return parse_quantity(str(value).strip(), DURATION)
        except QuantityError as fault:
            self.fail(f"{value!r} is not a duration; {fault.hint}", param, ctx)


class Share(_Number):
    """A share such as 2%, at least 1 %, read as targets.yaml reads its own."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read the text; a number without % is refused, since 5 could mean 5 % or the fivefold."""
        if isinstance(value, float):
            return value
        from hivegate.targets.units import SHARE, QuantityError, parse_quantity

        try:
            share = parse_quantity(str(value).strip(), SHARE)
        except QuantityError as fault:
            self.fail(f"{value!r} is not a share; {fault.hint}", param, ctx)
        if not _SMALLEST_BUDGET <= share <= _LARGEST_BUDGET:
            self.fail(f"{value!r} is not a share from 1% to 1000%, such as 2%", param, ctx)
        return share


class ShardNumber(_Pair):
    """Shard 2 of 8, as 2/8."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:  # noqa: ANN401
        """Read the text."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", str(value))
        if found is None or int(found[1]) > int(found[2]):
            self.fail(f"{value!r} is not a shard; write 1/8 for the first of eight, up to 8/8", param, ctx)
        return int(found[1]), int(found[2])
