"""Agents that fail in every way that agents can, importable by worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from hivemind.queen import Opinion, Resolution, Role, StandardAgent

if TYPE_CHECKING:
    from hivemind.queen import Brief


class Faulty:
    """What all of them have."""

    role = Role.ANALYZER
    weight = 1.0

    def __init__(self, name: str = "culprit") -> None:
        self.name = name


class Placed(Faulty):
    """Fails in nothing, and says in its reasoning where it works."""

    def vote(self, brief: Brief) -> list[Opinion]:
        """Tell the folder, a variable, the process and its parent."""
        told = f"{os.getcwd()} {os.environ.get('PLACE')} {os.getpid()} {os.getppid()}"  # noqa: PTH109 -- a text
        return [Opinion(topic.options[0], 1.0, told) for topic in brief.topics]


class Raising(Faulty):
    """Raises, with an escape sequence in the message."""

    def vote(self, brief: Brief) -> list[Opinion]:
        """Fail."""
        raise LookupError(f"no idea about {len(brief.topics)} \x1b[31mconflicts")


class Exiting(Faulty):
    """Tries to end the process."""

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Leave."""
        sys.exit(3)


class ExitingLater(Faulty):
    """Tries to end the process from a task."""

    async def vote(self, _brief: Brief) -> list[Opinion]:
        """Leave."""
        await asyncio.sleep(0)
        sys.exit(3)


class Sleeping(Faulty):
    """Never returns, and blocks its thread."""

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Block."""
        while True:
            time.sleep(0.05)


class Waiting(Faulty):
    """Never returns, as a task."""

    async def vote(self, _brief: Brief) -> list[Opinion]:
        """Wait for ever."""
        await asyncio.Event().wait()
        return []


class Overbearing(StandardAgent, frozen=True):
    """A standard agent but for its vote: as sure as no ballot may be."""

    def vote(self, brief: Brief) -> list[Opinion]:
        """Decide everything."""
        return [Opinion(Resolution.EXCLUDE, 1e9, "") for _ in brief.topics]


class Curt(StandardAgent, frozen=True):
    """A standard agent that says too little."""

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Say nothing."""
        return []


class Remote(StandardAgent, frozen=True):
    """A standard agent that votes as a task."""

    async def vote(self, brief: Brief) -> list[Opinion]:  # type: ignore[override]  # what the test is about
        """Merge."""
        await asyncio.sleep(0)
        return [Opinion(Resolution.MERGE, 1.0, "") for _ in brief.topics]


class Blocking(StandardAgent, frozen=True):
    """A standard agent that takes its time."""

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Block."""
        time.sleep(3)
        return []


class Lingering(Faulty):
    """Ends a while after it was cancelled, or never."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def vote(self, _brief: Brief) -> list[Opinion]:
        """Swallow every cancellation until so much time has passed."""
        began = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() < began + self.seconds:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        return []


class Dying(Faulty):
    """Kills the process that it works in."""

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Die as by the out-of-memory killer."""
        os.kill(os.getpid(), signal.SIGKILL)
        return []


class Printing(Faulty):
    """Writes to standard output, then votes."""

    def vote(self, brief: Brief) -> list[Opinion]:
        """Print and merge."""
        print("thinking", flush=True)  # noqa: T201 -- what the test is about
        os.write(1, b"aloud\n")
        return [Opinion(Resolution.MERGE, 1.0, "printed") for _ in brief.topics]


class Answering(Faulty):
    """Returns what it was given, whatever that is."""

    def __init__(self, answer: Any) -> None:  # noqa: ANN401 -- rubbish has no type
        super().__init__()
        self.answer = answer

    def vote(self, _brief: Brief) -> Any:  # noqa: ANN401 -- as above
        """Return it."""
        return self.answer


class Homeless(Faulty):
    """Can be sent, and not be rebuilt."""

    def __reduce__(self) -> tuple[object, ...]:
        """Have the worker divide by zero."""
        return divmod, (1, 0)

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Never get here."""
        raise AssertionError


class Unpicklable(Faulty):
    """Cannot be sent anywhere."""

    def __reduce__(self) -> str:
        """Refuse."""
        raise TypeError("not to be copied")

    def vote(self, _brief: Brief) -> list[Opinion]:
        """Never get here."""
        raise AssertionError
