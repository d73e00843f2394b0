"""The first lines of a cause: what a reader of a red verdict sees of the profiles. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import dimension_of_change, instrument_of, metric_named
from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.profile import Explained
from hivegate.model.quantity import part, quantity, signed
from hivegate.model.verdict import Outcome, Severity
from hivegate.report.escape import printable
from hivegate.report.messages import reason_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.profile import Cause, Increase, Profile, Profiles
    from hivegate.model.verdict import GateResult, Verdict

_TOP = 3
_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
_PART = 0.1  # of the largest, or of the whole: what is less is no answer
_SOURCE = 60
_REASON = 1000
_DIMENSIONS = {"seconds": Dimension.SECONDS, "bytes": Dimension.BYTES}


def explanations(result: GateResult | None, profiles: Profiles) -> tuple[Explained, ...]:
    """Put the top lines of cause under each verdict that profiles were made for, in the result's order."""
    made = list(dict.fromkeys(one.benchmark for one in profiles.profiles))
    found = []
    for verdict in result.verdicts if result else ():
        named = [one for one in made if matches(verdict.benchmark, one)]
        if named and (verdict.severity is Severity.BROKEN or verdict.outcome in {*_BROKEN, Outcome.INCONCLUSIVE}):
            found.append(
                Explained(
                    key=verdict.key,
                    profiled=named[-1],
                    outcome=verdict.outcome.value,
                    reason=_reason(verdict),
                    causes=_causes(verdict, [one for one in profiles.profiles if one.benchmark == named[-1]]),
                )
            )
    return tuple(found)


def with_causes(result: GateResult, profiles: Profiles | None, *, note: str = "") -> GateResult:
    """Put the causes into the verdicts that they explain, and what could not be profiled into the notes."""
    if profiles is None:
        return msgspec.structs.replace(result, notes=(*result.notes, note))
    causes = {explained.key: explained.causes for explained in profiles.explained}
    verdicts = tuple(
        msgspec.structs.replace(verdict, causes=causes.get(verdict.key, ())) for verdict in result.verdicts
    )
    return msgspec.structs.replace(result, verdicts=verdicts, notes=(*result.notes, *profiles.notes))


def nearest_first(metric: str | None, profiles: Iterable[Profile]) -> list[Profile]:
    """Order profiles for a verdict on a metric: those in the unit of what failed first."""
    unit = instrument_of(metric_named(metric or "")).profiled
    # memray counts, scalene samples.
    return sorted(profiles, key=lambda profile: (profile.unit != unit, profile.kind != "memray"))


def _reason(verdict: Verdict) -> str:
    """Say in short what was found: by how much, of what."""
    change, metric = verdict.change, verdict.metric or ""
    if change is None:
        return reason_text(verdict)
    dimension = dimension_of_change(change, metric)
    values = " -> ".join(quantity(one, dimension) for one in (change.base_value, change.head_value))
    return f"{metric} {signed(change.ratio, dimension)} ({values} a call)"


def _causes(verdict: Verdict, profiles: Iterable[Profile]) -> tuple[str, ...]:
    """Give the answer of one profiler, the nearest to the metric that has one: what grew before what is only large.

    Others measure something else, or the same in another way: beside each other their lines contradict.
    """
    made = list(profiles)
    ordered = nearest_first(verdict.metric, made)
    grown = next((one for one in ordered if one.increases), None)
    hot = next((one for one in ordered if one.top), None)
    if grown is not None:
        least = _PART * max(increase.delta for increase in grown.increases)
        lines = [_increase_line(increase, grown) for increase in grown.increases if increase.delta >= least]
    elif any(one.compared for one in made):
        lines = ["no function surely takes more than in base"]
    elif hot is not None:
        lines = [_is_large(cause) for cause in hot.top if cause.share >= _PART] or [_is_large(hot.top[0])]
    else:
        lines = [f"{one.kind}: {one.note}" for one in made if not one.files and one.note]
    return tuple(printable(line, _REASON) for line in lines[:_TOP])


def _increase_line(increase: Increase, profile: Profile) -> str:
    dimension = _DIMENSIONS[profile.unit]
    what = {"memray": "held at the peak", "scalene": "allocated a call"}.get(profile.kind, "a call")
    error = f", +/- {quantity(increase.error, dimension)}" if increase.error else ""
    values = f"{quantity(increase.base, dimension)} -> {quantity(increase.head, dimension)}{error}"
    source = f": {increase.source[:_SOURCE]}" if increase.source else ""
    return f"+{quantity(increase.delta, dimension)} {what} in {_place(increase)} ({values}){source}"


def _is_large(cause: Cause) -> str:
    """Say which share a place has; a time under a profiler beside the time of a call would only contradict it."""
    amount = "" if cause.bytes_per_call is None else f" ({quantity(cause.bytes_per_call, Dimension.BYTES)} a call)"
    source = f": {cause.source[:_SOURCE]}" if cause.source else ""
    return f"{part(cause.share)} in {_place(cause)}{amount}{source}"


def _place(one: Increase | Cause) -> str:
    where = f"{one.file}:{one.line}" if one.file and one.line else one.file
    return f"{one.function} {where}".strip()
