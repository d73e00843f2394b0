"""The comparisons that are measured for the guard, and the budgets that they are judged by."""

from __future__ import annotations

from tests.guard.projects import TOY, Comparison, budgets, every, functions, once, targets

_BY_BUDGET = {"default": budgets(), "1 %": every("1 %"), "2 %": every("2 %"), "5 %": every("5 %")}
_MEDIAN = every("3 %", ", metric: median")
_CALM = """
import os
BY = 1.0 if os.path.exists(os.environ["GUARD_CALM"]) else 1.4
"""
_WAIVERS = """waivers:
  - {benchmark: toy/waived, reason: validates now, owner: "@team", expires: 2999-01-01}
  - {benchmark: toy/expired, reason: validated then, owner: "@team", expires: 2020-01-01}
  - {benchmark: toy/limited, reason: a little, owner: "@team", expires: 2999-01-01, limit: 5 %}
  - {benchmark: toy/enough, reason: enough, owner: "@team", expires: 2999-01-01, limit: 400 %}
  - {benchmark: toy/other, reason: of another metric, owner: "@team", expires: 2999-01-01, metric: p90}
"""
_CHANGED = {name: once("toy.dosed, args=(20_000, 1.6)") for name in ("waived", "expired", "limited", "enough", "other")}
_MEMORY = """  - {benchmark: '*', budget: 10 %}
  - {benchmark: '*', metric: peak_memory, budget: 10 %}
  - {benchmark: '*', metric: allocations, budget: 10 %}
"""

COMPARISONS: dict[str, Comparison] = {
    "equal-short": Comparison(
        functions(spin="benchmark(toy.spin, 300)", read="benchmark(lambda: toy.HEAD)"),
        {**_BY_BUDGET, "median": _MEDIAN},
    ),
    "equal-once": Comparison(
        functions(
            one=once("toy.spin, args=(20_000,)"),
            two=once("toy.spin, args=(40_000,)"),
            sort=once("sorted, args=(list(range(50_000, 0, -1)),)"),
        ),
        {**_BY_BUDGET, "20 %": every("20 %"), "over after 4": budgets(over=4), "one pair": budgets(pairs=1, over=1)},
        most=48,
    ),
    "slower-by-1": Comparison(functions(work="benchmark(toy.dosed, 4000, 1.01)"), _BY_BUDGET),
    "slower-by-2": Comparison(
        functions(work="benchmark(toy.dosed, 4000, 1.02)", once=once("toy.dosed, args=(40_000, 1.02)")), _BY_BUDGET
    ),
    "slower-by-3": Comparison(
        functions(work="benchmark(toy.dosed, 4000, 1.03)", equal="benchmark(toy.spin, 4000)"),
        {**_BY_BUDGET, "median": _MEDIAN, "budget for all": budgets(budget=0.025)},
    ),
    "slower-by-3-long": Comparison(functions(work="benchmark(toy.dosed, 400_000, 1.03)"), _BY_BUDGET),
    "slower-by-10": Comparison(
        functions(work="benchmark(toy.dosed, 4000, 1.10)", once=once("toy.dosed, args=(40_000, 1.10)")),
        {**_BY_BUDGET, "over after 4": budgets(over=4), "inconclusive fails": targets("inconclusive: fail\n")},
    ),
    "faster": Comparison(
        functions(work="benchmark(toy.dosed, 4000, 0.9)", once=once("toy.dosed, args=(40_000, 0.5)")),
        {**_BY_BUDGET, "30 %": every("30 %")},
    ),
    "factors": Comparison(
        functions(slower=once("toy.dosed, args=(20_000, 8)"), faster=once("toy.dosed, args=(20_000, 1 / 8)")),
        {"default": budgets(), "wide": every("1000 %"), "wide for all": budgets(budget=10.0)},
    ),
    "waiting": Comparison(
        functions(
            equal="benchmark(time.sleep, 0.004)",
            longer="benchmark(time.sleep, 0.0044 if toy.HEAD else 0.004)",
        ),
        {**_BY_BUDGET, "20 %": every("20 %")},
    ),
    "waiting-and-working": Comparison(
        functions(
            mixed="benchmark(lambda: (time.sleep(0.002), toy.dosed(20_000, 1.2)))",
            once=once("lambda: (time.sleep(0.003), toy.dosed(20_000, 1.5))"),
        ),
        {**_BY_BUDGET, "median": _MEDIAN},
    ),
    "threads": Comparison(
        """
def together(function, *arguments):
    threads = [threading.Thread(target=function, args=arguments) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def bench_in_turn(benchmark):
    benchmark(together, toy.dosed, 10_000, 1.2)

def bench_at_once(benchmark):
    benchmark(together, time.sleep, 0.003)
""",
        {"default": budgets(), "10 %": every("10 %"), "50 %": every("50 %")},
    ),
    "declared-parallel": Comparison(
        """
def bench_parallel(benchmark):
    benchmark.extra_info["parallelism"] = 2
    benchmark(toy.dosed, 8000, 1.1)
""",
        {"default": budgets(), "20 %": every("20 %")},
    ),
    "memory": Comparison(
        functions(
            equal=once("bytearray, args=(1_000_000,)"),
            more=once("bytearray, args=(1_500_000 if toy.HEAD else 1_000_000,)"),
            few_bytes=once("bytearray, args=(1500 if toy.HEAD else 500,)"),
        ),
        {
            "memory": budgets(_MEMORY),
            "floor": budgets(_MEMORY.replace("peak_memory, budget", "peak_memory, noise_floor: 1 MB, budget")),
            "memory alone": budgets(
                "  - {benchmark: '*', budget: none}\n  - {benchmark: '*', metric: peak_memory, budget: 60 %}\n"
            ),
        },
        exact=("memory",),
    ),
    "memory-that-varies": Comparison(
        functions(
            random=once("lambda: bytearray(random.SystemRandom().randrange(900_000, 1_100_000))"),
            lists=once("lambda: [str(number) for number in range(20_000 if toy.HEAD else 10_000)]"),
        ),
        {
            "memory": budgets(_MEMORY),
            "wide": budgets(_MEMORY.replace("10 %", "150 %")),
            "waived": budgets(_MEMORY + _WAIVERS.replace("toy/waived", "toy/lists")),
        },
        exact=("memory",),
    ),
    "memory-that-fails": Comparison(
        """
def bench_fails(benchmark):
    benchmark.pedantic(lambda: 1 / 0 if toy.HEAD else bytearray(1000), rounds=1)

def bench_other(benchmark):
    benchmark.pedantic(bytearray, args=(10_000,), rounds=1)
    if toy.HEAD and tracemalloc.is_tracing():
        raise MemoryError("counted")
""",
        {"memory": budgets(_MEMORY.replace("10 %", "300 %"))},
        exact=("memory",),
    ),
    "instructions": Comparison(
        functions(equal=once("toy.spin, args=(20_000,)"), more=once("toy.dosed, args=(20_000, 1.03)")),
        {
            "default": budgets(instructions=True),
            "5 %": {**every("5 %"), "instructions": True},
            "budget for all": budgets(instructions=True, budget=0.04),
            "beside": budgets(
                "  - {benchmark: '*', budget: 40 %}\n  - {benchmark: '*', metric: instructions, budget: 1 %}\n"
            ),
        },
        exact=("instructions",),
    ),
    "missing-and-new": Comparison(
        functions(work=once("toy.spin, args=(20_000,)"), gone=once("toy.spin, args=(9,)")),
        {
            "wide": every("1000 %"),
            "not the gone": budgets("  - {benchmark: '*', budget: 1000 %}\n  - {benchmark: toy/gone, budget: none}\n"),
        },
        head={
            "benches/bench_toy.py": "import toy\n"
            + functions(
                work=once("toy.spin, args=(20_000,)"),
                after=once("toy.spin, args=(20_000,)"),
                new=once("toy.only_head, args=(9,)"),
            )
        },
    ),
    "failing": Comparison(
        """
def bench_on_base(benchmark):
    benchmark(lambda: 1 / toy.HEAD)

def bench_on_head(benchmark):
    benchmark(lambda: 1 / (not toy.HEAD))

def bench_on_both(benchmark):
    benchmark(lambda: 1 / 0)

def bench_lacks(benchmark):
    benchmark.pedantic(toy.only_head, args=(9,), rounds=1)

def bench_never(benchmark):
    pass

def bench_late(benchmark):
    assert benchmark.pedantic(toy.spin, args=(3,), rounds=1) == (4 if toy.HEAD else 3)

def bench_skipped(benchmark):
    pytest.skip("not here")

def bench_well(benchmark):
    benchmark.pedantic(toy.spin, args=(20_000,), rounds=1)
""",
        {
            "wide": every("1000 %"),
            "inconclusive fails": targets("inconclusive: fail\nregressions: [{benchmark: '*', budget: 1000 %}]\n"),
        },
    ),
    "crashing": Comparison(
        """
def bench_on_head(benchmark):
    benchmark(lambda: toy.HEAD and os.kill(os.getpid(), signal.SIGSEGV))

def bench_on_base(benchmark):
    benchmark(lambda: toy.HEAD or os.kill(os.getpid(), signal.SIGKILL))

def bench_well(benchmark):
    benchmark.pedantic(toy.spin, args=(20_000,), rounds=1)
""",
        {"wide": every("1000 %")},
    ),
    "base-lacks-a-module": Comparison(
        functions(work=once("toy.spin, args=(20_000,)")),
        {"wide": every("1000 %")},
        files={
            "benches/bench_other.py": "def bench_thing(benchmark): benchmark.pedantic(sum, args=((1, 2),), rounds=1)\n"
        },
        head={
            "fresh.py": "def work(): return 1\n",
            "benches/bench_other.py": "import fresh\n"
            "def bench_thing(benchmark): benchmark.pedantic(fresh.work, rounds=1)\n",
        },
    ),
    "base-that-does-not-import": Comparison(
        functions(work=once("toy.spin, args=(9,)")),
        {"wide": every("1000 %")},
        files={"toy.py": "raise ImportError('no such luck')\n"},
        head={"toy.py": TOY.format(head=True)},
    ),
    "percentiles": Comparison(
        functions(equal="benchmark(toy.spin, 2000)", slower="benchmark(toy.dosed, 2000, 1.15)"),
        {
            "p90": every("5 %", ", metric: p90"),
            "p99": every("20 %", ", metric: p99"),
            "p95 and mean": budgets(
                "  - {benchmark: '*', budget: 5 %, metric: p95}\n  - {benchmark: toy/slower, budget: 5 %}\n"
            ),
        },
        singles={"toy/equal": 500, "toy/slower": 500},
    ),
    "tails": Comparison(
        """
calls = itertools.count()

def sometimes():
    return toy.spin(8000 if toy.HEAD and next(calls) % 25 == 0 else 1000)

def bench_sometimes(benchmark):
    benchmark(sometimes)
""",
        {
            "p50": every("10 %", ", metric: p50"),
            "p90": every("10 %", ", metric: p90"),
            "p99": every("10 %", ", metric: p99"),
        },
        singles={"toy/sometimes": 500},
    ),
    "noise-floors": Comparison(
        functions(few="benchmark(toy.dosed, 10, 1.5)", many=once("toy.dosed, args=(40_000, 1.3)")),
        {
            "none": every("5 %"),
            "100 us": every("5 %", ", noise_floor: 100 us"),
            "100 ns": every("5 %", ", noise_floor: 100 ns"),
            "10 s": every("5 %", ", noise_floor: 10 s"),
        },
    ),
    "waivers": Comparison(
        functions(**_CHANGED),
        {
            "10 %": budgets("  - {benchmark: '*', budget: 10 %}\n" + _WAIVERS),
            "55 %": budgets("  - {benchmark: '*', budget: 55 %}\n" + _WAIVERS),
        },
    ),
    "not-confirmed": Comparison(
        functions(
            calms="benchmark.pedantic(toy.spin, args=(int(20_000 * calm.BY),), rounds=1)",
            stays=once("toy.dosed, args=(20_000, 1.4)"),
        ),
        {**_BY_BUDGET, "10 %": every("10 %"), "inconclusive fails": targets("inconclusive: fail\n")},
        files={"calm.py": "BY = 1.0\n"},
        head={"calm.py": _CALM},
        calms=True,
    ),
    "confirmed-in-part": Comparison(
        functions(calms="benchmark(lambda: toy.spin(int(4000 * calm.BY)))"),
        {**_BY_BUDGET, "20 %": every("20 %"), "median": _MEDIAN},
        files={"calm.py": "BY = 1.0\n"},
        head={"calm.py": _CALM.replace("1.0 if", "1.03 if").replace("1.4", "1.1")},
        calms=True,
    ),
    "with-setup": Comparison(
        """
def bench_sorting(benchmark):
    benchmark.pedantic(sorted, setup=lambda: (([3, 1, 2] * 2000,), {}), rounds=5)

def bench_building(benchmark):
    benchmark(lambda: [{"key": number} for number in range(2000 if not toy.HEAD else 2080)])
""",
        _BY_BUDGET,
    ),
    "files": Comparison(
        """
def bench_writing(benchmark, tmp_path):
    benchmark(lambda: (tmp_path / "file").write_bytes(b"x" * (120_000 if toy.HEAD else 100_000)))

def bench_json(benchmark):
    benchmark(json.dumps, list(range(1030 if toy.HEAD else 1000)))
""",
        _BY_BUDGET,
    ),
    "a-part": Comparison(
        functions(one=once("toy.dosed, args=(20_000, 3)"), other=once("toy.spin, args=(9,)")),
        {"default": budgets(), "wide": every("1000 %")},
        selectors=("toy/one",),
    ),
}
