"""Results of criterion: the folder that it writes, or one `sample.json` or `estimates.json` of it.

A benchmark is measured in one process, so it is one pass. Its files do not hold their unit; criterion's own clock
counts nanoseconds. Their names stand in `benchmark.json` beside them.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import ResultsError
from hivegate.ingest.assemble import assemble, benchmark_of, read_entry, refuse_too_many
from hivegate.ingest.document import Document, open_document
from hivegate.ingest.numbers import read_numbers
from hivegate.ingest.summaries import summary_in
from hivegate.ingest.units import times_in
from hivegate.model.run import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hivegate.model.run import Benchmark, Doubles, Run

_ABOUT = "benchmark.json"
_DATA = ("sample.json", "estimates.json")
_LATEST = "new"  # beside it criterion keeps the run before, and the change between the two
_NANOSECONDS = 1e-9
_MOST_FOLDERS = 200_000


class _About(msgspec.Struct, gc=False):
    group_id: str
    function_id: str | None = None
    value_str: str | None = None
    throughput: dict[str, Any] | None = None


class _Estimate(msgspec.Struct, gc=False):
    point_estimate: float


class _Estimates(msgspec.Struct, gc=False):
    mean: _Estimate
    median: _Estimate
    std_dev: _Estimate


class _OldEstimates(_Estimates, gc=False, rename={"mean": "Mean", "median": "Median", "std_dev": "StdDev"}):
    """The same before criterion 0.3.1; new names need the fields again."""

    mean: _Estimate
    median: _Estimate
    std_dev: _Estimate


class _Samples(msgspec.Struct, gc=False):
    iters: msgspec.Raw
    times: msgspec.Raw


def decode(document: Document, _roots: tuple[str, ...]) -> Run:
    """Read one file of criterion's; raises `ResultsError` where what names its benchmark is not beside it."""
    about = Path(document.where).with_name(_ABOUT)
    if not about.is_file():
        raise document.fault(
            f"does not contain the name of its benchmark, and there is no {_ABOUT} next to it",
            "pass the folder that cargo bench wrote: target/criterion",
        )
    return assemble(document, [_benchmark(open_document(about), document)], source="criterion")


def read_folder(folder: Path) -> Run:
    """Read the newest measurement of every benchmark below a folder; raises `ResultsError` where there is none."""
    place = Document(where=str(folder), text=b"", members=None)
    benchmarks: list[Benchmark] = []
    for found in _folders(folder):
        name = found.parent.relative_to(folder).as_posix() if found != folder else folder.parent.name
        benchmarks.append(read_entry(name, _name_beside(found) or name, functools.partial(_read, found)))
        refuse_too_many(place, len(benchmarks), "benchmarks")
    if not benchmarks:
        raise place.fault(
            "is a folder without results of criterion",
            "for criterion pass the folder target/criterion; for other tools pass the files",
        )
    return assemble(place, benchmarks, source="criterion")


def _read(folder: Path) -> Benchmark:
    data = next((one for name in _DATA if (one := folder / name).is_file()), None)
    if data is None:
        raise ResultsError(
            f"{folder} contains neither sample.json nor estimates.json", where=str(folder), hint="run cargo bench again"
        )
    try:
        return _benchmark(open_document(folder / _ABOUT), open_document(data))
    except ResultsError as fault:
        raise ResultsError(f"{fault.where}: {fault.message}", where=str(folder), hint=fault.hint) from fault


def _name_beside(folder: Path) -> str | None:
    with contextlib.suppress(ResultsError, msgspec.DecodeError, RecursionError):
        return _named(msgspec.json.decode(open_document(folder / _ABOUT).text, type=_About))
    return None


def _folders(folder: Path) -> Iterator[Path]:
    if (folder / _ABOUT).is_file():
        yield folder
        return
    for looked, (name, below, files) in enumerate(os.walk(folder)):
        if looked >= _MOST_FOLDERS:
            raise ResultsError(
                "contains too many folders for results of criterion", where=str(folder), hint="pass target/criterion"
            )
        below.sort()
        if Path(name).name == _LATEST and {_ABOUT, *_DATA} & set(files):
            yield Path(name)
        elif _ABOUT in files and not (Path(name).parent / _LATEST).is_dir():
            yield Path(name).parent / _LATEST  # a run that was begun and did not end


def _benchmark(told: Document, data: Document) -> Benchmark:
    told.refuse_repeated(told.text, _ABOUT)
    data.refuse_repeated(data.text, "measurements")
    about = told.decode(told.text, _About, _ABOUT)
    elements = _elements(about)
    return benchmark_of(
        "/".join(part for part in (about.group_id, about.function_id) if part),
        [_sample(data)],
        params=[about.value_str] if about.value_str else (),
        operations=elements,
    )


def _named(about: _About) -> str:
    name = "/".join(part for part in (about.group_id, about.function_id) if part)
    return f"{name}[{about.value_str}]" if about.value_str else name


def _elements(about: _About) -> float | None:
    elements = (about.throughput or {}).get("Elements")
    # A whole number beyond all floats is no count of elements.
    return float(elements) if isinstance(elements, int | float) and 0 < elements <= sys.float_info.max else None


def _sample(data: Document) -> Sample:
    found = data.members
    if found is None or {"iters", "times"} <= found.keys():
        return _of_rounds(data)
    estimates: _Estimates = data.decode(data.text, _OldEstimates if "Mean" in found else _Estimates, "estimates")
    return Sample(
        summary=summary_in(
            data,
            "estimates",
            seconds=_NANOSECONDS,
            mean=estimates.mean.point_estimate,
            median=estimates.median.point_estimate,
            spread=estimates.std_dev.point_estimate,
        )
    )


def _of_rounds(data: Document) -> Sample:
    iters, times = _columns(data)
    if len(iters) != len(times) or not iters:
        raise data.fault(
            f"contains {len(times)} times for {len(iters)} counts of iterations; the numbers must be equal"
        )
    if not all(1 <= count < 10**15 and count.is_integer() for count in iters):
        raise data.fault("iters: expected whole numbers of at least 1")
    rounds = [time / count for time, count in zip(times, iters, strict=True)]
    return Sample(rounds=times_in(data, "times", _NANOSECONDS, rounds), calls=round(sum(iters) / len(iters)))


def _columns(data: Document) -> tuple[Doubles, Doubles]:
    """Give the iterations and the times of all rounds; before 0.3 they had no names."""
    if data.members is None:
        columns = data.decode(data.text, list[msgspec.Raw], "sample")
        if len(columns) != 2:  # noqa: PLR2004  a pair
            raise data.fault(f"contains {len(columns)} lists; expected two, iterations and times")
        iters, times = columns
    else:
        columns_named = data.decode(data.text, _Samples, "sample")
        iters, times = columns_named.iters, columns_named.times
    return read_numbers(data, iters, "iters"), read_numbers(data, times, "times")
