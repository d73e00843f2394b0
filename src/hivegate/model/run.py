"""A Run: what was measured, before anyone judges it."""

from __future__ import annotations

import enum
from array import array
from typing import TYPE_CHECKING, Self, cast

import msgspec

from hivegate.model.reason import ReasonCode
from hivegate.model.shard import Shard
from hivegate.model.subject import LoadedFiles, SubjectDoubt

if TYPE_CHECKING:
    from collections.abc import Iterable

    _Array = array[float]
else:
    _Array = array

# History: 1 first.
RUN_SCHEMA = 1


class Doubles(_Array):
    """Numbers of eight bytes each: a file of 200 MB holds ten million rounds. Not to be changed once made."""

    __slots__ = ()

    def __new__(cls, values: Iterable[float] = ()) -> Self:
        """Copy the values; raises `TypeError` where one is not a number."""
        return cast("Self", super().__new__(cls, "d", values))

    def __reduce__(self) -> tuple[type[Doubles], tuple[list[float]]]:
        """Pickle by value; array's own reduce would pass the type code back in."""
        return (Doubles, (self.tolist(),))


class TestOutcome(enum.Enum):
    """How the test around a benchmark ended in one pass."""

    __test__ = False  # not a test class of pytest

    MEASURED = "measured"
    FAILED = "failed"  # it raised, or an assertion failed after measuring
    SKIPPED = "skipped"
    CRASHED = "crashed"  # its process died
    TIMED_OUT = "timed out"
    NOT_MEASURED = "not measured"  # it passed without ever calling the benchmark
    NO_BENCHMARK = "no benchmark"  # its class or file asks for the fixture, and the test itself does not
    INVALID = "invalid"  # a result file holds something for it that is no measurement


# The gravest first: what died or raised in one pass is told, in whatever order the passes came.
TEST_CODES = {
    TestOutcome.CRASHED: ReasonCode.TEST_CRASHED,
    TestOutcome.TIMED_OUT: ReasonCode.TEST_TIMED_OUT,
    TestOutcome.FAILED: ReasonCode.TEST_FAILED,
    TestOutcome.NOT_MEASURED: ReasonCode.BENCHMARK_NOT_CALLED,
    TestOutcome.NO_BENCHMARK: ReasonCode.BENCHMARK_NOT_CALLED,
    TestOutcome.SKIPPED: ReasonCode.TEST_SKIPPED,
    TestOutcome.INVALID: ReasonCode.INVALID_ENTRY,
}
GRAVITY = tuple(TEST_CODES)


class Summary(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What a file tells about rounds that it does not hold; seconds per call."""

    mean: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None
    stddev: float | None = None


class Speed(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """The speed of the machine while rounds or single calls were timed: readings of the reference loop between them.

    `turns` are seconds a turn of the loop of version `loop`, `places` how many rounds were done at each reading, from 0
    to all of them; `lost` are the seconds between two readings in which the thread was off the core against its will.
    In seconds over all of them: `elapsed` is wall time, `waited` how long the thread gave up the core of itself, and
    `others` the processor time of other threads.
    """

    loop: int
    turns: Doubles
    places: tuple[int, ...]
    lost: Doubles
    elapsed: float
    waited: float
    others: float


class Sample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """One benchmark in one pass; samples of one `pass_index` shared a process and the machine's mood.

    `rounds` are seconds per call, each the mean of `calls` calls; `single_calls` are seconds of calls timed one by
    one; `throughput` is calls a second, where a tool measured that and no times; `cpu` and `wall` are seconds of the
    whole measuring loop, `switches` its voluntary context switches, and `kernel` its seconds in the kernel;
    `reference` is the seconds of one turn of the fixed loop, timed right before and after; `speed` is that of the
    rounds, and `single_speed` that of the single calls; `processor` is by custom metric the share of the processor
    that its value had, where the benchmark tells.
    """

    pass_index: int = 0
    outcome: TestOutcome = TestOutcome.MEASURED
    detail: str = ""
    rounds: Doubles = msgspec.field(default_factory=Doubles)
    calls: int = 1
    single_calls: Doubles = msgspec.field(default_factory=Doubles)
    summary: Summary | None = None
    throughput: float | None = None
    cpu: float | None = None
    wall: float | None = None
    switches: int | None = None
    kernel: float | None = None
    reference: float | None = None
    speed: Speed | None = None
    single_speed: Speed | None = None
    metrics: dict[str, float] = {}
    processor: dict[str, float] = {}


class MemorySample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """Memory of one call in a process of its own: tracemalloc's peak in bytes, allocations where counted."""

    outcome: TestOutcome = TestOutcome.MEASURED
    detail: str = ""
    peak: int | None = None
    allocations: int | None = None


class InstructionSample(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True
):
    """The instructions of one call in a process of its own, and whether it waited for something meanwhile."""

    outcome: TestOutcome = TestOutcome.MEASURED
    detail: str = ""
    instructions: float | None = None
    waits: bool = False


class Benchmark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """One benchmark over all passes, with what it declares of itself through ``extra_info``.

    `external` where it says that it measures what is not the project's.
    """

    id: str
    node_id: str
    samples: tuple[Sample, ...]
    memory: tuple[MemorySample, ...] = ()
    instructions: tuple[InstructionSample, ...] = ()
    operations: float | None = None
    size: float | None = None
    parallelism: int | None = None
    better: dict[str, str] = {}
    external: bool = False

    @property
    def is_none(self) -> bool:
        """Tell whether a test turned out to be no benchmark."""
        return any(sample.outcome is TestOutcome.NO_BENCHMARK for sample in self.samples)


class Commit(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """The revision that was measured."""

    sha: str
    branch: str | None = None
    dirty: bool = False


class Environment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """The machine and the interpreter that measured; None where unknown."""

    cpu: str | None = None
    cores: int | None = None
    os: str | None = None
    python: str | None = None
    implementation: str | None = None
    governor: str | None = None
    container: str | None = None
    runner: str | None = None
    packages: dict[str, str] = {}


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything one `hivegate run` measured, or one result file holds.

    `not_selected` names the benchmarks that a selection left out, and in a shard those of the others; `source` names
    where the run came from. `loaded` is what of the project was loaded, where that is known, and `doubts` are why none
    of it can pass.
    """

    schema: int = RUN_SCHEMA
    source: str = "hivegate"
    created: str | None = None
    commit: Commit | None = None
    environment: Environment = msgspec.field(default_factory=Environment)
    benchmarks: tuple[Benchmark, ...] = ()
    not_selected: tuple[str, ...] = ()
    shard: Shard | None = None
    loaded: LoadedFiles | None = None
    doubts: tuple[SubjectDoubt, ...] = ()
    notes: tuple[str, ...] = ()
