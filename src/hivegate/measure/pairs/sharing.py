"""Sharing the machine: benchmarks of several pairs are measured beside each other, unless one needs it alone."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class SharedMachine:
    """Say who may measure now; to be used by one thread a pair.

    `shared` where calls may be made while others are: not where they want the same port, file or database.
    """

    def __init__(self, *, shared: bool = True) -> None:
        self.shared = shared
        self._changed = threading.Condition()
        self._measuring = 0
        self._claims = 0  # of those that want to be alone, or are
        self._taken = False

    @contextlib.contextmanager
    def measuring(self) -> Iterator[None]:
        """Measure beside others; whoever wants to be alone comes first."""
        with self._changed:
            self._changed.wait_for(lambda: self._claims == 0)
            self._measuring += 1
        try:
            yield
        finally:
            with self._changed:
                self._measuring -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Measure with nobody beside, in the middle of `measuring`: waits until the others have ended theirs."""
        with self._changed:
            self._measuring -= 1
            self._claims += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._measuring == 0 and not self._taken)
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._claims -= 1
                self._measuring += 1
                self._changed.notify_all()
