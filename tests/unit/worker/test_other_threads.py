"""Which threads a profile counts: those that work for the benchmark, whoever started them."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hivegate.worker.channel import open_record
from hivegate.worker.loop import Benchmarked
from hivegate.worker.profile import ProfileLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Fixture:
    """As much of the benchmark fixture as a loop asks for."""

    disabled = False
    stats = None
    _timer = None

    def _make_stats(self, _calls: int) -> Fixture:
        return self

    def update(self, _seconds: float) -> None:
        """Take one round."""


@contextlib.contextmanager
def thread(target: Callable[[threading.Event], object]) -> Iterator[int]:
    """Run a thread, until the event that it is given is set; yields the system's number of it."""
    end = threading.Event()
    started = threading.Thread(target=target, args=(end,), daemon=True)
    started.start()
    assert started.native_id is not None
    yield started.native_id
    end.set()
    started.join()


def spin(end: threading.Event) -> None:
    """Work all the time."""
    while not end.is_set():
        sum(range(1000))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what a thread has worked")
def test_only_threads_that_work_for_the_benchmark_are_its_own(tmp_path: Path) -> None:
    """One that waits and one that works without it are none of its own; a pool's worker is, which a fixture started."""
    with thread(spin) as busy, thread(threading.Event.wait) as idle, ThreadPoolExecutor(1) as pool:
        worker = pool.submit(threading.get_native_id).result()
        loop = ProfileLoop({"seconds": 0.5}, open_record(str(tmp_path / "record")))
        loop.begin("a.py::test_a")
        given = Benchmarked(lambda: pool.submit(sum, range(20_000)).result(), {"args": (), "kwargs": {}})
        loop.enter(Fixture(), given)
    (event,) = map(json.loads, (tmp_path / "record").read_text(encoding="utf-8").splitlines())
    assert {busy, idle} <= set(event["unrelated_threads"])
    assert worker not in event["unrelated_threads"]
