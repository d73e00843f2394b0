"""The runs that are measured for the guard, and the targets that they are judged by."""

from __future__ import annotations

from tests.guard.projects import Measured, functions, targets

_TIERS = """targets:
  - {benchmark: 'toy/*', metric: mean, max: 1 s}
  - {benchmark: 'toy/*', metric: median, max: 1 ns, tier: should}
  - {benchmark: 'toy/*', metric: p50, max: 1 ns, tier: nice}
  - {benchmark: toy/spin, metric: min, min: 1 ns}
  - {benchmark: toy/spin, metric: max, max: 1 ns, tier: nice}
  - {benchmark: toy/spin, metric: cv, max: 500 %}
  - {benchmark: toy/spin, metric: throughput, min: 1 op/s}
  - {benchmark: toy/spin, metric: throughput, min: 10000000 op/s, tier: should}
  - {name: a range, benchmark: toy/spin, metric: mean, between: [1 ns, 1 s]}
  - {name: a range above, benchmark: toy/spin, metric: mean, between: [1 s, 2 s], tier: should}
"""
_PERCENTILES = """targets:
  - {benchmark: '*', metric: p90, max: 1 s}
  - {benchmark: '*', metric: p95, max: 1 ns, tier: should}
  - {benchmark: '*', metric: p99, max: 1 s}
"""


def rounds(call: str, number: int = 20, iterations: int = 10) -> str:
    """Write the call of a benchmark with so many rounds."""
    return f"benchmark.pedantic({call}, rounds={number}, iterations={iterations}, warmup_rounds=1)"


RUNS: dict[str, Measured] = {
    "rounds": Measured(
        functions(spin=rounds("toy.spin, args=(300,)"), sort=rounds("sorted, args=(list(range(300)),)")),
        {
            "tiers": targets(_TIERS),
            "should fails": targets("tiers: {must: fail, should: fail, nice: warn}\n" + _TIERS),
            "no targets": targets(""),
        },
    ),
    "single-calls": Measured(
        functions(spin=rounds("toy.spin, args=(300,)"), once=rounds("toy.spin, args=(300,)", number=600, iterations=1)),
        {"percentiles": targets(_PERCENTILES)},
    ),
    "memory": Measured(
        functions(array=rounds("bytearray, args=(1_000_000,)"), text=rounds("lambda: [str(n) for n in range(3000)]")),
        {
            "memory": targets(
                "targets:\n  - {benchmark: '*', metric: peak_memory, max: 900 kB}\n"
                "  - {benchmark: '*', metric: allocations, max: 2000}\n"
                "  - {benchmark: toy/text, metric: peak_memory, relative_to: toy/array, max: 50 %}\n"
            )
        },
    ),
    "processor-time": Measured(
        functions(
            sleeps=rounds("time.sleep, args=(0.002,)", iterations=1),
            works=rounds("toy.spin, args=(20_000,)", iterations=1),
        ),
        {
            "times": targets(
                "targets:\n  - {benchmark: '*', metric: cpu_time, max: 500 us}\n"
                "  - {benchmark: '*', metric: p50, max: 1500 us}\n"
            )
        },
    ),
    "troubles": Measured(
        """
def bench_raises(benchmark):
    benchmark(lambda: 1 / 0)

def bench_crashes(benchmark):
    os.kill(os.getpid(), signal.SIGSEGV)

def bench_never(benchmark):
    pass

def bench_skipped(benchmark):
    pytest.skip("not here")

def bench_late(benchmark):
    benchmark.pedantic(toy.spin, args=(300,), rounds=5)
    assert False

def bench_well(benchmark):
    benchmark.pedantic(toy.spin, args=(300,), rounds=5)
""",
        {
            "for all": targets("targets: [{benchmark: '*', max: 1 s}]\n"),
            "for none": targets("targets: [{benchmark: toy/well, max: 1 s}]\n"),
            "for another": targets(
                "targets: [{benchmark: toy/absent, max: 1 s}, {benchmark: 'other/*', max: 1 s, tier: nice}]\n"
            ),
        },
        passes=3,
    ),
    "a-hang": Measured(
        "def bench_hangs(benchmark):\n    benchmark(time.sleep, 60)\n"
        "def bench_well(benchmark):\n    benchmark.pedantic(toy.spin, args=(300,), rounds=5)\n",
        {"for all": targets("targets: [{benchmark: '*', max: 1 s}]\n")},
        passes=3,
        timeout=2.0,
    ),
    "own-metrics": Measured(
        """
def bench_serves(benchmark):
    requests, errors = {"value": 120.0, "better": "higher"}, {"value": 0.5, "better": "lower"}
    benchmark.extra_info["metrics"] = {"requests": requests, "errors": errors, "plain": 3}
    benchmark.pedantic(toy.spin, args=(300,), rounds=5)

def bench_varies(benchmark):
    benchmark.extra_info["metrics"] = {"requests": 100 + random.SystemRandom().random()}
    benchmark.pedantic(toy.spin, args=(300,), rounds=5)
""",
        {
            "metrics": targets(
                "targets:\n"
                "  - {benchmark: '*', metric: requests, min: 110}\n"
                "  - {benchmark: toy/serves, metric: errors, max: 1}\n"
                "  - {benchmark: toy/serves, metric: plain, between: [2, 4]}\n"
                "  - {benchmark: toy/varies, metric: errors, max: 1}\n"
                "  - {benchmark: toy/varies, metric: requests, relative_to: toy/serves, min: 50 %}\n"
            )
        },
    ),
    "growth": Measured(
        """
@pytest.mark.parametrize("size", [200, 400, 800, 1600])
def bench_linear(benchmark, size):
    benchmark.pedantic(toy.spin, args=(size,), rounds=10, iterations=20, warmup_rounds=1)

@pytest.mark.parametrize("size", [20, 40, 80])
def bench_square(benchmark, size):
    benchmark.extra_info["size"] = size
    benchmark.extra_info["operations"] = size
    benchmark.pedantic(lambda: [toy.spin(size) for _ in range(size)], rounds=10, warmup_rounds=1)

@pytest.mark.parametrize("kind", ["a", "b"])
def bench_kinds(benchmark, kind):
    benchmark.pedantic(toy.spin, args=(300,), rounds=5)
""",
        {
            "growth": targets(
                "targets:\n  - {benchmark: 'toy/linear[*]', metric: growth, max: 1.3}\n"
                "  - {benchmark: 'toy/square[*]', metric: growth, max: 1.5}\n"
                "  - {benchmark: 'toy/square[*]', metric: growth, max: 1.5, per: operation}\n"
                "  - {benchmark: 'toy/kinds[*]', metric: growth, max: 1.5, tier: should}\n"
                "  - {benchmark: 'toy/*', metric: growth, max: 3, tier: nice}\n"
            )
        },
    ),
    "ratios": Measured(
        """
@pytest.mark.parametrize("size", [300, 600])
@pytest.mark.parametrize("kind", ["fast", "slow"])
def bench_both(benchmark, kind, size):
    benchmark.pedantic(toy.spin, args=(size if kind == "fast" else 3 * size,), rounds=10, iterations=10)
""",
        {
            "ratios": targets(
                "targets:\n  - {benchmark: 'toy/both[slow-300]', relative_to: 'toy/both[fast-300]', max: 2}\n"
                "  - {benchmark: 'toy/both[*-600]', relative_to: 'toy/both[*-300]', max: 300 %}\n"
                "  - {benchmark: 'toy/both[fast-300]', relative_to: toy/absent, max: 2}\n"
                "  - {benchmark: 'toy/both[slow-300]', metric: throughput, min: 10 %, "
                "relative_to: 'toy/both[fast-300]'}\n"
                "  - {benchmark: 'toy/both[*]', relative_to: calibration, max: 100}\n"
                "  - {benchmark: 'toy/both[slow-*]', metric: mean, relative_to: calibration, max: 0.1, tier: should}\n"
            )
        },
    ),
    "per-operation": Measured(
        """
def bench_declares(benchmark):
    benchmark.extra_info["operations"] = 300
    benchmark.pedantic(toy.spin, args=(300,), rounds=10, iterations=10)

def bench_does_not(benchmark):
    benchmark.pedantic(toy.spin, args=(300,), rounds=10, iterations=10)
""",
        {
            "per operation": targets(
                "targets:\n"
                "  - {benchmark: '*', per: operation, max: 1 us}\n"
                "  - {benchmark: toy/declares, max: 1 us, tier: nice}\n"
                "  - {benchmark: toy/declares, metric: throughput, min: 1000 op/s}\n"
                "  - {benchmark: toy/does_not, metric: throughput, min: 100000000 op/s, tier: should}\n"
            )
        },
    ),
    "instructions": Measured(
        functions(spin=rounds("toy.spin, args=(300,)"), long=rounds("toy.spin, args=(3000,)")),
        {
            "instructions": targets(
                "targets:\n  - {benchmark: '*', metric: instructions, max: 30000}\n"
                "  - {benchmark: toy/long, metric: instructions, relative_to: toy/spin, max: 20}\n"
            )
        },
        passes=3,
        timeout=300.0,
    ),
    "waivers-and-cores": Measured(
        functions(spin=rounds("toy.spin, args=(300,)"), other=rounds("toy.spin, args=(300,)")),
        {
            "waived": targets(
                "targets:\n  - {benchmark: '*', max: 1 ns}\n  - {benchmark: toy/spin, max: 1 ns, min_cores: 4096}\n"
                "waivers:\n"
                "  - {benchmark: toy/spin, kind: target, reason: later, owner: '@team', expires: 2999-01-01}\n"
                "  - {benchmark: toy/other, kind: target, reason: later, owner: '@team', expires: 2020-01-01}\n"
            ),
            "waived in part": targets(
                "targets:\n  - {benchmark: '*', max: 1 ns}\n"
                "waivers:\n"
                "  - {benchmark: toy/spin, kind: target, limit: 10 %, reason: a bit, owner: me, expires: 2999-01-01}\n"
                "  - {benchmark: toy/other, kind: target, metric: mean, reason: no, owner: me, expires: 2999-01-01}\n"
            ),
        },
        passes=3,
    ),
    "a-part": Measured(
        functions(one=rounds("toy.spin, args=(300,)"), other=rounds("toy.spin, args=(300,)")),
        {
            "for all": targets(
                "targets: [{benchmark: toy/one, max: 1 s}, {benchmark: toy/other, max: 1 s}, "
                "{benchmark: '*', metric: mean, max: 1 s}]\n"
            )
        },
        passes=3,
        selectors=("toy/one",),
    ),
    "growing": Measured(
        functions(
            short=rounds("toy.spin, args=(100,)", number=5), file=rounds("lambda: open(os.devnull).close()", number=5)
        ),
        {
            "near the middle": targets("targets: [{benchmark: '*', max: MIDDLE us}]\n", after=[5, 10, 15]),
            "far": targets("targets: [{benchmark: '*', max: 1 s}]\n", after=[5, 10, 15]),
            "in three": targets("confidence: 95 %\ntargets: [{benchmark: '*', max: MIDDLE us}]\n", after=[3, 8, 12]),
        },
        passes=15,
    ),
}
