"""Stacks of one benchmark: trimmed to the benchmark, folded, scaled by time. Pure."""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

# The marker frame of worker/profile.py: everything below it is the benchmark.
MARKER = "_hivegate_benchmark_"
THREADS = "(other threads)"
PROCESSES = "(other processes)"

_DEEPEST = 250  # frames of a stack that are kept: deep recursion has no news further down
_HARNESS = re.compile(r"/(?:_pytest|pytest|pluggy|pytest_benchmark|hivegate/worker)/")
_NUMBER = re.compile(r"\bThread (\d+)")
_BIRTH = re.compile(r"/multiprocessing/(?:process|popen_\w+|spawn|forkserver)\.py$")


class Frame(NamedTuple):
    """A function, its file and the line that was running; file and line are empty where there is no source."""

    name: str
    file: str = ""
    line: int = 0

    @property
    def function(self) -> Frame:
        """The same without its line, so that all lines of a function are one."""
        return self._replace(line=0)


Stack = tuple[Frame, ...]


class Sampled(NamedTuple):
    """One sampled stack, root first, and its thread as py-spy names it; the stack may begin with its processes."""

    stack: Stack
    thread: str


class Flame(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The folded stacks of one benchmark: how often each was seen.

    The first frame of a stack is its root: the benchmark's own id, or that of other threads or processes. `kept` are
    the samples under the benchmark's root, which share what a call takes, `per_call`: seconds, or bytes where memory
    was watched; `seen` are all samples of the profile.
    """

    benchmark: str
    stacks: dict[Stack, int]
    seen: int
    per_call: float

    @functools.cached_property  # for every stack, and every node that is drawn, it is asked again
    def kept(self) -> int:
        """Count the samples that fell on the benchmark itself."""
        return sum(count for stack, count in self.stacks.items() if stack[0].name == self.benchmark)

    @property
    def per_sample(self) -> float:
        """Return the part of one call that a sample stands for; 0 without samples."""
        kept = self.kept
        return self.per_call / kept if kept else 0.0

    def beside(self, other: Flame) -> Flame:
        """Keep the benchmark's own stacks and take those of other threads and processes from another recording.

        Both were sampled at the same rate for the same time.
        """
        own = {stack: count for stack, count in self.stacks.items() if stack[0].name == self.benchmark}
        others = {stack: count for stack, count in other.stacks.items() if stack[0].name != self.benchmark}
        return msgspec.structs.replace(self, stacks={**own, **others})


def merged(flames: Sequence[Flame]) -> Flame:
    """Add up recordings of one benchmark, at least one, which all stand for the same call."""
    stacks: Counter[Stack] = Counter()
    for one in flames:
        stacks.update(one.stacks)
    return msgspec.structs.replace(flames[0], stacks=dict(stacks), seen=sum(one.seen for one in flames))


def fold(
    samples: Iterable[Sampled],
    *,
    benchmark: str,
    per_call: float,
    shorten: Callable[[str], str],
    unrelated: Collection[int] = (),
) -> Flame:
    """Trim every stack to the benchmark, give its files their short names and count the equal ones; O(frames).

    The thread that runs pytest counts only below the marker, not where it starts and ends. Other threads and
    processes do not hold the marker: theirs go under roots of their own, without what they inherited at a fork. Threads
    that are `unrelated`, by the system's numbers, are none of the benchmark's and are left out.
    """
    found = [one for one in samples if _number_of(one.thread) not in unrelated]
    main = {one.thread for one in found if any(_is_harness(frame) for frame in one.stack)}
    stacks: Counter[Stack] = Counter()
    short: dict[Frame, Frame] = {}
    for one in found:
        trimmed = _trim(one, benchmark, main)[:_DEEPEST]
        for frame in trimmed:
            if frame not in short:
                short[frame] = frame._replace(file=shorten(frame.file))
        if trimmed:
            stacks[tuple(short[frame] for frame in trimmed)] += 1
    return Flame(benchmark=benchmark, stacks=dict(stacks), seen=len(found), per_call=per_call)


def _trim(sampled: Sampled, benchmark: str, main: set[str]) -> Stack:
    processes = _leading_processes(sampled.stack)
    stack = sampled.stack[processes:]
    if not stack:
        return ()
    if processes > 1:
        below = _below_birth(stack)
        return (Frame(PROCESSES), *below) if below else ()
    marker = next((index for index, frame in enumerate(stack) if frame.name == MARKER), None)
    if marker is not None:
        return (Frame(benchmark), *stack[marker + 1 :])
    if sampled.thread in main:
        return ()
    return (Frame(THREADS), Frame(_pool_of(sampled.thread)), *stack)


def _leading_processes(stack: Stack) -> int:
    # With --subprocesses py-spy begins each stack with the line of its process, after those of its parents.
    return next((i for i, one in enumerate(stack) if one.file or not one.name.startswith("process ")), len(stack))


def _below_birth(stack: Stack) -> Stack:
    # A forked child inherits the stack of its parent, pytest and marker and all.
    last = max((i for i, one in enumerate(stack) if _is_harness(one) or _BIRTH.search(one.file)), default=-1)
    return stack[last + 1 :]


def _is_harness(frame: Frame) -> bool:
    return _HARNESS.search(frame.file.replace("\\", "/")) is not None


def _number_of(thread: str) -> int | None:
    number = _NUMBER.search(thread)
    return None if number is None else int(number[1])


def _pool_of(thread: str) -> str:
    """Name the pool that a thread belongs to, so that its threads are added up."""
    quoted = re.search(r'"([^"]*)"', thread)
    return re.sub(r"[-_ ]*\d+", "", quoted[1] if quoted else thread) or "thread"


class Hot(NamedTuple):
    """A function at its most frequent line, with the samples that fell on itself, and on it and what it calls."""

    frame: Frame
    own: int
    total: int


def hottest(flame: Flame) -> list[Hot]:
    """List the functions by the samples in them, most first; the benchmark's root stands for what has no frame.

    Other threads and processes count too, so that all together may exceed the benchmark's own samples. A function that
    calls itself is counted once a stack. O(frames).
    """
    own: Counter[Frame] = Counter()
    total: Counter[Frame] = Counter()
    lines: dict[Frame, Counter[int]] = {}
    for stack, count in flame.stacks.items():
        own[stack[-1].function] += count
        lines.setdefault(stack[-1].function, Counter())[stack[-1].line] += count
        for function in {frame.function for frame in stack}:
            total[function] += count
    ranked = sorted(own, key=lambda function: (-own[function], function))
    return [
        Hot(function._replace(line=lines[function].most_common(1)[0][0]), own[function], total[function])
        for function in ranked
    ]


def folded_text(flame: Flame, *, limit: int) -> str:
    """Write Brendan Gregg's folded format: ``root;frame (file:line) COUNT``, the most frequent first.

    Stacks that do not fit into `limit` characters are left out, the rarest first.
    """
    lines = []
    size = 0
    for stack, count in sorted(flame.stacks.items(), key=lambda item: (-item[1], item[0])):
        line = ";".join(_label(frame) for frame in stack) + f" {count}\n"
        size += len(line)
        if size > limit:
            break
        lines.append(line)
    return "".join(lines)


def _label(frame: Frame) -> str:
    text = f"{frame.name} ({frame.file}:{frame.line})" if frame.file else frame.name
    # One stack a line, frames parted by semicolons: neither may occur in a name.
    return "".join(" " if char in ";\u2028\u2029" or not char.isprintable() else char for char in text)
