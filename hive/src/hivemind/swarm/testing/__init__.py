"""Test swarms without waiting: an event loop with a manual clock and a seeded order, and cancellation everywhere.

The loop runs any asyncio code that does no input or output; the coordinator needs nothing special for it.
"""

from hivemind.swarm.testing.cancellation import Walked, cancelled_everywhere
from hivemind.swarm.testing.loop import DeadlockError, ManualLoop, UnhandledError

__all__ = ["DeadlockError", "ManualLoop", "UnhandledError", "Walked", "cancelled_everywhere"]
