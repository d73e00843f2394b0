"""Trends for a person at a terminal, and as JSON for programs."""

from __future__ import annotations

import io
from statistics import median
from typing import TYPE_CHECKING

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hivegate.model.quantity import change_size, moved_by, quantity, signed
from hivegate.model.record import environment_title
from hivegate.model.trend import ChangeCause
from hivegate.report.escape import printable, shorten, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Sized

    from hivegate.model.record import MachineTrends
    from hivegate.model.trend import Boundary, ChangePoint, Drift, Trend

TREND_SCHEMA = 1
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-=+*#@"
_WIDTH = 40  # characters of a course
_HANG = 2  # columns
SHORT = 12  # digits of a commit that tell it from all others
SUSPECTS = 3  # commits that are named
NOT_CODE = frozenset({ChangeCause.MACHINE, ChangeCause.OUTSIDE})
_CREPT = 1.005  # the least that anybody is told of
_CAUSES = {
    ChangeCause.CODE: "",
    ChangeCause.MACHINE: "most benchmarks of this machine moved together: the machine, not the code",
    ChangeCause.OUTSIDE: "no code was changed there: the machine, or what it runs on",
    ChangeCause.EITHER: "most benchmarks moved there: the machine, or code that they share",
    ChangeCause.BENCHMARK: "the benchmark's own code was changed between them",
}


def render_trends(told: Sequence[MachineTrends], *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """Spell what changed, machine by machine, and with `verbose` also what did not."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for one in told:
        if one.trends:
            _Page(console, one, plain=not color, verbose=verbose).print()
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    return "\n".join(line.rstrip() for line in without_commands(text).strip("\n").splitlines()) + "\n"


def render_trend_json(told: Iterable[MachineTrends]) -> str:
    """Spell the same as indented JSON: series with their points, changes and drift."""
    document = {
        "schema": TREND_SCHEMA,
        "environments": [
            {
                "key": one.environment.key,
                "environment": one.environment.environment,
                "members": [member.key for member in one.members],
                "boundaries": one.boundaries,
                "left_out": one.left_out,
                "runs": len(one.runs),
                "trends": one.trends,
                "commits_between": one.between,
                "commits": one.evidence,
            }
            for one in told
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


class _Page:
    def __init__(self, console: Console, told: MachineTrends, *, plain: bool, verbose: bool) -> None:
        self._console = console
        self._told = told
        self._plain = plain
        self._verbose = verbose

    def print(self) -> None:
        told = self._told
        title = printable(environment_title(told.environment.environment), 400) or "unknown machine"
        span = f"{told.runs[0].moment[:10]} to {told.runs[-1].moment[:10]}"
        out = f", {told.left_out} of other branches, changed trees or rare machines left out" if told.left_out else ""
        joined = f", {len(told.members)} environments as one, told as in this" if len(told.members) > 1 else ""
        self._console.print()
        self._line(Text(title, style="bold"))
        self._line(Text(f"{told.environment.key}: {_runs(told.runs)}, {span}{joined}{out}", style="dim"))
        changed = [one for one in told.trends if _is_news(one)]
        shown = told.trends if self._verbose or len(told.trends) == 1 else changed
        for trend in shown:
            self._trend(trend)
        self._machine()
        still = len(told.trends) - len(shown)
        if still:
            self._console.print()
            self._line(
                Text(
                    f"{still} series without individual changes" + ("" if self._verbose else ": -v lists them"),
                    style="dim",
                )
            )

    def _trend(self, trend: Trend) -> None:
        series = trend.series
        values = [point.value for point in series.points]
        now = trend.changes[-1].after if trend.changes else median(values)
        self._console.print()
        room = max(20, self._console.width - 2)
        self._line(Text(shorten(printable(series.benchmark, 400), room)))
        level = f"{series.metric.name} {quantity(now, series.metric.dimension)}, {_runs(values)}"
        self._detail(Text(f"{_course(values, _PLAIN if self._plain else _BARS)}  {level}"))
        for change in trend.changes:
            self._change(change, trend)
        if trend.drift is not None and _drifted(trend.drift):
            self._drift(trend.drift, trend)

    def _change(self, change: ChangePoint, trend: Trend) -> None:
        dimension = trend.series.metric.dimension
        style = "dim" if change.cause is not ChangeCause.CODE else "bold red" if change.worse else "green"
        levels = f"{quantity(change.before, dimension)} -> {quantity(change.after, dimension)}"
        self._detail(Text.assemble((moved_text(change), style), f"  {levels}  {self._range(change)}"))
        for boundary in change.boundaries:
            told = boundary_text(boundary)
            word = "it was" if change.cause in NOT_CODE else "or it was"
            self._detail(Text(f"  {word} the environment: {told}", style="dim"))
        if change.cause is ChangeCause.EITHER and change.boundaries:
            self._detail(Text(f"  {_find_out(change)}", style="dim"))
        elif _CAUSES[change.cause]:
            self._detail(Text(f"  {_CAUSES[change.cause]}", style="dim"))
        else:
            self._suspects(change)

    def _suspects(self, change: ChangePoint) -> None:
        """Name the commits that could have done it; where none is known, what the first bad run is of."""
        listed = self._told.evidence_of(change)
        subject = self._told.runs[change.first_bad.run].subject
        if listed is None:
            if subject:
                self._detail(Text(f"  {printable(subject)}", style="dim"))
            return
        could = [one for one in listed if one.could]
        if len(listed) > 1:
            self._detail(Text(f"  {len(could)} of {len(listed)} commits could have done it:", style="dim"))
        for one in could[:SUSPECTS]:
            self._detail(Text(f"  {printable(one.commit[:SHORT])} {printable(one.subject)}", style="dim"))
        if len(could) > SUSPECTS:
            self._detail(Text(f"  and {len(could) - SUSPECTS} more", style="dim"))

    def _range(self, change: ChangePoint) -> str:
        old, new = change.last_good.commit, change.first_bad.commit
        moment = self._told.runs[change.first_bad.run].moment[:10]
        if old is None or new is None:
            return f"on {moment}"
        if old == new:
            return f"within {printable(new[:SHORT])}, {moment}: the same code on both sides"
        count = self._told.between.get(f"{old}..{new}")
        commits = "" if count is None else f" ({count} commit{'s' * (count != 1)})"
        return f"{printable(old[:SHORT])}..{printable(new[:SHORT])}{commits}, {moment}"

    def _drift(self, drift: Drift, trend: Trend) -> None:
        first, last = (self._told.runs[one.run].moment[:10] for one in (drift.best_first, drift.best_last))
        dimension = trend.series.metric.dimension
        best, drifted = quantity(drift.best, dimension), signed(drift.ratio, dimension)
        self._detail(
            Text.assemble(
                (f"drifted {drifted}", "bold red"),
                f"  against {best}, sustained from {first} to {last}",
            )
        )

    def _machine(self) -> None:
        """Name the moves that most benchmarks share, each once."""
        seen: dict[int, ChangePoint] = {}
        for trend in self._told.trends:
            for change in trend.changes:
                if change.cause is ChangeCause.MACHINE and change.shared is not None:
                    seen.setdefault(change.first_bad.run, change)
        for place, change in sorted(seen.items()):
            self._console.print()
            moved = moved_by(change.shared or 1.0)
            self._line(Text(f"machine change on {self._told.runs[place].moment[:10]}: most benchmarks moved {moved}"))

    def _detail(self, text: Text) -> None:
        self._line(text, indent=2)

    def _line(self, text: Text, indent: int = 0) -> None:
        """Print a text; what does not fit goes on below, further in."""
        room = self._console.width - indent
        lines = [text] if cell_len(text.plain) <= room else text.wrap(self._console, room - _HANG)
        for number, line in enumerate(lines):
            self._console.print(Text.assemble(" " * (indent + _HANG * (number > 0)), line), soft_wrap=True)


def moved_text(change: ChangePoint) -> str:
    """Tell how far a level moved, and which way."""
    size = "changed" if change.ratio is None else change_size(change.ratio)
    return f"{size} {'worse' if change.worse else 'better'}"


def boundary_text(boundary: Boundary) -> str:
    """Tell what of the environment was switched."""
    return f"{boundary.factor} {printable(boundary.old)} -> {printable(boundary.new)}"


def _find_out(change: ChangePoint) -> str:
    """Name the command that tells the code from the environment."""
    old, new = change.last_good.commit, change.first_bad.commit
    if old is None or new is None or old == new:
        return "the same code on both sides: the environment"
    return f"to find out: hivegate compare {printable(old[:SHORT])}, at {printable(new[:SHORT])}"


def _runs(counted: Sized) -> str:
    return f"{len(counted)} run{'s' * (len(counted) != 1)}"


def _is_news(trend: Trend) -> bool:
    """Tell whether a series did anything that its machine does not explain."""
    return _drifted(trend.drift) or any(one.cause not in NOT_CODE for one in trend.changes)


def _drifted(drift: Drift | None) -> bool:
    return drift is not None and drift.low > _CREPT


def _course(values: Sequence[float], signs: str) -> str:
    """Draw values as a line of signs, medians of what stands at one place."""
    step = max(1, -(-len(values) // _WIDTH))
    kept = [median(values[start : start + step]) for start in range(0, len(values), step)]
    low, high = min(kept), max(kept)
    scale = (len(signs) - 1) / (high - low) if high > low else 0.0
    return "".join(signs[round((one - low) * scale)] for one in kept)
