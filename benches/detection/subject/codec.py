"""Messages as JSON, there and back: calls into C."""

import json

from .doses import ROUND_TRIP

_MESSAGE = {"id": 17, "kind": "task", "worker": "bee-4", "payload": {"path": "/hive", "sizes": [1, 2, 3, 4.5]}}


def round_trip() -> int:
    """Write and read so many messages."""
    total = 0
    for _ in range(ROUND_TRIP):
        total += len(json.loads(json.dumps(_MESSAGE)))
    return total
