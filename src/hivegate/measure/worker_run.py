"""One walk over chosen benchmarks in a fresh process, gone on with in a new one where a benchmark kills it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import MeasureError
from hivegate.measure.subject import Ended, Subject, run_worker
from hivegate.model.events import Advanced, Noted
from hivegate.model.run import TestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hivegate.measure.collect import BenchmarkItem, Collection
    from hivegate.model.events import ProgressCallback

_FATAL = "Fatal Python error"
_TAIL = 2000  # characters of output that an error shows


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark that took its process with it, or was stopped with it."""

    outcome: TestOutcome
    detail: str


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk brought: every chosen benchmark is, by id, in exactly one of `finished` and `lost`."""

    finished: dict[str, dict[str, Any]]
    lost: dict[str, Lost]
    subject: dict[str, Any]


def walk(
    subject: Subject,
    collection: Collection,
    chosen: tuple[BenchmarkItem, ...],
    plan: Mapping[str, Any],
    *,
    timeout: float,
    on_progress: ProgressCallback,
) -> Walk:
    """Walk the chosen benchmarks under a plan; one silent for `timeout` seconds is stopped with its process.

    The plan's ``benchmarks`` say by id what each needs. Raises `MeasureError` when pytest does not begin what it
    collected.
    """
    names = {one.node_id: one.id for one in chosen}
    found = Walk(finished={}, lost={}, subject={})
    left = list(chosen)
    while left:
        wanted = plan.get("benchmarks", {})
        ended = run_worker(
            subject,
            {
                **plan,
                "paths": list(dict.fromkeys(one.path for one in left)),
                "rootdir": collection.rootdir,
                "benchmarks": {one.node_id: wanted.get(one.id, {}) for one in left},
            },
            patience=timeout,
            on_event=lambda event: _announce(event, names, on_progress),
        )
        found = _join(found, ended, names)
        before, left = len(left), [one for one in left if one.id not in found.finished and one.id not in found.lost]
        if left and (len(left) == before or _ended_itself(ended)):
            raise MeasureError(
                f"{left[0].node_id} was collected but never begun; pytest {ended.finished.cause}",
                hint=ended.finished.output.strip()[-_TAIL:],
            )
        if left:
            on_progress(Noted(message=f"the benchmark process {ended.finished.cause}; {len(left)} go on in a new one"))
    return found


def _announce(event: dict[str, object], names: dict[str, str], on_progress: ProgressCallback) -> None:
    if event["event"] == "finished":
        node_id = str(event["node_id"])
        on_progress(Advanced(what=names.get(node_id, node_id)))


def _ended_itself(ended: Ended) -> bool:
    return any(event["event"] == "ended" for event in ended.events)


def _join(found: Walk, ended: Ended, names: dict[str, str]) -> Walk:
    finished, lost = dict(found.finished), dict(found.lost)
    facts = dict(found.subject)
    begun: str | None = None
    for event in ended.events:
        kind, node_id = event["event"], str(event.get("node_id"))
        if kind == "subject":
            facts.update(event)
        elif kind == "started":
            begun = node_id
        elif kind == "finished" and node_id in names:
            begun = None
            finished[names[node_id]] = event
    if begun in names:
        outcome = TestOutcome.TIMED_OUT if ended.finished.timed_out else TestOutcome.CRASHED
        lost[names[begun]] = Lost(outcome=outcome, detail=_last_words(ended))
    return Walk(finished=finished, lost=lost, subject=facts)


def _last_words(ended: Ended) -> str:
    if ended.finished.timed_out:
        return "gave no sign of life until its deadline and was stopped"
    lines = ended.finished.output.strip().splitlines()
    fatal = [line[line.index(_FATAL) :] for line in lines if _FATAL in line] or lines[-1:]
    return f"its process {ended.finished.cause}" + "".join(f"; it said: {line[:200]}" for line in fatal[:1])
