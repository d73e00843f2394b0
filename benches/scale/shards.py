"""Shards of a large suite as machines would leave them: ids, rounds and pairs from a fixed seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

from hivegate.flows.shard import Division
from hivegate.ingest import write_comparison, write_run
from hivegate.measure.shards import divide
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.run import Benchmark, Commit, Doubles, Environment, Run, Sample
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hivegate.model.shard import Shard
    from hivegate.model.targets import Targets

SEED = 20_26
PASSES = 5
ROUNDS = 24  # of a pass: the middle of what a run of this repository's own suite leaves
FAMILY = 5  # sizes of one benchmark
SUITE = 50  # benchmarks of one file
_LOOKS = (4, 4, 4, 6, 6, 8, 12, 16, 24, 48)  # pairs after which verdicts fall, as often as they do here
_HEAD = Commit(sha="a" * 40, branch="main")
_MACHINE = Environment(cpu="AMD EPYC 7763", cores=4, os="Linux 6.8", python="3.13.1", implementation="CPython")


def ids_of(count: int) -> list[str]:
    """Name so many benchmarks, fifty a file, each at five sizes."""
    return [
        f"suite_{number // SUITE}/bench_{number % SUITE // FAMILY}[{10 ** (number % FAMILY)}]"
        for number in range(count)
    ]


def contract(count: int) -> str:
    """Spell what must hold: a limit for all and one for each file, a growth and a ratio a file, a budget a file."""
    lines = ["schema: 1", "targets:", '  - {benchmark: "*", metric: p50, max: 1 s}']
    files = range(-(-count // SUITE))
    for file in files:
        lines += [
            f'  - {{benchmark: "suite_{file}/*", metric: mean, max: 100 ms, tier: should}}',
            f'  - {{benchmark: "suite_{file}/bench_0[*]", metric: complexity, max: 1.5}}',
            f'  - {{benchmark: "suite_{file}/bench_1[10]", relative_to: "suite_{file}/bench_1[1]", max: 200 %}}',
        ]
    lines += ["budgets:", '  - {benchmark: "*", budget: 2 %}']
    lines += [f'  - {{benchmark: "suite_{file}/*", budget: 3 %}}' for file in files if file % 4 == 0]
    return "\n".join(lines) + "\n"


def durations_of(ids: list[str]) -> dict[str, float]:
    """Tell seconds of a pair or pass: most alike, some much longer."""
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret
    return {name: 0.3 * chance.lognormvariate(0.0, 1.0) for name in ids}


def write_runs(folder: Path, count: int, parts: int) -> tuple[Path, ...]:
    """Write the shards of a run of so many benchmarks, as ``hivegate run --shard`` does."""
    ids, targets = ids_of(count), parse_targets(contract(count), "targets.yaml")
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret
    known = {name: _measured(name, chance) for name in ids}
    whole = Run(commit=_HEAD, environment=_MACHINE, created="2026-11-23T12:00:00+00:00")
    files = []
    for part, shard in _divided(ids, targets, parts):
        mine = tuple(known[name] for name in ids if name in part)
        others = tuple(name for name in ids if name not in part)
        run = msgspec.structs.replace(whole, benchmarks=mine, not_selected=others, shard=shard)
        files.append(folder / f"run-{shard.number}.json")
        files[-1].write_bytes(write_run(run))
    return tuple(files)


def write_comparisons(folder: Path, count: int, parts: int) -> tuple[Path, ...]:
    """Write the shards of a comparison of so many benchmarks, as ``hivegate compare --shard`` does."""
    ids, targets = ids_of(count), parse_targets(contract(count), "targets.yaml")
    chance = random.Random(SEED)  # noqa: S311  reproducible input, no secret
    known = {name: _compared(name, chance) for name in ids}
    files = []
    for part, shard in _divided(ids, targets, parts):
        mine = tuple(known[name] for name in ids if name in part)
        run = Comparison(
            base="main", base_sha="b" * 40, benchmarks=mine, shard=shard, commit=_HEAD, environment=_MACHINE
        )
        files.append(folder / f"compared-{shard.number}.json")
        files[-1].write_bytes(write_comparison(run))
    return tuple(files)


def _divided(ids: list[str], targets: Targets, parts: int) -> Iterator[tuple[frozenset[str], Shard]]:
    """Divide once what each machine would divide alike."""
    durations = durations_of(ids)
    _, first = Division(number=1, count=parts, durations=durations).part(ids, targets)
    for number, part in enumerate(divide(ids, parts, durations), start=1):
        yield part, msgspec.structs.replace(first, number=number)


def _measured(name: str, chance: random.Random) -> Benchmark:
    seconds = 1e-4 * chance.lognormvariate(0.0, 1.0)
    samples = tuple(
        Sample(
            pass_index=index,
            rounds=Doubles(chance.gauss(seconds, 0.02 * seconds) for _ in range(ROUNDS)),
            cpu=ROUNDS * seconds,
            wall=ROUNDS * seconds * 1.001,
            switches=0,
            reference=5.3e-8,
        )
        for index in range(PASSES)
    )
    size = float(name.partition("[")[2].removesuffix("]"))
    return Benchmark(id=name, node_id=_node_of(name), samples=samples, size=size, operations=size)


def _compared(name: str, chance: random.Random) -> BenchmarkComparison:
    pairs, spread = chance.choice(_LOOKS), 0.008
    ratios = tuple(chance.lognormvariate(0.0, spread) for _ in range(pairs))
    middle, reach = sum(ratios) / pairs, 5 * spread / pairs**0.5
    change = Change(
        ratio=middle,
        low=middle - reach,
        high=middle + reach,
        n=pairs,
        spread=spread,
        instrument="time",
        clock=Clock.CPU,
        base_value=1e-3,
        head_value=1e-3 * middle,
        ratios=ratios,
    )
    return BenchmarkComparison(id=name, node_id=_node_of(name), change=change, seconds=0.25 * pairs)


def _node_of(name: str) -> str:
    suite, _, benchmark = name.partition("/")
    return f"benches/{suite}.py::test_{benchmark}"
