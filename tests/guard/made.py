"""Comparisons, runs and histories that no measurement shows on demand, made by hand and from seeds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.guard.projects import budgets, targets

if TYPE_CHECKING:
    from collections.abc import Callable

Document: TypeAlias = dict[str, Any]


def a_pass(index: int, rounds: list[float], **more: Any) -> Document:  # noqa: ANN401  JSON values
    """Make what one pass measured."""
    return {
        "pass": index,
        "outcome": "measured",
        "rounds": rounds,
        "calls": 10,
        "single_calls": [],
        "throughput": None,
        "cpu": None,
        "wall": None,
        "switches": None,
        "calibration": None,
        "metrics": {},
        **more,
    }


def a_benchmark(name: str, passes: list[Document], **more: Any) -> Document:  # noqa: ANN401  JSON values
    """Make a benchmark of its passes."""
    plain: Document = {
        "operations": None,
        "size": None,
        "parallelism": None,
        "better": {},
        "memory": [],
        "instructions": [],
    }
    return {"id": name, **plain, "passes": passes, **more}


def a_run(*benchmarks: Document, **more: Any) -> Document:  # noqa: ANN401  JSON values
    """Make a run on a machine of four cores."""
    return {"cores": 4, "not_selected": [], "benchmarks": list(benchmarks), **more}


def _spread(name: str, middle: float, spread: float, passes: int, **more: Any) -> Document:  # noqa: ANN401
    chance = random.Random(name)  # noqa: S311  no secret
    return a_benchmark(
        name,
        [
            a_pass(index, [middle * chance.lognormvariate(0, spread) for _ in range(5)], **more)
            for index in range(passes)
        ],
    )


def _crowded(name: str, shares: list[float], *, switches: int = 2) -> Document:
    chance = random.Random(name)  # noqa: S311  no secret
    return a_benchmark(
        name,
        [
            a_pass(index, [1e-3 / share * chance.lognormvariate(0, 0.01)] * 5, cpu=share, wall=1.0, switches=switches)
            for index, share in enumerate(shares)
        ],
    )


def _counted(name: str, *readings: float | None) -> Document:
    counted = [
        {"outcome": "timed out" if one is None else "measured", "instructions": one, "waits": False} for one in readings
    ]
    return a_benchmark(name, [a_pass(0, [1e-3])], instructions=counted)


def _read(base: list[int], head: list[int], counted: list[float]) -> Document:
    """Make exact readings: peaks, a hundredth of them as allocations, and instructions of base and of head."""
    memory = {"base_peak": base, "head_peak": head}
    memory |= {f"{side}_allocations": [one // 100 for one in memory[f"{side}_peak"]] for side in ("base", "head")}
    instructions = {"base": counted[:1] * 2, "head": counted[1:] * 2}
    return {"memory": memory, "instructions": instructions}


_ALL = "targets: [{benchmark: '*', metric: METRIC, max: LIMIT}]\n"


def _for_all(metric: str, limit: str, more: str = "", **given: Any) -> Document:  # noqa: ANN401  JSON values
    return targets(more + _ALL.replace("METRIC", metric).replace("LIMIT", limit), **given)


RUNS: dict[str, tuple[Document, dict[str, Document]]] = {
    "crowded": (
        a_run(
            _crowded("a/calm", [0.99, 1.0, 0.98, 1.0, 0.99]),
            _crowded("a/some", [0.99, 0.6, 0.98, 0.55, 0.99]),
            _crowded("a/all", [0.5, 0.6, 0.55, 0.62, 0.58]),
            _crowded("a/waits", [0.5, 0.6, 0.55, 0.62, 0.58], switches=500),
        ),
        {
            "above": _for_all("p50", "800 us"),
            "between": _for_all("p50", "1200 us"),
            "below": _for_all("p50", "5 ms"),
            "processor time": _for_all("cpu_time", "1200 us"),
            "inconclusive fails": _for_all("p50", "1200 us", "inconclusive: fail\n"),
        },
    ),
    "one-pass": (
        a_run(_spread("a/steady", 1e-3, 0.001, 1), _spread("a/noisy", 1e-3, 0.4, 1)),
        {
            "above": _for_all("mean", "500 us"),
            "near": _for_all("mean", "1100 us"),
            "below": _for_all("mean", "5 ms"),
            "assumed 50 %": _for_all("mean", "1300 us", "assumed_spread: 50 %\n"),
            "cv": _for_all("cv", "20 %"),
        },
    ),
    "few-passes": (
        a_run(_spread("a/two", 1e-3, 0.05, 2), _spread("a/three", 1e-3, 0.05, 3), _spread("a/nine", 1e-3, 0.3, 9)),
        {
            "near": _for_all("p50", "1100 us"),
            "confidence 90 %": _for_all("p50", "1100 us", "confidence: 90 %\n"),
            "confidence 99.9 %": _for_all("p50", "1100 us", "confidence: 99.9 %\n"),
            "two waivers": targets(
                "targets: [{benchmark: '*', max: 500 us}]\nwaivers:\n"
                "  - {benchmark: '*', kind: target, limit: 10 %, reason: some, owner: me, expires: 2999-01-01}\n"
                "  - {benchmark: a/t*, kind: target, limit: 200 %, reason: more, owner: me, expires: 2999-01-01}\n"
                "  - {benchmark: a/three, kind: target, reason: any, owner: me, expires: 2999-01-01}\n"
            ),
            "waivers below": targets(
                "targets: [{benchmark: '*', metric: throughput, min: 2000 op/s}]\nwaivers:\n"
                "  - {benchmark: a/two, kind: target, limit: 70 %, reason: some, owner: me, expires: 2999-01-01}\n"
                "  - {benchmark: a/three, kind: target, limit: 10 %, reason: some, owner: me, expires: 2999-01-01}\n"
                "  - {benchmark: a/nine, kind: target, limit: 50 %, reason: some, owner: me, expires: 2999-01-01}\n"
            ),
            "own tiers": targets(
                "tiers: {hard: fail, soft: note}\n"
                "targets: [{benchmark: '*', max: 1 us}, {benchmark: a/two, max: 1 us, tier: soft}]\n"
            ),
        },
    ),
    "summaries": (
        a_run(
            a_benchmark(
                "a/summed",
                [a_pass(0, [], summary={"mean": 1e-3, "median": 9e-4, "min": 8e-4, "max": 2e-3, "stddev": 1e-4})],
            ),
            a_benchmark("a/median_only", [a_pass(0, [], summary={"median": 9e-4})]),
            a_benchmark("a/throughput_only", [a_pass(0, [], throughput=1200.0)], operations=10.0),
        ),
        {
            metric: _for_all(metric, limit)
            for metric, limit in (
                ("mean", "2 ms"),
                ("median", "2 ms"),
                ("p50", "2 ms"),
                ("max", "1 ms"),
                ("p90", "2 ms"),
                ("cv", "20 %"),
                ("cpu_time", "1 s"),
            )
        }
        | {"throughput": targets("targets: [{benchmark: '*', metric: throughput, min: 1000 op/s}]\n")},
    ),
    "numbers-that-are-none": (
        a_run(
            a_benchmark("a/zero", [a_pass(index, [0.0, 0.0]) for index in range(3)]),
            a_benchmark("a/some_zero", [a_pass(index, [0.0, 1e-6, 1e-6]) for index in range(3)]),
            a_benchmark("a/negative", [a_pass(index, [1e-3], metrics={"change": -2.0}) for index in range(3)]),
            a_benchmark("a/twice", [a_pass(0, [1e-3]), a_pass(0, [1e-3])]),
            a_benchmark("a/never", []),
            a_benchmark("a/huge", [a_pass(index, [1e300, 1.5e308]) for index in range(3)]),
            a_benchmark("a/one_bad_pass", [a_pass(0, [1e-3]), a_pass(1, [], outcome="timed out"), a_pass(2, [1e-3])]),
        ),
        {
            "p50": _for_all("p50", "1 s"),
            "min": _for_all("min", "1 s"),
            "cv": _for_all("cv", "100 %"),
            "throughput": targets("targets: [{benchmark: '*', metric: throughput, min: 1 op/s}]\n"),
            "change": _for_all("change", "0"),
            "allocations": _for_all("allocations", "10"),
            "ratio": targets("targets: [{benchmark: 'a/*', relative_to: a/some_zero, max: 2}]\n"),
            "calibration": targets("targets: [{benchmark: 'a/*', relative_to: calibration, max: 2}]\n"),
        },
    ),
    "instructions": (
        a_run(
            _counted("a/equal", 1000.0, 1000.0),
            _counted("a/unequal", 990.0, 1015.0),
            _counted("a/one", 1000.0),
            _counted("a/none"),
            _counted("a/lost", 1000.0, None),
        ),
        {
            "near": _for_all("instructions", "1000"),
            "below": _for_all("instructions", "1020"),
            "ratio": targets(
                "targets: [{benchmark: 'a/*', metric: instructions, relative_to: a/equal, between: [99 %, 101 %]}]\n"
            ),
        },
    ),
    "creeps": (
        a_run(
            *(_spread(name, 1e-3, 0.01, 3) for name in ("a/crept", "a/stayed", "a/open", "a/young", "a/unknown")),
            creeps={
                "a/crept": {"ratio": 1.2, "low": 1.15, "high": 1.25},
                "a/stayed": {"ratio": 1.01, "low": 0.99, "high": 1.03},
                "a/open": {"ratio": 1.06, "low": 1.02, "high": 1.12},
                "a/young": None,
            },
        ),
        {
            "must": targets("targets: [{benchmark: 'a/*', metric: creep, max: 5 %}]\n"),
            "should": targets(
                "targets: [{benchmark: 'a/*', metric: creep, max: 5 %, tier: should, inconclusive: fail}]\n"
            ),
        },
    ),
    "no-history": (
        a_run(_spread("a/crept", 1e-3, 0.01, 3)),
        {"must": targets("targets: [{benchmark: 'a/*', metric: creep, max: 5 %}]\n")},
    ),
}


def _series(name: str, levels: list[tuple[int, float]], *, spread: float = 0.01, **more: Any) -> Document:  # noqa: ANN401
    chance = random.Random(name)  # noqa: S311  no secret
    values = [level * chance.lognormvariate(0, spread) for runs, level in levels for _ in range(runs)]
    plain = {"benchmark": name, "environment": "machine", "metric": "mean", "higher_is_better": False, "witness": False}
    return {**plain, "values": values, **more}


def _crept(name: str, runs: int, share: float, **more: Any) -> Document:  # noqa: ANN401  JSON values
    return _series(name, [(1, 1e-3 * (1 + share * run)) for run in range(runs)], **more)


def a_pair(chance: random.Random, *, ratio: float, calls: int = 10, **more: Any) -> Document:  # noqa: ANN401
    """Make one pair of eight rounds a side, whose head is so many times as slow; `more` replaces what it holds."""
    base = [1e-3 * chance.lognormvariate(0, 0.004) for _ in range(8)]
    head = [one * ratio * chance.lognormvariate(0, 0.004) for one in base]
    plain: Document = {
        "calls": calls,
        "switches": 0,
        "parallel": False,
        "in_turn": False,
        "base_singles": [],
        "head_singles": [],
    }
    for side, times in (("base", base), ("head", head)):
        plain |= {f"{side}_wall": times, f"{side}_cpu": [0.999 * one for one in times], f"{side}_delay": None}
    return {**plain, **more}


def _pairs(name: str, ratios: list[float], shape: Callable[[Document, int], Document]) -> Document:
    """Make a benchmark of 48 pairs, whose ratios are repeated in their order, and eight that confirm."""
    chance = random.Random(name)  # noqa: S311  no secret
    pairs = [
        shape(a_pair(chance, ratio=ratios[number % len(ratios)] * chance.lognormvariate(0, 0.003)), number)
        for number in range(56)
    ]
    plain: Document = {"in_base": True, "in_head": True, "trouble": None, "memory": {}, "instructions": {}}
    neat = [{key: _neat(value) for key, value in one.items()} for one in pairs]
    return {"id": name, **plain, "pairs": neat[:48], "confirming": neat[48:]}


def _neat(value: object) -> object:
    return [round(one, 9) for one in value] if isinstance(value, list) else value


def _as_it_is(pair: Document, _number: int) -> Document:
    return pair


def _delayed(pair: Document, number: int) -> Document:
    """Have it wait for a third of its time, and others take the core from either side now and then."""
    found = {**pair, "switches": 400}
    for side in ("base", "head"):
        times = pair[f"{side}_wall"]
        lost = [4e-4 if (number + index) % 3 == 0 else 0.0 for index in range(len(times))]
        found |= {
            f"{side}_wall": [one + more for one, more in zip(times, lost, strict=True)],
            f"{side}_cpu": [0.66 * one for one in times],
            f"{side}_delay": lost,
        }
    return found


def _busy_though_switched(pair: Document, number: int) -> Document:
    """Have the kernel count switches, and the scheduler tell that nothing waited."""
    return {**_delayed(pair, number), "base_cpu": pair["base_wall"], "head_cpu": pair["head_wall"]}


def _mostly_in_turn(pair: Document, number: int) -> Document:
    """Have one pair in six whose threads ran wherever there was room, and another result."""
    free = number % 6 == 1
    walls = {"head_wall": [3 * one for one in pair["head_wall"]]} if free else {}
    return {**pair, "parallel": True, "in_turn": not free, "switches": 900, **walls}


def _rarely_in_turn(pair: Document, number: int) -> Document:
    return {**_mostly_in_turn(pair, number), "in_turn": number % 6 == 1}


def _idle_in_turn(pair: Document, number: int) -> Document:
    """Have threads take turns that run for nine tenths of the time."""
    idle = {f"{side}_cpu": [0.9 * one for one in pair[f"{side}_wall"]] for side in ("base", "head")}
    return {**pair, "parallel": True, "in_turn": True, "switches": 900 + number, **idle}


def _strays(pair: Document, number: int) -> Document:
    """Have one switch of the kernel's in a hundred calls and more."""
    return {**pair, "switches": 1 + number % 2}


def _stands(pair: Document, _number: int) -> Document:
    """Have the clock of the processor stand still in a round."""
    return {**pair, "head_cpu": [0.0, *pair["head_cpu"][1:]]}


_BUDGETS = {
    f"{budget}, {metric}": budgets(f"  - {{benchmark: '*', budget: {budget}, metric: {metric}}}\n")
    for budget, metric in (("1 %", "mean"), ("2 %", "mean"), ("3 %", "median"), ("5 %", "p50"), ("10 %", "mean"))
}

COMPARISONS: dict[str, tuple[Document, dict[str, Document]]] = {
    "clocks": (
        {
            "benchmarks": [
                _pairs("a/busy", [1.03], _as_it_is),
                _pairs("a/delayed", [1.03], _delayed),
                _pairs("a/switched", [1.03], _busy_though_switched),
                _pairs("a/mostly_in_turn", [1.03], _mostly_in_turn),
                _pairs("a/rarely_in_turn", [1.03], _rarely_in_turn),
                _pairs("a/idle_in_turn", [1.03], _idle_in_turn),
                _pairs("a/strays", [1.03], _strays),
                _pairs("a/stands", [1.03], _stands),
            ],
            "not_selected": [],
        },
        _BUDGETS,
    ),
    "odd-pairs": (
        {
            "benchmarks": [
                _pairs("a/one_in_eight", [1.0, 1.0, 1.0, 1.17, 1.0, 1.0, 1.0, 1.0], _as_it_is),
                _pairs("a/one_in_four", [1.02, 1.02, 1.3, 1.02], _as_it_is),
                _pairs("a/two_ways", [0.97, 1.05], _as_it_is),
                _pairs("a/slowly_open", [1.018], _as_it_is),
                _pairs("a/just_within", [1.012], _as_it_is),
                _pairs("a/faster", [0.97], _as_it_is),
                _pairs("a/skewed", [1.0, 1.0, 1.0, 1.02, 1.06], _as_it_is),
            ],
            "not_selected": ["a/other"],
        },
        {**_BUDGETS, "six pairs": budgets(over=6), "a budget for all": budgets(budget=0.015)},
    ),
    "exact-readings": (
        {
            "benchmarks": [
                {**_pairs(name, [1.0], _as_it_is), **readings}
                for name, readings in {
                    "a/equal": _read([100_000, 100_000], [100_000, 100_000], [1000.0, 1000.0]),
                    "a/more": _read([100_000, 100_400], [112_000, 112_500], [1000.0, 1031.0]),
                    "a/across": _read([100_000, 104_000], [108_000, 115_000], [1000.0, 1020.0]),
                    "a/less": _read([100_000, 100_000], [80_000, 80_010], [1000.0, 900.0]),
                    "a/small": _read([900, 900], [4000, 4100], [10.0, 11.0]),
                    "a/none": _read([0, 0], [100, 100], []),
                }.items()
            ],
            "not_selected": [],
        },
        {
            "10 %": budgets(
                "  - {benchmark: '*', budget: none}\n  - {benchmark: '*', metric: peak_memory, budget: 10 %}\n"
                "  - {benchmark: '*', metric: allocations, budget: 3 %}\n"
                "  - {benchmark: 'a/*', metric: instructions, budget: 2 %}\n"
                "  - {benchmark: a/across, metric: instructions, budget: 1 %}\n"
            ),
            "with floors": budgets(
                "  - {benchmark: '*', metric: peak_memory, budget: 1 %, noise_floor: 13 kB}\n"
                "  - {benchmark: '*', metric: allocations, budget: 1 %, noise_floor: 200}\n"
            ),
            "instructions": budgets(instructions=True),
            "instructions, for all": budgets(
                "  - {benchmark: a/less, budget: none}\n  - {benchmark: a/more, budget: 4 %}\n",
                instructions=True,
                budget=0.025,
            ),
        },
    ),
    "what-cannot-be-compared": (
        {"benchmarks": [_pairs("a/busy", [1.03], _as_it_is)], "not_selected": []},
        {
            metric: budgets(f"  - {{benchmark: '*', budget: 5 %, metric: {metric}}}\n")
            for metric in ("min", "max", "cpu_time", "throughput")
        }
        | {
            "the last counts": budgets(
                "  - {benchmark: 'a/*', budget: 1 %}\n  - {benchmark: '*/busy', budget: 4 %}\n"
                "  - {benchmark: 'b/*', budget: 9 %}\n"
            ),
            "the plain one counts": budgets(
                "  - {benchmark: '*', budget: 1 %}\n  - {benchmark: 'a/*', budget: 2 %}\n"
                "  - {benchmark: a/busy, budget: 9 %}\n"
            ),
        },
    ),
}


def _closely(name: str) -> Document:
    """Make a history of close and small steps, of a machine that no other benchmark tells of."""
    chance = random.Random(f"levels of {name}")  # noqa: S311  no secret
    level, levels = 1e-3, []
    for _ in range(chance.randint(3, 7)):
        levels.append((chance.randint(5, 40), level))
        level *= 1 + chance.uniform(-0.08, 0.12)
    return _series(name, levels, spread=chance.choice([0.01, 0.03]), environment=name)


HISTORIES: dict[str, Document] = {
    "steps": {
        "confidence": 0.95,
        "series": [
            _series("a/still", [(60, 1e-3)]),
            _series("a/step", [(30, 1e-3), (30, 1.1e-3)]),
            _series("a/two_steps", [(25, 1e-3), (20, 1.05e-3), (25, 1.2e-3)]),
            _series("a/better", [(30, 1e-3), (30, 0.8e-3)]),
            _series("a/back", [(25, 1e-3), (15, 1.2e-3), (25, 1e-3)]),
            _series("a/spike", [(30, 1e-3), (1, 3e-3), (29, 1e-3)]),
            _series("a/short", [(5, 1e-3)]),
            _series("a/throughput", [(30, 1000.0), (30, 900.0)], metric="throughput", higher_is_better=True),
            _series("a/memory", [(20, 1e6), (20, 1.01e6)], metric="peak_memory", spread=0.0),
        ],
    },
    "creeping": {
        "confidence": 0.99,
        "series": [
            _crept("a/slowly", 80, 0.001),
            _crept("a/faster", 60, 0.004),
            _crept("a/noisy", 60, 0.004, spread=0.08),
            _crept("a/long", 300, 0.0005),
            _crept("a/better", 60, -0.003),
            _series("a/requests", [(30, 100.0), (30, 88.0)], metric="requests", higher_is_better=True),
            _series("a/young", [(12, 1e-3)]),
        ],
    },
    "machine": {
        "confidence": 0.95,
        "series": [
            *(_series(f"a/moved{number}", [(30, 1e-3), (30, 1.25e-3)]) for number in range(4)),
            _series("a/moved_and_stepped", [(30, 1e-3), (15, 1.25e-3), (15, 1.6e-3)]),
            _series("a/moved_more", [(30, 1e-3), (30, 1.7e-3)]),
            _series("a/elsewhere", [(60, 1e-3)], environment="another"),
            *(_series(f"a/witness{number}", [(30, 2e-3), (30, 2.5e-3)], witness=True) for number in range(4)),
        ],
    },
    # Chosen of 250 for where the cuts hang on which windows are looked through.
    "close-steps": {
        "confidence": 0.95,
        "series": [_closely(f"a/close{number}") for number in (2, 5, 16, 17, 20, 22, 33, 36, 37, 51, 64, 135, 199)],
    },
}
