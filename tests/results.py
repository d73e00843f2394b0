"""Results of a gate as reports show them, made by the real judge from runs made by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
from tests.measured import TODAY, benchmark, broken, gate, run, sample, target, targets

from hivegate.judge import judge_changes
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.metric import Dimension
from hivegate.model.pairs import PairTrouble
from hivegate.model.run import Benchmark, Commit, Environment, MemorySample, TestOutcome
from hivegate.model.targets import Limit, RuleKind, Waiver
from hivegate.report.bundle import Bundle, Place

if TYPE_CHECKING:
    from hivegate.model.run import Run
    from hivegate.model.targets import Target
    from hivegate.model.verdict import GateResult

_MACHINE = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux", python="3.11.7", implementation="CPython")
_STEADY = (1.0, 1.012, 0.991, 1.004, 0.997)
_NOISY = (1.0, 1.31, 0.84, 1.12, 0.93)

HOSTILE = (
    "s/\x1b[31mred\x1b]8;;http://evil\x07[bold]*x*|<b>`@me` #1\u202e\u2066gpj.exe\n\r\tz\u0301\u0301\u0301\u0301\x00[1]"
)


def _timed(name: str, seconds: float, spread: tuple[float, ...] = _STEADY, size: float | None = None) -> Benchmark:
    return benchmark(name, [seconds * one for one in spread], size=size, operations=10.0)


def _limited(selector: str, text: str, metric: str = "p50", line: int = 4, **fields: object) -> Target:
    made = target(selector, metric, **fields)
    limit = msgspec.structs.replace(made.limit, text=text)
    return msgspec.structs.replace(made, limit=limit, where=f"targets.yaml:{line}:5")


_GROWTH = _limited("hive_coordination/conflict_detection[*]", "max 1.15", "complexity", 16, maximum=1.15)
_LATENCY = _limited(
    "hive_coordination/consensus_latency[10]", "max 100 ms", maximum=0.1, tier="must", name="Consensus, ten packs"
)
_HASHED = _limited(
    "hive_coordination/conflict_detection[20]",
    "max 50 %",
    line=10,
    maximum=0.5,
    relative_to="hive_coordination/conflict_detection_pairwise[20]",
    dimension=Dimension.RATIO,
    tier="should",
)
_DETECTION = (
    *(_timed(f"hive_coordination/conflict_detection[{size}]", 2e-6 * size, size=float(size)) for size in (5, 10, 20)),
    _timed("hive_coordination/conflict_detection_pairwise[20]", 9e-4),
)


def _run(*benchmarks: Benchmark) -> Run:
    return run(*benchmarks, environment=_MACHINE, commit=Commit(sha="0123456789abcdef", branch="main"))


def green() -> GateResult:
    """Pass with room to spare."""
    peak = (MemorySample(peak=3_200_000), MemorySample(peak=3_200_000))
    merging = msgspec.structs.replace(_timed("swarm_primitives/proposal_merging[20]", 3e-5), memory=peak)
    memory = _limited(merging.id, "max 8 MiB", "peak_memory", 22, maximum=8 * 2.0**20)
    measured = _run(
        _timed(_LATENCY.benchmark, 0.0412), *_DETECTION, merging, _timed("swarm_primitives/snapshot_commit", 2e-6)
    )
    return gate(targets(_LATENCY, _HASHED, _GROWTH, memory), measured, looks=6)


def red() -> GateResult:
    """Fail a must and a should, with a crash, a rename, round means, a waiver and what passed beside it."""
    long = "integrated/end_to_end/TestVocabularies.artifact_conversion_of_schema_org[rdf-xml-to-json-ld-1000-triples]"
    wanted = targets(
        _LATENCY,
        _HASHED,
        _GROWTH,
        _limited(long, "max 1 ms and min 10 us", line=20, maximum=1e-3, minimum=1e-5),
        _limited("hive_coordination/votes", "max 5 ms", "p99", 24, maximum=5e-3),
        _limited("hive_coordination/quorum", "max 2 ms", line=28, maximum=2e-3),
        _limited("swarm_primitives/snapshot_read", "max 1 us", line=32, maximum=1e-6),
        _limited("swarm_primitives/priority", "max 20 us", line=36, maximum=2e-5),
        waivers=(
            Waiver(
                benchmark="swarm_primitives/priority",
                kind=RuleKind.TARGET,
                reason="keeps ties in order since 0.3",
                owner="@performance-team",
                expires=TODAY + dt.timedelta(days=9),
                limit=0.12,
                where="targets.yaml:41:5",
            ),
        ),
    )
    detection = tuple(
        msgspec.structs.replace(one, samples=_timed(one.id, 6e-4).samples) if one.id.endswith("detection[20]") else one
        for one in _DETECTION
    )
    return gate(
        wanted,
        _run(
            _timed(_LATENCY.benchmark, 0.1231),
            *detection,
            _timed(long, 2.4e-3),
            _timed("hive_coordination/votes", 1e-3),
            broken("hive_coordination/quorum", TestOutcome.FAILED, "assert 3 == 4"),
            _timed("swarm_primitives/snapshot_reads", 5e-7),
            _timed("swarm_primitives/priority", 2.1e-5),
        ),
        looks=6,
    )


def needing_more() -> GateResult:
    """Judge nothing: noise across one limit, others on the processor for another."""
    samples = tuple(
        sample(one * 0.12, index, cpu=0.7 - index / 20, wall=1.0, switches=0) for index, one in enumerate(_STEADY)
    )
    busy = Benchmark(id="hive_coordination/dispatch", node_id="d", samples=samples)
    limit = Limit(maximum=0.1, dimension=Dimension.SECONDS, text="max 100 ms")
    slow = msgspec.structs.replace(_limited(busy.id, "max 100 ms", line=12, maximum=0.1), limit=limit)
    return gate(targets(_LATENCY, slow), _run(_timed(_LATENCY.benchmark, 0.097, _NOISY), busy), looks=6)


def compared(name: str, ratio: float, half: float = 0.005, **fields: object) -> BenchmarkComparison:
    """Make a compared benchmark whose interval reaches `half` to either side."""
    change = Change(
        ratio=ratio,
        low=ratio - half,
        high=ratio + half,
        n=6,
        spread=0.004,
        instrument="time",
        clock=Clock.CPU,
        base_value=1e-3,
        head_value=1e-3 * ratio,
    )
    return BenchmarkComparison(**{"id": name, "node_id": name, "change": change, "confirmed": True, **fields})  # type: ignore[arg-type]


def changed() -> GateResult:
    """Compare: slower by little and by much, inconclusive, faster, equal, and new."""
    long = "integrated/end_to_end/TestVocabularies.artifact_conversion_of_schema_org[rdf-xml-to-json-ld-1000-triples]"
    new = BenchmarkComparison(
        id="swarm/new", node_id="benches/bench_swarm.py::test_new", in_base=False, trouble=PairTrouble(base="no")
    )
    benchmarks = (
        compared("swarm_primitives/snapshot_reads[100]", 1.001),
        compared("swarm_primitives/snapshot_reads[1000]", 0.998),
        compared("hive_coordination/consensus_latency[10]", 0.8),
        compared("swarm_primitives/priority_scheduling[500]", 1.02, 0.1),
        compared("hive_coordination/conflict_detection[20]", 1.1),
        compared(long, 1.5),
        new,
    )
    found = Comparison(base="main, 1234567", benchmarks=benchmarks, environment=_MACHINE)
    return judge_changes(targets(), found, today=TODAY)


def example() -> Bundle:
    """Fail one target and one budget, with a cause: what the reference of reports shows."""
    targeted = gate(targets(_LATENCY, _GROWTH), _run(_timed(_LATENCY.benchmark, 0.1231), *_DETECTION[:3]), looks=3)
    run = Comparison(
        base="main, 1234567",
        benchmarks=(
            compared("hive_coordination/conflict_detection[20]", 1.1),
            compared("swarm_primitives/snapshot_reads[100]", 1.001),
        ),
        environment=_MACHINE,
    )
    changes = judge_changes(targets(), run, today=TODAY)
    cause = (
        "+93.0 us a call in find_conflicts at src/hive/conflicts.py:41 (812 us -> 905 us, +/- 4 us): for rule in rules:"
    )
    slower, *others = changes.verdicts
    changes = msgspec.structs.replace(changes, verdicts=(msgspec.structs.replace(slower, causes=(cause,)), *others))
    return Bundle(
        results=(targeted, changes),
        artifacts="https://github.com/OWNER/PROJECT/actions/runs/1",
        places={slower.node_id or "": Place(file="benches/bench_hive_coordination.py", line=41)},
    )


def hostile() -> GateResult:
    """Fail, miss and pass benchmarks whose names and details try to be more than text."""
    crashed = broken("plain", TestOutcome.FAILED, HOSTILE)
    named = _limited(HOSTILE, "max 1 us", maximum=1e-6, name=HOSTILE)
    fields = {"cpu": HOSTILE, "cores": 2, "python": HOSTILE}
    measured = run(_timed(HOSTILE, 1.0), crashed, environment=Environment(**fields), notes=(HOSTILE,))  # type: ignore[arg-type]
    return gate(targets(named, _limited("plain", "max 1 us", maximum=1e-6)), measured)
