"""What collecting a suite showed that a reader of its verdicts should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.protocol import CodspeedOnlyTests, Event, OverriddenOption, SkippedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OVERRIDDEN = {
    "numprocesses": "the suite's options enable pytest-xdist (-n); it was disabled, because benchmarks that "
    "share the cores slow each other down",
    "benchmark_disable": "the suite's options contain --benchmark-disable; hivegate ignored it",
    "benchmark_skip": "the suite's options contain --benchmark-skip; hivegate ignored it",
    "codspeed": "pytest-codspeed was enabled (--codspeed, or CODSPEED_ENV); it was disabled, and "
    "pytest-benchmark measured the same benchmarks",
}


def remarks(events: Sequence[Event]) -> tuple[str, ...]:
    """Report, from the events of collecting, which options were overridden and what was left out, and why."""
    options = dict.fromkeys(event.option for event in events if isinstance(event, OverriddenOption))
    return (*(_OVERRIDDEN[option] for option in options if option in _OVERRIDDEN), *_left_out(events))


def _left_out(events: Sequence[Event]) -> Iterator[str]:
    skipped = [event for event in events if isinstance(event, SkippedFile)]
    if skipped:
        more = f" (and {len(skipped) - 1} more files)" if len(skipped) > 1 else ""
        yield f"{skipped[0].node_id} skips itself{more}: {skipped[0].why}"
    for event in events:
        if isinstance(event, CodspeedOnlyTests):
            yield (
                f"{event.number} tests that need pytest-codspeed were left out, such as "
                f"{event.node_id}; install pytest-codspeed to measure them"
            )
