"""Trimming, folding and scaling of stacks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.errors import ProfilerError
from hivegate.profile.artifacts import _hot_functions
from hivegate.profile.difference import scaled
from hivegate.profile.flame import MARKER, PROCESSES, THREADS, Flame, Frame, Sampled, Stack, fold, folded_text, hottest
from hivegate.profile.speedscope import read_speedscope, speedscope_text

PYTEST = Frame("pytest_runtest_call", "/venv/lib/python3.11/site-packages/_pytest/runner.py", 10)
WORKER = Frame("<module>", "/venv/lib/python3.11/site-packages/hivegate/worker/start.py", 30)
MARK = Frame(MARKER, "/venv/lib/python3.11/site-packages/hivegate/worker/profile.py", 120)
PROCESS = Frame('process 7:"python start.py"')
CHILD = Frame('process 8:"python start.py"')
BIRTH = Frame("BaseProcess._bootstrap", "/usr/lib/python3.11/multiprocessing/process.py", 314)
HOT = Frame("hot", "/project/work.py", 5)
BOOT = Frame("Thread._bootstrap", "/usr/lib/python3.11/threading.py", 1002)

frames = st.builds(Frame, st.sampled_from("abc"), st.sampled_from(["x.py", "y.py"]), st.integers(1, 3))
bodies = st.lists(frames, max_size=5).map(tuple)


def folded(*samples: Sampled) -> Flame:
    """Fold samples of one benchmark of two seconds a call."""
    return fold(samples, benchmark="suite/one", per_call=2.0, shorten=lambda path: path.rpartition("/")[2])


@pytest.mark.parametrize(
    ("stack", "trimmed"),
    [
        ((PROCESS, WORKER, PYTEST, MARK, HOT), ("suite/one", "hot")),
        ((WORKER, PYTEST, MARK), ("suite/one",)),
        ((PROCESS, WORKER, PYTEST), None),
        ((PROCESS, BOOT, HOT), (THREADS, "swarm", "Thread._bootstrap", "hot")),
        ((PROCESS, CHILD, WORKER, PYTEST, MARK, HOT, BIRTH, HOT), (PROCESSES, "hot")),
        ((PROCESS, CHILD, WORKER, PYTEST), None),
        ((PROCESS,), None),
        ((), None),
    ],
)
def test_every_stack_stands_under_the_root_it_belongs_to(stack: Stack, trimmed: tuple[str, ...] | None) -> None:
    """Below the marker it is the benchmark; pytest is dropped; threads and children have roots of their own."""
    flame = folded(Sampled(stack, "swarm_0"))
    assert [tuple(frame.name for frame in one) for one in flame.stacks] == ([] if trimmed is None else [trimmed])


def test_a_thread_that_is_not_the_benchmarks_is_left_out() -> None:
    """One that a plugin started waits in socket.accept, which py-spy takes for work; a pool at work stays."""
    samples = [Sampled((HOT,), f'{process}Thread {number} "x"') for process in ("", "Process 7 ") for number in (9, 90)]
    found = fold(samples, benchmark="suite/one", per_call=2.0, shorten=str, unrelated={9})
    assert found.seen == 2
    assert found.stacks == {(Frame(THREADS), Frame("x"), HOT): 2}


def test_shares_are_of_all_that_worked() -> None:
    """A pool that works beside the benchmark has its part of the whole, which is never exceeded."""
    pool = [Sampled((HOT,), "Thread 9 x")] * 3
    causes = _hot_functions(folded(Sampled((WORKER, MARK, HOT), "Thread 7"), *pool), "seconds")
    assert sum(cause.share for cause in causes) == pytest.approx(1)


def test_the_start_and_the_end_of_the_interpreter_are_no_other_thread() -> None:
    """They stand outside pytest on the thread that runs pytest later, and are dropped with it."""
    main, other = 'Process 7 Thread 7 ""', 'Process 7 Thread 9 "swarm-9"'
    flame = folded(
        Sampled((PROCESS, BOOT), main),
        Sampled((PROCESS, WORKER, PYTEST, MARK), main),
        Sampled((PROCESS, HOT), main),
        Sampled((PROCESS, HOT), other),
    )
    assert {tuple(frame.name for frame in one) for one in flame.stacks} == {
        ("suite/one",),
        (THREADS, "swarm", "hot"),
    }


def test_a_profile_of_hivegate_itself_begins_at_the_outer_marker() -> None:
    """A benchmark that runs a profile loop of its own is kept whole."""
    flame = folded(Sampled((WORKER, MARK, HOT, MARK, HOT), ""))
    assert [frame.name for frame in next(iter(flame.stacks))] == ["suite/one", "hot", MARKER, "hot"]


@given(st.lists(bodies, min_size=1, max_size=30))
def test_the_stacks_of_a_benchmark_add_up_to_its_time(found: list[Stack]) -> None:
    """However samples fall, what belongs to the benchmark sums to the seconds of a call, and nothing is lost."""
    flame = folded(*(Sampled((WORKER, MARK, *body), "") for body in found))
    assert flame.kept == flame.seen == len(found)
    assert sum(scaled(flame).values()) == pytest.approx(2.0)


@given(st.lists(bodies, min_size=1, max_size=30))
def test_own_samples_are_counted_once(found: list[Stack]) -> None:
    """Own samples sum to all; a function in its own stack twice is in it once; the hottest comes first."""
    flame = folded(*(Sampled((WORKER, MARK, *body), "") for body in found))
    hot = hottest(flame)
    assert sum(one.own for one in hot) == len(found)
    assert all(one.own <= one.total <= len(found) for one in hot)
    assert [one.own for one in hot] == sorted((one.own for one in hot), reverse=True)


@given(st.lists(bodies, min_size=1, max_size=30))
def test_folded_stacks_can_be_read_again(found: list[Stack]) -> None:
    """One stack a line, frames parted by semicolons, the count last."""
    flame = folded(*(Sampled((WORKER, MARK, *body), "") for body in found))
    lines = folded_text(flame, limit=10_000).splitlines()
    counts = [int(line.rpartition(" ")[2]) for line in lines]
    depths = sorted(len(line.split(";")) for line in lines)
    assert sum(counts) == len(found)
    assert depths == sorted(len(stack) for stack in flame.stacks)


def test_names_cannot_forge_a_folded_line() -> None:
    """Semicolons and newlines in a name are no syntax."""
    flame = folded(Sampled((MARK, Frame("a;b\nc 99\u2028d", "x.py", 1)), ""))
    assert folded_text(flame, limit=1000) == "suite/one;a b c 99 d (x.py:1) 1\n"


def test_folded_stacks_have_a_limit_that_the_rarest_pay() -> None:
    """The most frequent stack stays."""
    often, rarely = Sampled((MARK, HOT), ""), Sampled((MARK, BOOT), "")
    text = folded_text(folded(often, often, rarely), limit=40)
    assert re.fullmatch(r"suite/one;hot \(work.py:5\) 2\n", text)


@given(st.lists(bodies, min_size=1, max_size=30))
def test_speedscope_keeps_stacks_and_shares(found: list[Stack]) -> None:
    """What is written as speedscope is read back as the same distinct stacks."""
    flame = folded(*(Sampled((WORKER, MARK, *body), "") for body in found))
    again = [one.stack for one in read_speedscope(speedscope_text(flame), where="it")]
    assert sorted(again) == sorted(flame.stacks)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b'{"shared": {"frames": []}, "profiles": [{"name": "x", "samples": [[3]]}]}', "beyond its 0 frames"),
        (b'{"shared": {"frames": [{"name": 5}]}, "profiles": []}', r"\$.shared.frames"),
    ],
)
def test_a_broken_recording_is_told_as_such(data: bytes, reason: str) -> None:
    """A recording that was cut or is something else is refused with the place."""
    with pytest.raises(ProfilerError, match=reason):
        list(read_speedscope(data, where="recording"))


def test_waiting_of_one_recording_joins_the_work_of_another() -> None:
    """The benchmark's own stacks come from one, those beside it from the other."""
    waiting = folded(Sampled((MARK, HOT), ""), Sampled((BOOT, BOOT), "parked"))
    working = folded(Sampled((MARK,), ""), Sampled((BOOT, HOT), "swarm_1"))
    joined = waiting.beside(working)
    assert {stack[-1].name for stack in joined.stacks} == {"hot"}
    assert {stack[0].name for stack in joined.stacks} == {"suite/one", THREADS}
