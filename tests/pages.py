"""Results as pages show them: verdicts of every kind, made by the real judge from numbers with a seed."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import TYPE_CHECKING

import msgspec
from tests.measured import TODAY, benchmark, broken, gate, run, target, targets

from hivegate.judge import judge_changes
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.metric import Dimension
from hivegate.model.pairs import PairTrouble
from hivegate.model.profile import Cause, Increase, Profile, Profiles
from hivegate.model.run import Benchmark, Commit, Environment, MemorySample, TestOutcome
from hivegate.model.targets import RuleKind, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.run import Run
    from hivegate.model.targets import Target
    from hivegate.model.verdict import GateResult

_MACHINE = Environment(
    cpu="AMD EPYC 7763 64-Core Processor",
    cores=4,
    os="Linux 6.8.0-1021-azure",
    python="3.13.1",
    implementation="CPython",
    packages={"numpy": "2.4.6", "pytest": "9.2.0", "pytest-benchmark": "5.3.1"},
)
_COMMIT = Commit(sha="3f9c2a71d0b84e6f5a1c9d7e2b60814f3a5c7d9e", branch="queue-by-priority")
_CREATED = "2026-11-23T09:14:02+00:00"
_PASSES = 8
_SIZES = (10, 20, 50, 100)
SLOW = "hive_coordination/consensus_latency[100]"


def verdicts(number: int) -> GateResult:
    """Judge so many targets: families of four sizes with their growth, and a few of everything else in front."""
    chance = random.Random(8)  # noqa: S311  numbers to draw
    special, wanted = _special(chance)
    families = list(_families(chance, number))
    limits = [one for _, limits in families for one in limits][: number - len(wanted)]
    measured = _run(*special, *(one for members, _ in families for one in members))
    return gate(targets(*wanted, *limits, waivers=(_WAIVER,)), measured, looks=3)


_WAIVER = Waiver(
    benchmark="swarm_primitives/priority_order",
    kind=RuleKind.TARGET,
    reason="keeps ties in order since 0.3; the heap comes with #214",
    owner="@performance-team",
    expires=TODAY + dt.timedelta(days=40),
    limit=0.3,
    where="targets.yaml:41:5",
)


def _special(chance: random.Random) -> tuple[list[Benchmark], list[Target]]:
    """Make what fails, is noisy, crashed, renamed, waived, new, of memory, a rate and a ratio."""
    peak = tuple(MemorySample(peak=one) for one in (3_214_000, 3_215_400))
    made = [
        _timed(chance, SLOW, 0.1231, spread=0.02),
        _timed(chance, "hive_coordination/dispatch_under_load", 0.0097, spread=0.12),
        _timed(chance, "swarm_primitives/priority_order", 2.2e-5),
        _timed(chance, "swarm_primitives/snapshot_of_everything", 1e-5),
        msgspec.structs.replace(_timed(chance, "swarm_primitives/proposal_merging", 3e-5), memory=peak),
        _timed(chance, "integrated/throughput_of_votes", 4e-4),
        _timed(chance, "integrated/pairwise", 9e-4),
        _timed(chance, "integrated/hashed", 3.9e-4),
        broken("integrated/quorum", TestOutcome.FAILED, "assert 3 == 4"),
    ]
    wanted = [
        _limited(SLOW, "max 100 ms", maximum=0.1, name="Consensus of a hundred agents"),
        _limited("hive_coordination/dispatch_under_load", "max 10 ms", maximum=0.01, tier="should"),
        _limited("swarm_primitives/priority_order", "max 20 us", maximum=2e-5),
        _limited("swarm_primitives/proposal_merging", "max 8 MiB", "peak_memory", maximum=8 * 2.0**20, tier="nice"),
        _limited("integrated/throughput_of_votes", "min 20 kop/s", "throughput", minimum=2e4, tier="should"),
        _limited(
            "integrated/hashed",
            "max 50 %",
            maximum=0.5,
            relative_to="integrated/pairwise",
            dimension=Dimension.RATIO,
            name="Conflicts are found by hashing",
        ),
        _limited("integrated/quorum", "max 2 ms", maximum=2e-3),
        _limited("integrated/quorums", "max 2 ms", maximum=2e-3, tier="nice"),
    ]
    return made, wanted


def _families(chance: random.Random, number: int) -> Iterable[tuple[list[Benchmark], list[Target]]]:
    for index in range(-(-number // 5)):
        name = f"{('swarm_primitives', 'hive_coordination', 'integrated')[index % 3]}/family_{index:02}"
        power, base = chance.uniform(0.8, 1.3), 10 ** chance.uniform(-7, -4)
        seconds = {size: base * size**power for size in _SIZES}
        members = [_timed(chance, f"{name}[{size}]", seconds[size], size=float(size)) for size in _SIZES]
        limits = [
            _limited(one.id, f"max {limit * 1e6:.4g} us", maximum=limit, tier=chance.choice(("must", "should", "nice")))
            for one, limit in ((one, 10 ** chance.uniform(0.15, 1.2) * seconds[int(one.size or 1)]) for one in members)
        ]
        yield members, [*limits, _limited(f"{name}[*]", "max 1.5", "complexity", maximum=1.5)]


def changes(number: int) -> GateResult:
    """Judge so many changes: mostly equal, a few slower, faster, inconclusive, new and gone."""
    chance = random.Random(88)  # noqa: S311  numbers to draw
    ratios = [1.34, 1.09, 1.021, 0.82, *(chance.gauss(1, 0.003) for _ in range(number - 6))]
    found = [
        _compared(chance, f"integrated/scenario_{index:02}[{10 * (index + 1)}]", ratio, noisy=index == 2)
        for index, ratio in enumerate(ratios)
    ]
    new = BenchmarkComparison(
        id="integrated/arrival", node_id="t", in_base=False, trouble=PairTrouble(base="no such test")
    )
    gone = BenchmarkComparison(id="integrated/departure", node_id="t", in_head=False)
    compared = Comparison(base="main, 9c1d2e3", benchmarks=(*found, new, gone), commit=_COMMIT, environment=_MACHINE)
    return judge_changes(targets(), compared, today=TODAY)


def _compared(chance: random.Random, name: str, ratio: float, *, noisy: bool) -> BenchmarkComparison:
    spread = 0.03 if noisy else 0.004
    pairs = [math.exp(chance.gauss(math.log(ratio), spread)) for _ in range(12)]
    center = math.fsum(map(math.log, pairs)) / len(pairs)
    half = 4.4 * spread / math.sqrt(len(pairs))
    change = Change(
        ratio=math.exp(center),
        low=math.exp(center - half),
        high=math.exp(center + half),
        n=len(pairs),
        spread=spread,
        instrument="time",
        clock=Clock.CPU,
        base_value=1.3e-3,
        head_value=1.3e-3 * ratio,
        ratios=tuple(pairs),
    )
    return BenchmarkComparison(
        id=name, node_id=f"benches/bench_integrated.py::test_{name}", change=change, confirmed=True
    )


def profiles(*names: str) -> Profiles:
    """Make profiles with causes and files."""
    causes = (
        Cause(
            function="Queue.push",
            file="src/hive/queue.py",
            line=41,
            source="bisect.insort(self._items, item)",
            share=0.613,
            seconds_per_call=0.0755,
        ),
        Cause(function="Vote.weight", file="src/hive/votes.py", line=17, share=0.214, seconds_per_call=0.0263),
        Cause(function="sorted", file="", line=0, share=0.052, seconds_per_call=0.0064),
    )
    grown = Increase(
        function="Queue.push",
        file="src/hive/queue.py",
        line=41,
        source="bisect.insort(self._items, item)",
        base=0.0012,
        head=0.0755,
        error=0.0004,
    )
    return Profiles(
        folder="profiles",
        profiles=tuple(
            Profile(
                benchmark=name,
                kind="py-spy, 200 samples a second",
                files={"flame graph": "consensus-latency-100-1a2b3c4d/flame.html", "stacks": "c/stacks.txt"},
                samples=980,
                calls=41,
                seconds_per_call=0.1231,
                top=causes,
                compared=True,
                increases=(grown,),
            )
            for name in names
        ),
    )


def _timed(
    chance: random.Random, name: str, seconds: float, *, spread: float = 0.012, size: float | None = None
) -> Benchmark:
    passes = [seconds * math.exp(chance.gauss(0, spread)) for _ in range(_PASSES)]
    return benchmark(name, passes, size=size, operations=10.0)


def _limited(selector: str, text: str, metric: str = "p50", **fields: object) -> Target:
    made = target(selector, metric, **fields)
    return msgspec.structs.replace(made, limit=msgspec.structs.replace(made.limit, text=text))


def _run(*benchmarks: Benchmark) -> Run:
    return run(*benchmarks, environment=_MACHINE, commit=_COMMIT, created=_CREATED)
