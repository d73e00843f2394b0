from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hivegate.errors import ResultsError
from hivegate.ingest import read, write_run
from hivegate.model.run import (
    RUN_SCHEMA,
    Benchmark,
    Commit,
    Doubles,
    Environment,
    InstructionSample,
    MemorySample,
    Run,
    Sample,
    Speed,
    Summary,
    TestOutcome,
)
from hivegate.model.shard import Shard
from hivegate.model.subject import LoadedFiles, SubjectDoubt

GOLDEN = Path(__file__).parents[3] / "tests" / "golden" / "run" / "schema-1.json"

FULL = Run(
    source="hivegate",
    created="2026-01-02T03:04:05+00:00",
    commit=Commit(sha="a" * 40, branch="main", dirty=True),
    environment=Environment(
        cpu="A CPU", cores=4, os="Linux 6.1.0", python="3.13.1", implementation="CPython", packages={"numpy": "2.0"}
    ),
    benchmarks=(
        Benchmark(
            id="queue/put[10]",
            node_id="benches/bench_queue.py::test_put[10]",
            samples=(
                Sample(
                    rounds=Doubles([0.1, 1 / 3, 5e-324, 1e300]),
                    calls=12,
                    single_calls=Doubles([2.5e-7]),
                    cpu=0.5,
                    wall=0.75,
                    switches=3,
                    kernel=0.01,
                    reference=0.001,
                    speed=Speed(
                        loop=1,
                        turns=Doubles([5e-8, 6e-8]),
                        places=(0, 4),
                        lost=Doubles([0.001]),
                        elapsed=0.7,
                        waited=0.002,
                        others=0.003,
                    ),
                    single_speed=Speed(
                        loop=1,
                        turns=Doubles([5e-8, 5e-8]),
                        places=(0, 1),
                        lost=Doubles([0.0]),
                        elapsed=0.1,
                        waited=0.0,
                        others=0.0,
                    ),
                    metrics={"hits": 3.0},
                    processor={"hits": 0.9},
                ),
                Sample(pass_index=1, outcome=TestOutcome.CRASHED, detail="signal 11"),
                Sample(pass_index=2, summary=Summary(mean=0.1, stddev=0.0), throughput=12.5),
            ),
            memory=(MemorySample(peak=4096, allocations=7), MemorySample(outcome=TestOutcome.TIMED_OUT)),
            instructions=(
                InstructionSample(instructions=1e6, waits=True),
                InstructionSample(outcome=TestOutcome.FAILED),
            ),
            operations=10.0,
            size=10.0,
            parallelism=2,
            better={"hits": "higher"},
            external=True,
        ),
        Benchmark(id="queue/get", node_id="benches/bench_queue.py::test_get", samples=()),
    ),
    not_selected=("queue/peek",),
    shard=Shard(number=1, count=2, suite="a", targets="b", durations="c"),
    loaded=LoadedFiles(sources=3, compiled={"toy/_fast": "0123"}, copies=1, origin="toy 1, from an index"),
    doubts=(SubjectDoubt(text="nothing was loaded", hint="load it", spares_slower=True, spares_external=True),),
    notes=("one", "zwei ä"),
)


def changed(path: Path, *keys: str | int, to: object = ...) -> Path:
    """Write the full run with the value at a key path replaced, or removed."""
    document: Any = json.loads(write_run(FULL))
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = to
    path.write_text(json.dumps(document))
    return path


def refusal(path: Path) -> str:
    """Read a file that must be refused, and give the message."""
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("run", [FULL, Run()])
def test_what_is_written_is_read_equal(tmp_path: Path, run: Run) -> None:
    """Every field, enum and double comes back as it was."""
    path = tmp_path / "run.json"
    path.write_bytes(write_run(run))
    again = read(path)
    assert again == run
    assert write_run(again) == write_run(run)
    assert all(type(sample.rounds) is Doubles for one in again.benchmarks for sample in one.samples)


def test_schema_1_stays_readable() -> None:
    """A document of the first schema, kept as it was once written, is read as it was meant: without what came later."""
    first, *rest = FULL.benchmarks
    timed, *others = first.samples
    before = msgspec.structs.replace(timed, kernel=None, speed=None, single_speed=None, processor={})
    then = (msgspec.structs.replace(first, samples=(before, *others), instructions=(), external=False), *rest)
    assert read(GOLDEN) == msgspec.structs.replace(FULL, benchmarks=then, shard=None, loaded=None, doubts=())


def test_document_names_format_and_schema() -> None:
    """Other programs can tell what they have before they read on."""
    document = json.loads(write_run(Run()))
    assert (document["format"], document["schema"]) == ("hivegate run", RUN_SCHEMA)


def test_newer_schema_is_refused(tmp_path: Path) -> None:
    """What a newer hivegate wrote is not guessed at, whatever else is in it."""
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"format": "hivegate run", "schema": RUN_SCHEMA + 1, "news": []}))
    said = refusal(path)
    assert f"schema: is {RUN_SCHEMA + 1}, written by a newer hivegate; this one supports up to {RUN_SCHEMA}" in said
    assert "update hivegate" in said


SAMPLE = ("benchmarks", 0, "samples", 0)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("schema",), 0, "schema: is 0; expected 1 to"),
        (("schema",), "1", "schema: Expected `int`, got `str`"),
        (("format",), "other", "format: is 'other'; expected 'hivegate run'"),
        (("note",), [], "note: unknown key\n  did you mean notes?"),
        (("zzz",), [], "zzz: unknown key\n  allowed keys: benchmarks, "),
        (("notes",), [3], "notes[0]: Expected `str`, got `int` 3"),
        (("benchmarks",), {}, "benchmarks: Expected `array`, got `object`"),
        (("environment", "cpus"), 3, "environment: Object contains unknown field `cpus`"),
        (("commit",), {}, "commit: Object missing required field `sha`"),
        (("benchmarks", 1, "ids"), "", "benchmarks[1]: Object contains unknown field `ids`"),
    ],
)
def test_wrong_document_is_refused(tmp_path: Path, keys: tuple[str | int, ...], value: object, message: str) -> None:
    """The message holds the key path, what was found and what is allowed."""
    assert message in refusal(changed(tmp_path / "run.json", *keys, to=value))


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("benchmarks", 0, "size"), -1, "benchmarks[0].size: is -1.0; expected a finite number above 0"),
        (("benchmarks", 0, "better", "hits"), "up", "benchmarks[0].better.hits: is 'up'; expected lower or higher"),
        ((*SAMPLE, "outcome"), "fine", "benchmarks[0].samples[0].outcome: Invalid enum value 'fine'"),
        ((*SAMPLE, "outcome"), "fine", "allowed outcomes: measured, failed, skipped, crashed, timed out, not measured"),
        ((*SAMPLE, "calls"), 0, "benchmarks[0].samples[0].calls: is 0; expected a whole number of at least 1"),
        ((*SAMPLE, "rounds", 2), -1, "benchmarks[0].samples[0].rounds[2]: is -1.0; expected a finite number"),
        ((*SAMPLE, "rounds", 2), "x", "benchmarks[0].samples[0].rounds[2]: Expected `float`, got `str`"),
        ((*SAMPLE, "rounds", 2), True, "benchmarks[0].samples[0].rounds[2]: Expected `float`, got `bool`"),
        ((*SAMPLE, "rounds", 2), math.nan, "benchmarks[0].samples[0].rounds[2]: Expected `float`, got `str`"),
        ((*SAMPLE, "rounds"), 3, "benchmarks[0].samples[0].rounds: Expected `array`, got `int`"),
        ((*SAMPLE, "single_calls", 0), 0, "benchmarks[0].samples[0].single_calls[0]: is 0.0; expected"),
        ((*SAMPLE, "metrics", "hits"), None, "benchmarks[0].samples[0].metrics[...]: Expected `float`, got `null`"),
        ((*SAMPLE, "cpu"), math.inf, "benchmarks[0].samples[0].cpu: Expected `float | null`, got `str`"),
        ((*SAMPLE, "pass_index"), 1, "benchmarks[0].samples: two of them are of one pass"),
        (("benchmarks", 1, "id"), "queue/put[10]", "2 entries of the file have this name"),
    ],
)
def test_a_benchmark_without_a_measurement_is_invalid_and_the_rest_is_read(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, message: str
) -> None:
    """One wrong value costs its benchmark, by name and with the place; the others keep theirs."""
    found = {one.id: one for one in read(changed(tmp_path / "run.json", *keys, to=value)).benchmarks}
    (sample,) = found["queue/put[10]"].samples
    assert sample.outcome is TestOutcome.INVALID
    assert message in sample.detail
    assert "queue/get" in found or keys[-1] == "id"


def test_a_benchmark_without_a_name_is_invalid_by_its_place(tmp_path: Path) -> None:
    """It cannot be followed, and the others can."""
    named, nameless = read(changed(tmp_path / "run.json", "benchmarks", 1, "id", to="")).benchmarks
    assert named == FULL.benchmarks[0]
    assert (nameless.id, nameless.samples[0].outcome) == ("[1]", TestOutcome.INVALID)


@pytest.mark.parametrize(
    ("sample", "place"),
    [
        (Sample(rounds=Doubles([0.1, math.nan])), "rounds[1]: is nan"),
        (Sample(rounds=Doubles([math.inf])), "rounds[0]: is inf"),
        (Sample(rounds=Doubles([1e308, 1e308, 0.0])), "rounds[2]: is 0.0"),
        (Sample(cpu=math.nan), "cpu: is nan"),
        (Sample(throughput=math.inf), "throughput: is inf"),
        (Sample(metrics={"rate": -math.inf}), "metrics.rate: is -inf"),
        (Sample(summary=Summary(mean=math.nan)), "summary.mean: is nan"),
        (Sample(calls=0), "calls: is 0"),
    ],
)
def test_what_is_no_measurement_is_not_written(sample: Sample, place: str) -> None:
    """JSON has no NaN, and null would read as unknown: such a run is a defect, told where it arises."""
    run = Run(benchmarks=(Benchmark(id="a/b", node_id="a.py::b", samples=(sample,)),))
    with pytest.raises(ResultsError) as caught:
        write_run(run)
    assert f"benchmarks[0].samples[0].{place}" in str(caught.value)


def test_large_finite_times_are_written() -> None:
    """A sum that overflows does not make its numbers infinite."""
    run = Run(benchmarks=(Benchmark(id="a/b", node_id="x", samples=(Sample(rounds=Doubles([1e308] * 3)),)),))
    assert b"1e308" in write_run(run)


def test_every_field_of_the_model_is_tested() -> None:
    """The full run above sets every field, so a new one cannot be forgotten in the round trip."""
    plain = msgspec.to_builtins(FULL.benchmarks[0], enc_hook=list)
    assert set(plain) == {field.name for field in msgspec.structs.fields(Benchmark)}
    named = {key for sample in plain["samples"] for key in sample}
    assert named == {field.name for field in msgspec.structs.fields(Sample)}
