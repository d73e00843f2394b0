"""A plugin of pytest that measures, for each benchmark, how long its event loops and threads only slept.

A loop sleeps where it waits for a timer and nothing else comes before; waiting for an answer, a process or a thread is
none. Run with `-p waiting`; the environment's WAITING names the JSON file to write.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import time
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

slept = 0.0
called: dict[str, tuple[float, float]] = {}
_sleep = time.sleep


class Selector(selectors.DefaultSelector):
    """Counts the seconds of waits that end with nothing to show."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait, and look at the clock before and after."""
        global slept  # noqa: PLW0603 -- one process, one count
        began = time.perf_counter()
        events: list[tuple[selectors.SelectorKey, int]] = super().select(timeout)
        if not events and timeout:
            slept += min(timeout, time.perf_counter() - began)
        return events


class Policy(asyncio.DefaultEventLoopPolicy):
    """Gives every loop such a selector."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a loop that is counted."""
        return asyncio.SelectorEventLoop(Selector())


def _counted_sleep(seconds: float | SupportsIndex) -> None:
    global slept  # noqa: PLW0603 -- as above
    slept += float(seconds)
    _sleep(seconds)


def pytest_configure() -> None:
    """Count from here on."""
    asyncio.set_event_loop_policy(Policy())
    time.sleep = _counted_sleep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note how long a benchmark's test took, and how much of it was slept."""
    before, began = slept, time.perf_counter()
    yield
    called[item.nodeid.rpartition("/")[2]] = (slept - before, time.perf_counter() - began)


def pytest_sessionfinish() -> None:
    """Write what was found."""
    Path(os.environ["WAITING"]).write_text(json.dumps(called), encoding="utf-8")
