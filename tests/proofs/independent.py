"""A timing of its own, to hold hivegate's against: fresh processes of two environments in turn, by processor time."""

from __future__ import annotations

import statistics
import subprocess

_ROUNDS = 12
_TIMING = """
import sys, time
{setup}
def call():
    {statement}
def timed(calls):
    begin = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - begin) / calls
calls = 1
while timed(calls) * calls < 0.01:
    calls *= 2
print(min(timed(calls) for _ in range(15)))
"""


def seconds_a_call(python: str, setup: str, statement: str) -> float:
    """Time a statement in a fresh process: the least of fifteen repetitions."""
    code = _TIMING.format(setup=setup, statement=statement)
    ended = subprocess.run([python, "-I", "-c", code], cwd="/", capture_output=True, text=True, check=True)
    return float(ended.stdout)


def compared(base: str, head: str, setup: str, statement: str) -> tuple[float, float]:
    """Tell how much longer head takes: by the least of all processes, and by the median of pairs."""
    pairs = []
    for number in range(_ROUNDS):
        order = (base, head) if number % 2 else (head, base)
        found = {python: seconds_a_call(python, setup, statement) for python in order}
        pairs.append((found[base], found[head]))
    least = min(new for _, new in pairs) / min(old for old, _ in pairs)
    return least, statistics.median(new / old for old, new in pairs)
