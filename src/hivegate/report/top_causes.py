"""The first lines of a cause: what a reader of a red verdict sees of the profiles. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.instruments import dimension_of_change, instrument_of, metric_named
from hivegate.model.identity import matches
from hivegate.model.metric import Dimension
from hivegate.model.profile import Explained
from hivegate.model.verdict import Outcome, Severity
from hivegate.report.escape import printable
from hivegate.report.messages import reason_text
from hivegate.report.quantity import quantity, signed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.profile import Cause, Increase, Profile, Profiles
    from hivegate.model.verdict import GateResult, Verdict

_TOP = 3
_BROKEN = {Outcome.FAILED, Outcome.SLOWER}
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
    return f"{metric} {signed(change.ratio)} ({values} a call)"


def _causes(verdict: Verdict, profiles: Iterable[Profile]) -> tuple[str, ...]:
    """Choose three lines: what grew before what is only large."""
    made = list(profiles)
    ordered = nearest_first(verdict.metric, made)
    increases = [_increase_line(increase, one) for one in ordered for increase in one.increases[:_TOP]]
    if increases or any(one.compared for one in made):
        lines = increases or ["no function surely takes more than in base"]
    else:
        lines = [_is_large(cause) for one in ordered for cause in one.top[:_TOP]]
    notes = [f"{one.kind}: {one.note}" for one in made if not one.files and one.note]
    return tuple(printable(line, _REASON) for line in (lines or notes)[:_TOP])


def _increase_line(increase: Increase, profile: Profile) -> str:
    dimension = _DIMENSIONS[profile.unit]
    what = {"memray": "held at the peak", "scalene": "allocated a call"}.get(profile.kind, "a call")
    error = f", +/- {quantity(increase.error, dimension)}" if increase.error else ""
    values = f"{quantity(increase.base, dimension)} -> {quantity(increase.head, dimension)}{error}"
    source = f": {increase.source[:_SOURCE]}" if increase.source else ""
    return f"+{quantity(increase.delta, dimension)} {what} in {_place(increase)} ({values}){source}"


def _is_large(cause: Cause) -> str:
    amount = ""
    if cause.seconds_per_call is not None:
        amount = f" ({quantity(cause.seconds_per_call, Dimension.SECONDS)} a call)"
    elif cause.bytes_per_call is not None:
        amount = f" ({quantity(cause.bytes_per_call, Dimension.BYTES)} a call)"
    source = f": {cause.source[:_SOURCE]}" if cause.source else ""
    return f"{cause.share:.1%} in {_place(cause)}{amount}{source}"


def _place(one: Increase | Cause) -> str:
    where = f"{one.file}:{one.line}" if one.file and one.line else one.file
    return f"{one.function} {where}".strip()
