"""What collecting a suite showed that a reader of its verdicts should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.model.protocol import (
    CodspeedOnlyTests,
    DeselectedBenchmarks,
    Event,
    IgnoredFiles,
    OverriddenOption,
    SkippedFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEPT = "hivegate ignored it; to keep it, set pytest-args under [tool.hivegate]"
_OVERRIDDEN = {
    "markexpr": f"the suite's options select by marker (-m); {_KEPT}",
    "keyword": f"the suite's options select by keyword (-k); {_KEPT}",
    "deselect": f"the suite's options contain --deselect; {_KEPT}",
    "lf": "the suite's options contain --last-failed (--lf); hivegate ignored it",
    "stepwise": "the suite's options contain --stepwise (--sw); hivegate ignored it",
    "numprocesses": "the suite's options enable pytest-xdist (-n); it was disabled, because benchmarks that "
    "share the cores slow each other down",
    "reruns": "the suite runs tests again until they pass (--reruns, or the marker flaky); hivegate runs each once, "
    "because a retry until green is no measurement",
    "forked": "pytest-forked runs tests in processes of their own (--forked, or the marker); it was disabled, because "
    "hivegate measures in one of its own",
    "memray": "pytest-memray was enabled (--memray); it was disabled, because it would be measured with the code",
    "profile": "pytest-profiling was enabled (--profile); it was disabled, because it would be measured with the code",
    "timeout": "pytest-timeout limits the suite's tests; it was disabled, because hivegate holds a test open while it "
    "measures, and has its own limit: `timeout` under [tool.hivegate]",
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
        if isinstance(event, DeselectedBenchmarks):
            yield (
                f"{event.number} benchmark{'s are' if event.number > 1 else ' is'} deselected by a hook of the suite, "
                f"and so not measured: {_first(event.node_ids, event.number)}; if an option of the suite enables them, "
                'hand it on: pytest-args = ["--OPTION"] under [tool.hivegate]'
            )
        elif isinstance(event, IgnoredFiles):
            yield (
                f"{event.number} file{'s' * (event.number > 1)} with benchmarks left out by --ignore, collect_ignore "
                f"or a hook of the suite, and so not measured: {_first(event.paths, event.number)}; to ignore the "
                'suite\'s options: pytest-args = ["-o", "addopts="] under [tool.hivegate]'
            )
        elif isinstance(event, CodspeedOnlyTests):
            yield (
                f"{event.number} tests that need pytest-codspeed were left out, such as "
                f"{event.node_id}; install pytest-codspeed to measure them"
            )


def _first(names: Sequence[str], number: int) -> str:
    more = f" and {number - len(names)} more" if number > len(names) else ""
    return ", ".join(names) + more
