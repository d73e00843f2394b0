"""The difference of two profiles."""

import random

from hivegate.profile.difference import shifts
from hivegate.profile.flame import Flame, Frame, Stack

ROOT = Frame("suite/one")


def sampled(seed: int, times: dict[str, float], samples: int = 1000) -> Flame:
    """Sample functions in the proportion of their seconds a call."""
    chosen = random.Random(seed).choices(list(times), weights=list(times.values()), k=samples)  # noqa: S311  a simulation
    stacks: dict[Stack, int] = {(ROOT, Frame(name, "work.py", 1)): chosen.count(name) for name in set(chosen)}
    return Flame(benchmark=ROOT.name, stacks=stacks, seen=samples, per_call=sum(times.values()))


def test_the_function_that_got_slower_is_named_and_no_other() -> None:
    """Shares of all others fall, yet their time did not change; only the culprit is named."""
    for seed in range(20):
        base = sampled(seed, {"sieve": 0.8, "count": 0.2})
        head = sampled(seed + 100, {"sieve": 0.8, "count": 0.9})
        found = shifts([base], [head])
        assert [one.function for one in found] == ["count"]
        assert abs(found[0].delta - 0.7) < 4 * found[0].error


def test_a_new_function_is_named() -> None:
    """What base never ran is movement too."""
    found = shifts([sampled(1, {"a": 1.0})], [sampled(2, {"a": 1.0, "fresh": 0.3})])
    assert [one.function for one in found] == ["fresh"]
    assert found[0].base == 0


def test_two_profiles_of_the_same_code_name_nobody() -> None:
    """Of 400 functions compared, at most a few in a thousand may seem to move."""
    times = {f"f{index}": 0.1 for index in range(10)}
    named = sum(len(shifts([sampled(seed, times)], [sampled(seed + 1000, times)])) for seed in range(40))
    assert named <= 2


def test_a_single_sample_proves_nothing() -> None:
    """A function that was seen once may just have been missed on the other side."""
    base = sampled(1, {"a": 1.0})
    head = Flame(
        benchmark=ROOT.name,
        stacks={(ROOT, Frame("a", "work.py", 1)): 999, (ROOT, Frame("b", "work.py", 1)): 1},
        seen=1000,
        per_call=1.0,
    )
    assert shifts([base], [head]) == ()
