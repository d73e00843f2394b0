"""The difference of two profiles."""

import random
import statistics

from hivegate.profile.difference import disagreement, shifts
from hivegate.profile.flame import Flame, Frame, Stack, merged

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


def moved(flame: Flame, function: str, file: str) -> Flame:
    """Give a function another file."""
    stacks = {
        (*stack[:-1], stack[-1]._replace(file=file) if stack[-1].name == function else stack[-1]): count
        for stack, count in flame.stacks.items()
    }
    return Flame(benchmark=flame.benchmark, stacks=stacks, seen=flame.seen, per_call=flame.per_call)


def test_a_function_that_moved_to_another_file_is_the_same() -> None:
    """It takes what it took, or more than that; where two could be meant, each is another one."""
    base = moved(sampled(1, {"a": 1.0, "b": 0.5}), "b", "old.py")
    assert shifts([base], [sampled(2, {"a": 1.0, "b": 0.5})]) == ()
    (found,) = shifts([base], [sampled(3, {"a": 1.0, "b": 0.9})])
    assert (found.file, found.before, found.function) == ("work.py", "old.py", "b")
    assert abs(found.delta - 0.4) < 4 * found.error
    (unnamed,) = shifts([moved(sampled(1, {"a": 1.0}), "a", "x.py")], [sampled(2, {"<lambda>": 1.0})])[1:]
    assert unnamed.before == ""


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


def in_clusters(seed: int, times: dict[str, float], size: int) -> Flame:
    """Sample as on a busy machine: each look is taken several times, because the process stood still."""
    looks = sampled(seed, times, samples=1000 // size)
    stacks = {stack: count * size for stack, count in looks.stacks.items()}
    return Flame(benchmark=ROOT.name, stacks=stacks, seen=1000, per_call=looks.per_call)


def test_recordings_that_differ_among_themselves_make_errors_larger() -> None:
    """Ten samples at each look are not ten looks: without that, equal revisions would seem to differ."""
    times = {f"f{index}": 0.1 for index in range(10)}
    named = trusting = 0
    for seed in range(40):
        base, head = ([in_clusters(1000 * side + 10 * seed + turn, times, 10) for turn in range(3)] for side in (1, 2))
        named += bool(shifts(base, head))
        trusting += bool(shifts([merged(base)], [merged(head)]))
    assert named <= 2
    assert trusting >= 20


def test_disagreement_is_one_for_samples_at_random_and_more_for_clusters() -> None:
    """It is the square root of how many samples stand for one look."""
    times = {f"f{index}": 0.1 for index in range(10)}
    calm = [disagreement([sampled(3 * n + k, times) for k in range(3)], [sampled(900 + n, times)]) for n in range(20)]
    busy = [disagreement([in_clusters(3 * n + k, times, 9) for k in range(3)], [sampled(1, times)]) for n in range(20)]
    assert statistics.median(calm) < 1.2
    assert 2.5 < statistics.median(busy) < 3.5


def test_an_uncertain_time_of_the_call_is_no_growth() -> None:
    """Where the gate itself is unsure by five percent, a function that takes all of the time did not surely grow."""
    base, head = sampled(1, {"a": 1.0, "b": 0.02}), sampled(2, {"a": 1.1, "b": 0.02})
    assert [one.function for one in shifts([base], [head])] == ["a"]
    assert shifts([base], [head], unsure=0.05) == ()
