"""What a benchmark declares of itself through pytest-benchmark's ``extra_info``."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping

import msgspec

from hivegate.errors import ResultsError

DIRECTIONS = ("lower", "higher")
SUBJECTS = ("project", "external")
_EXAMPLE = 'benchmark.extra_info["metrics"] = {"hits": {"value": 12, "better": "higher"}}'


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """Operations of a call, size for complexity, threads or processes started, custom metrics and their directions.

    `processor` is the share of the processor that a metric's value had, where the benchmark knows it.
    `external` where what is measured is not the project's: a partner to be held against, a library.
    """

    operations: float | None = None
    size: float | None = None
    parallelism: int | None = None
    metrics: dict[str, float] = {}
    better: dict[str, str] = {}
    processor: dict[str, float] = {}
    external: bool = False


def declare(extra_info: Mapping[str, object], params: Mapping[str, object] | None) -> Declaration:
    """Read a declaration; `size` is else the only numeric parameter.

    ``metrics`` maps a name to a number, or to ``{"value": number, "better": "lower" | "higher"}`` (lower unless said),
    with ``"processor": share`` where the value is of a moment of which the share is known.
    Raises `ResultsError`, with the key as its place, for what is there and is not of that form.
    """
    size = _positive(extra_info, "size")
    metrics, better, processor = _metrics(extra_info.get("metrics"))
    return Declaration(
        operations=_positive(extra_info, "operations"),
        size=_only_number(params or {}) if size is None else size,
        parallelism=_whole(extra_info, "parallelism"),
        metrics=metrics,
        better=better,
        processor=processor,
        external=is_external(extra_info),
    )


def declare_fitting(
    extra_info: Mapping[str, object], params: Mapping[str, object] | None
) -> tuple[Declaration, tuple[ResultsError, ...]]:
    """Read a declaration, and list what is none of what is there; of metrics, those that fit are kept.

    `extra_info` is the suite's own: what does not fit declares nothing.
    """
    fitting = dict(extra_info)
    misfits: list[ResultsError] = []
    metrics = fitting.get("metrics")
    if isinstance(metrics, Mapping):
        fitting["metrics"] = kept = {}
        for name, entry in metrics.items():
            try:
                declare({"metrics": {name: entry}}, {})
            except ResultsError as fault:
                misfits.append(fault)
            else:
                kept[name] = entry
    while True:
        try:
            return declare(fitting, params), tuple(misfits)
        except ResultsError as fault:
            del fitting[fault.where.removeprefix("extra_info.")]
            misfits.append(fault)


def is_external(extra_info: Mapping[str, object]) -> bool:
    """Read whether a benchmark measures what is not the project's; raises `ResultsError` for an unknown subject."""
    subject = extra_info.get("subject", SUBJECTS[0])
    if subject not in SUBJECTS:
        raise ResultsError(
            f"is {reprlib.repr(subject)}; expected {' or '.join(map(repr, SUBJECTS))}",
            where="extra_info.subject",
            hint='benchmark.extra_info["subject"] = "external", or omit it',
        )
    return subject == SUBJECTS[1]


def _positive(extra_info: Mapping[str, object], key: str) -> float | None:
    value = extra_info.get(key)
    if value is None:
        return None
    number = _number(value)
    if number is None or number <= 0:
        raise ResultsError(
            f"is {reprlib.repr(value)}; expected a number above 0",
            where=f"extra_info.{key}",
            hint=f'benchmark.extra_info["{key}"] = 100, or omit it',
        )
    return number


def _whole(extra_info: Mapping[str, object], key: str) -> int | None:
    number = _positive(extra_info, key)
    if number is not None and not number.is_integer():
        raise ResultsError(
            f"is {number!r}; expected a whole number above 0",
            where=f"extra_info.{key}",
            hint=f'benchmark.extra_info["{key}"] = 8, or omit it',
        )
    return None if number is None else int(number)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _only_number(params: Mapping[str, object]) -> float | None:
    numbers = [number for value in params.values() if (number := _number(value)) is not None]
    return numbers[0] if len(numbers) == 1 and numbers[0] > 0 else None


def _metrics(value: object) -> tuple[dict[str, float], dict[str, str], dict[str, float]]:
    if value is None:
        return {}, {}, {}
    if not isinstance(value, Mapping):
        raise ResultsError(
            f"is {reprlib.repr(value)}; expected an object of names and numbers",
            where="extra_info.metrics",
            hint=_EXAMPLE,
        )
    metrics: dict[str, float] = {}
    better: dict[str, str] = {}
    processor: dict[str, float] = {}
    for name, entry in value.items():
        metrics[str(name)], better[str(name)], share = _metric(str(name), entry)
        if share is not None:
            processor[str(name)] = share
    return metrics, better, processor


def _metric(name: str, entry: object) -> tuple[float, str, float | None]:
    fields = entry if isinstance(entry, Mapping) else {"value": entry}
    number, direction = _number(fields.get("value")), fields.get("better", DIRECTIONS[0])
    share = _number(fields["processor"]) if "processor" in fields else None
    wrong = "processor" in fields and (share is None or share < 0)
    if number is None or direction not in DIRECTIONS or wrong or not set(fields) <= {"value", "better", "processor"}:
        raise ResultsError(
            f"is {reprlib.repr(entry)}; expected a number, or {{'value': number, 'better': 'lower' or 'higher'}}, "
            "with the share of the processor that it had as 'processor' where it is known",
            where=f"extra_info.metrics.{reprlib.repr(name)[1:-1]}",
            hint=_EXAMPLE,
        )
    return number, str(direction), share
