"""One child of a pair: a pytest session in its own tree that measures when the coordinator says so."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import Any

import pytest

from .channel import Channel
from .options import arguments, take_over, take_over_plugins
from .plugin import WorkerPlugin, node_id
from .turns import TurnLoop

# Plugins are imported before the fork, so pytest cannot rewrite their assertions, and says so; nobody needs them.
_QUIET = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")


class SidePlugin(WorkerPlugin):
    """The worker's plugin, reporting to the coordinator instead of a record."""

    def __init__(self, side: dict[str, Any], channel: Channel) -> None:
        self._channel = channel
        super().__init__({"mode": "pair", **side}, channel, TurnLoop(channel))

    def _take_over(self, config: Any) -> None:  # noqa: ANN401  hooks are typed by name
        """Take over the suite's options; how much is measured is the coordinator's to say."""
        take_over_plugins(config)
        take_over(config.option, {})
        config.option.continue_on_collection_errors = True  # what else the other side has is measured

    def pytest_collection_finish(self, session: Any) -> None:  # noqa: ANN401
        """Tell what this side has, and keep what the coordinator says that both have."""
        self._record.write("suite", node_ids=[node_id(one) for one in session.items])
        common = set(self._channel.read()["node_ids"])
        session.items[:] = [one for one in session.items if node_id(one) in common]


def run_side(side: dict[str, Any], plan: dict[str, Any]) -> int:
    """Run the side's session to its end; returns pytest's exit status, 71 when the coordinator left."""
    channel = Channel(side["channel"])
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), side["scratch"]))
    tempfile.tempdir = None  # what was imported before the fork may have asked for it
    plugin = SidePlugin({**side, "benchmarks": plan["benchmarks"], "trees": side}, channel)
    temporary = f"--basetemp={os.path.join(side['scratch'], 'pytest')}"  # noqa: PTH118  a string is wanted
    try:
        status = int(pytest.main([*arguments(side), temporary, *_QUIET], plugins=[plugin]))
    except EOFError:
        return 71
    with contextlib.suppress(OSError):
        channel.write("ended", exit_status=status)
    return status
