"""The protocol between hivegate and its worker: plans and commands for it, and the events that it reports.

The worker is standard library only and writes plain JSON, one object a line; this is the one schema of it, decoded once
where a line arrives. An event that is not of the schema is a `MeasureError` that names the field.
"""

from __future__ import annotations

from typing import TypeAlias, cast

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import MeasureError
from hivegate.model.run import TestOutcome

# ----------------------------------------------------------------------------------------------------------- plans


class TreePaths(msgspec.Struct, frozen=True, kw_only=True):
    """The two trees of a comparison: the one that a process runs in, and the one that nothing may be loaded from."""

    own: str
    other: str


class ProjectFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What tells a project's own files: its root, the name of its distribution, the folders of its suite.

    `separate` where the process has an environment of its own, in which an installed copy is what is measured.
    """

    root: str
    distribution: str = ""
    suite: tuple[str, ...] = ()
    separate: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag_field="mode"):
    """What every worker is given: the file that takes its events."""

    record: str = ""


class SessionPlan(Plan, frozen=True, kw_only=True):
    """What every pytest session is given: its paths, its root, and its tree where there are two.

    `benchmarks` maps the node ids to run, in this order, to a number of calls: those to time one by one, or to count.
    """

    paths: tuple[str, ...] = ()
    rootdir: str | None = None
    trees: TreePaths | None = None
    project: ProjectFacts | None = None
    benchmarks: dict[str, int] = {}


class CollectPlan(SessionPlan, frozen=True, kw_only=True, tag="collect"):
    """Report which benchmarks a suite has; with `probe`, also which modules that loads."""

    probe: bool = False


class MeasurePlan(SessionPlan, frozen=True, kw_only=True, tag="measure"):
    """Measure time: pytest-benchmark's options, used where the project left their defaults; times in seconds."""

    max_time: str
    min_time: str
    min_rounds: int | None = None


class MemoryPlan(SessionPlan, frozen=True, kw_only=True, tag="memory"):
    """Measure the memory of one call."""


class InstructionsPlan(SessionPlan, frozen=True, kw_only=True, tag="instructions"):
    """Count the instructions of a call; `counts` is the folder in which cachegrind leaves those of each process."""

    counts: str


class ProfilePlan(SessionPlan, frozen=True, kw_only=True, tag="profile"):
    """Call a benchmark for so many seconds; `profiler` is empty, ``scalene``, ``cprofile`` or ``memray``."""

    seconds: float
    profiler: str = ""


class ReachPlan(SessionPlan, frozen=True, kw_only=True, tag="reach"):
    """Record what each benchmark reaches of the tree `top`; `differing` are files that differ between the sides."""

    top: str
    differing: tuple[str, ...] = ()


class EnvironmentPlan(Plan, frozen=True, kw_only=True, tag="environment"):
    """Report what is installed."""


class SidePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One child of a pair: its channel's descriptor, its interpreter, its tree, and the seed of its heap."""

    channel: int
    python: str
    own: str
    other: str
    rootdir: str
    paths: tuple[str, ...]
    scratch: str
    seed: int
    project: ProjectFacts | None = None


class PairPlan(msgspec.Struct, frozen=True, kw_only=True, tag_field="mode", tag="pair"):
    """Be the parent of a pair: `fork` both children after preloading, or start them with `launcher`.

    Started children are given the same plan in mode ``side``, with the name of their side.
    """

    fork: bool
    control: int
    preload: tuple[str, ...]
    roots: tuple[str, ...]
    order: tuple[str, ...]
    benchmarks: dict[str, int]
    sides: dict[str, SidePlan]
    start: str
    launcher: tuple[str, ...] = ()
    hash_seed: int = 0


# -------------------------------------------------------------------------------------------------------- commands


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="do"):
    """What a child of a pair is asked to do."""


class SelectCommand(Command, frozen=True, kw_only=True, tag="select"):
    """Keep the benchmarks that both sides have."""

    node_ids: tuple[str, ...]


class BenchmarkCommand(Command, frozen=True, kw_only=True):
    """A command about one benchmark; without its node id two sides out of step would be compared."""

    node_id: str


class WarmCommand(BenchmarkCommand, frozen=True, kw_only=True, tag="warm"):
    """Call for a while; answered by `WarmUp`."""


class BusyCommand(BenchmarkCommand, frozen=True, kw_only=True, tag="busy"):
    """Count the cores that threads keep busy; answered by `BusyCores`."""

    calls: int


class PinCommand(BenchmarkCommand, frozen=True, kw_only=True, tag="pin"):
    """Run on these cores; with `threads`, take the processor time of all threads. Not answered."""

    cores: tuple[int, ...]
    threads: bool


class RoundCommand(BenchmarkCommand, frozen=True, kw_only=True, tag="round"):
    """Make so many calls, timed together, or each where `singly`; answered by `RoundTimes`."""

    calls: int
    singly: bool = False


class EndCommand(BenchmarkCommand, frozen=True, kw_only=True, tag="end"):
    """Go on with the test; answered by `BenchmarkEnd`."""


# ---------------------------------------------------------------------------------------------------------- events


class WorkerEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", forbid_unknown_fields=True):
    """What a worker reports."""


class StartFailure(WorkerEvent, frozen=True, kw_only=True, tag="unable"):
    """pytest or pytest-benchmark is missing or switched off, and how to get it back."""

    why: str
    hint: str


class EnvironmentDescription(WorkerEvent, frozen=True, kw_only=True, tag="environment"):
    """What is installed: the version of Python, and of each distribution."""

    python: str
    distributions: dict[str, str]


class SubjectDescription(WorkerEvent, frozen=True, kw_only=True, tag="subject"):
    """The interpreter that measures; `packages` are the versions of pytest and pytest-benchmark."""

    python: str
    implementation: str
    packages: dict[str, str]
    folder: str


class OverriddenOption(WorkerEvent, frozen=True, kw_only=True, tag="option_overridden"):
    """An option of the suite that would spoil measuring was switched off."""

    option: str


class CollectedBenchmark(WorkerEvent, frozen=True, kw_only=True, tag="collected"):
    """A benchmark of the suite, the root that its node id is relative to, its group and the names of its markers."""

    node_id: str
    path: str
    rootdir: str
    group: str = ""
    markers: tuple[str, ...] = ()


class CollectionFailure(WorkerEvent, frozen=True, kw_only=True, tag="collection_failed"):
    """A file cannot be imported."""

    node_id: str
    detail: str


class SkippedFile(WorkerEvent, frozen=True, kw_only=True, tag="file_skipped"):
    """A file skips itself while it is imported."""

    node_id: str
    why: str


class CodspeedOnlyTests(WorkerEvent, frozen=True, kw_only=True, tag="codspeed_only"):
    """Tests that only pytest-codspeed, which is absent, makes benchmarks of: the first, and how many."""

    node_id: str
    number: int


class DeselectedBenchmarks(WorkerEvent, frozen=True, kw_only=True, tag="deselected"):
    """Benchmarks that a hook of the suite or of a plugin removed: the first, and how many."""

    node_ids: tuple[str, ...]
    number: int


class IgnoredFiles(WorkerEvent, frozen=True, kw_only=True, tag="files_ignored"):
    """Files with benchmarks that ``--ignore``, ``collect_ignore`` or a hook leaves out: the first, and how many."""

    paths: tuple[str, ...]
    number: int


class AbsentBenchmarks(WorkerEvent, frozen=True, kw_only=True, tag="absent"):
    """Benchmarks of the plan that this process does not collect; of those `changed` it does, by ids of other names."""

    node_ids: tuple[str, ...]
    changed: tuple[str, ...]


class LoadedModules(WorkerEvent, frozen=True, kw_only=True, tag="modules"):
    """The modules that collecting loaded, in their order, each with its file."""

    files: tuple[tuple[str, str | None], ...]


class WrongTreeModules(WorkerEvent, frozen=True, kw_only=True, tag="wrong_tree"):
    """Modules, with their files, that were loaded from elsewhere than the process's own tree."""

    files: dict[str, str]
    own: str
    other: str


class LoadedProject(WorkerEvent, frozen=True, kw_only=True, tag="loaded"):
    """What of the project is loaded: `sources` of its tree, and by file the digests of what is compiled or installed.

    `suite` are the files of its tree that test or measure, and those that stand among them.
    `elsewhere` are modules that the tree has, or that its distribution installed, and that are not of this tree;
    `stale` those whose bytecode is not what their source says; `origin` says what the copies are.
    """

    sources: tuple[str, ...] = ()
    suite: tuple[str, ...] = ()
    compiled: dict[str, str] = {}
    copies: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    stale: dict[str, str] = {}
    origin: str = ""


class BenchmarkStart(WorkerEvent, frozen=True, kw_only=True, tag="started"):
    """A benchmark begins."""

    node_id: str


class SignOfLife(WorkerEvent, frozen=True, kw_only=True, tag="alive"):
    """Calls of a benchmark go on: at most once a second, where no other event says so."""

    node_id: str


class SpeedReadings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reference loop of a version, timed before and between rounds or calls, and after the last.

    `turns` are its seconds a turn, `places` how many rounds were done at each reading, and `lost` the seconds between
    two readings in which the thread was off the core against its will; `elapsed` is the wall time of all of them,
    `waited` how long the thread waited of itself, and `others` the processor time of other threads, in seconds.
    """

    loop: int
    turns: tuple[float, ...]
    places: tuple[int, ...]
    lost: tuple[float, ...]
    elapsed: float
    waited: float
    others: float


class TimeReadings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds of rounds, each the mean of `calls` calls, and of single calls; seconds of the whole loop.

    `switches` are the loop's voluntary context switches and `kernel` its seconds in the kernel; `reference` is the
    seconds of one turn of the fixed loop, before and after; `speed` is that of the rounds, and `single_speed` that of
    the single calls.
    """

    rounds: tuple[float, ...]
    calls: int
    single_calls: tuple[float, ...]
    cpu: float | None
    wall: float | None
    switches: int | None
    reference: float | None
    kernel: float | None = None
    speed: SpeedReadings | None = None
    single_speed: SpeedReadings | None = None


class MemoryReadings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes at the peak of one call, and its allocations where memray is installed."""

    peak: int
    allocations: int | None


class InstructionReadings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Instructions of one call, from so many calls, and whether it waited for anything."""

    instructions: float
    calls: int
    waits: bool


class ReachReadings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one benchmark reached of its tree: files by their paths from its root.

    `functions` are the code objects that ran, each as ``name:line``, by file; `places` are where those of differing
    files are made in their sources. `touched` are files and folders: ``exists`` where only that was asked, ``config``
    for what pytest reads as its configuration, ``names``, ``list`` and ``distributions`` of a folder, and ``read``.
    `line_reader` names what looks at numbers of lines, and `unknown` why all this is not the whole.
    """

    functions: dict[str, tuple[str, ...]]
    places: dict[str, tuple[str, ...]]
    touched: dict[str, tuple[str, ...]]
    line_reader: str
    unknown: str


class CodeFacts(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A code object: its digest, that with its lines, its first line and its last."""

    digest: str
    digest_with_lines: str
    first: int
    last: int


class CompiledSources(WorkerEvent, frozen=True, kw_only=True, tag="codes"):
    """The code objects of the Python files that differ, by file and place in it, "" for the module's own."""

    files: dict[str, dict[str, CodeFacts]]


class BenchmarkEnd(WorkerEvent, frozen=True, kw_only=True, tag="finished"):
    """A benchmark's teardown is done; the readings are those of the plan's mode, where it was measured.

    `params` are the numeric parameters of the test, and `extra_info` is what it declares of itself, unchecked. `notes`
    are for whoever reads its verdict. `further` counts the other benchmarks that the test called, each by a fixture of
    its own: a run of the test for itself measures it, as ``NODE_ID#2`` and so on.
    """

    node_id: str
    outcome: TestOutcome
    detail: str
    params: dict[str, object] = {}
    extra_info: dict[str, object] = {}
    notes: tuple[str, ...] = ()
    further: int = 0
    time: TimeReadings | None = None
    memory: MemoryReadings | None = None
    instructions: InstructionReadings | None = None
    reach: ReachReadings | None = None


class Callee(msgspec.Struct, frozen=True, array_like=True):
    """A function as called from another, and the seconds that those calls took."""

    function: str
    file: str
    line: int
    total: float


class FunctionTimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function by name, file and line: seconds in itself, with its callees, and these."""

    function: tuple[str, str, int]
    own: float
    total: float
    callees: tuple[Callee, ...] = ()


class BenchmarkProfile(WorkerEvent, frozen=True, kw_only=True, tag="profiled"):
    """A benchmark was called until its time was up: seconds under the marker, and CPU seconds of the main thread.

    `delay` are the seconds under the marker in which others had its core, `elapsed` those of the whole loop.
    `functions` are from cProfile; `stacks` from memray, the bytes that each held at the peak. `unrelated_threads`, by
    the system's numbers, ran before it was called and did nothing meanwhile, or as much without it; `timer` names the
    suite's own clock, where it has one.
    """

    node_id: str
    calls: int
    seconds: float
    cpu: float
    elapsed: float
    delay: float = 0.0
    unrelated_threads: tuple[int, ...] = ()
    timer: str = ""
    functions: tuple[FunctionTimes, ...] = ()
    stacks: tuple[tuple[tuple[tuple[str, str, int], ...], int], ...] = ()


class ProfileFailure(WorkerEvent, frozen=True, kw_only=True, tag="profile_failed"):
    """A benchmark raised after so many calls, before its time was up."""

    node_id: str
    calls: int


class SessionAbort(WorkerEvent, frozen=True, kw_only=True, tag="gave_up"):
    """pytest, a plugin of it or a test ends the session before its time."""

    why: str


class SessionEnd(WorkerEvent, frozen=True, kw_only=True, tag="ended"):
    """pytest's session is over."""

    exit_status: int


class Preload(WorkerEvent, frozen=True, kw_only=True, tag="preloaded"):
    """A pair's parent is ready to fork; `own` are the project's own modules that are loaded already."""

    own: tuple[str, ...]


class UnshareableModule(WorkerEvent, frozen=True, kw_only=True, tag="unshareable"):
    """A module that a pair's parent must not import before it forks."""

    module: str
    why: str


class ChildExit(WorkerEvent, frozen=True, kw_only=True, tag="child_ended"):
    """A pair's child ended; without a side its parent did, and nobody knows the `status`."""

    side: str
    status: int | None


class SideSuite(WorkerEvent, frozen=True, kw_only=True, tag="suite"):
    """The benchmarks that a side of a pair has; it waits for `SelectCommand`."""

    node_ids: tuple[str, ...]


class BenchmarkReady(WorkerEvent, frozen=True, kw_only=True, tag="ready"):
    """A child reached a benchmark and waits for commands; `once` where it may be called only once.

    `timer` names the suite's own clock, where it has one.
    """

    node_id: str
    once: bool
    timer: str = ""


class WarmUp(WorkerEvent, frozen=True, kw_only=True, tag="warm"):
    """Seconds of a call, and its `cost` with what sets it up; who else was at work.

    `parallel` where anything was; `lasting` where a child process outlives the calls, whose time nobody tells then.
    `left` is how often its author lets it be called yet; None where nobody says. The clocks are those of the last
    `calls`, as in `RoundTimes`: a pilot, by which it is chosen how to measure, and no result.
    """

    node_id: str
    seconds: float
    cost: float
    parallel: bool
    lasting: bool
    left: int | None = None
    calls: int = 1
    wall: int
    cpu: int
    delay: int | None
    switches: int | None


class BusyCores(WorkerEvent, frozen=True, kw_only=True, tag="busy"):
    """The cores that a benchmark's threads, and the processes that it waits for, keep busy."""

    node_id: str
    cores: float


class RoundTimes(WorkerEvent, frozen=True, kw_only=True, tag="round"):
    """The ns of a round: `delay` is the time ready to run while others ran, None where the system does not say.

    `wall` and `singles` are by the suite's own clock, in its seconds, where it has one.
    """

    node_id: str
    wall: int
    cpu: int
    delay: int | None
    switches: int | None
    parallel: bool
    singles: tuple[int, ...]


Event: TypeAlias = (
    StartFailure
    | EnvironmentDescription
    | SubjectDescription
    | OverriddenOption
    | CollectedBenchmark
    | CollectionFailure
    | SkippedFile
    | CodspeedOnlyTests
    | DeselectedBenchmarks
    | IgnoredFiles
    | AbsentBenchmarks
    | LoadedModules
    | WrongTreeModules
    | LoadedProject
    | BenchmarkStart
    | CompiledSources
    | SignOfLife
    | BenchmarkEnd
    | BenchmarkProfile
    | ProfileFailure
    | SessionAbort
    | SessionEnd
    | Preload
    | UnshareableModule
    | ChildExit
    | SideSuite
    | BenchmarkReady
    | WarmUp
    | BusyCores
    | RoundTimes
)

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def decode_event(line: bytes) -> Event:
    """Decode one line of a worker; raises `MeasureError` that names the field where it is not of the schema."""
    try:
        return _DECODER.decode(line)
    except ValueError:  # NaN, half of a surrogate pair, or no event at all
        return decode_json(
            line, cast("type[Event]", Event), where="an event of the benchmark process", error=MeasureError
        )


class NoisePair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds of the rounds of one pair of the same work, wall and processor time."""

    base_wall: tuple[float, ...]
    head_wall: tuple[float, ...]
    base_cpu: tuple[float, ...]
    head_cpu: tuple[float, ...]


class ReferenceReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``worker/reference_loop.py`` prints: the version of the loop, the Python, and the seconds of a turn."""

    loop: int
    python: str
    turns: tuple[float, ...]


class NoiseReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``worker/noise.py`` prints: the calls of a round, and all pairs."""

    calls: int
    pairs: tuple[NoisePair, ...]
