"""One child of a pair: a pytest session in its own tree that measures when the coordinator says so."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import Any

import pytest

from .channel import Channel
from .options import arguments, take_over
from .plugin import WorkerPlugin, without_prefix
from .turns import TurnLoop

# Plugins are imported before the fork, so pytest cannot rewrite their assertions, and says so; nobody needs them.
_QUIET = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
_WHY = 200  # characters


class SidePlugin(WorkerPlugin):
    """The worker's plugin, reporting to the coordinator instead of a record."""

    def __init__(self, side: dict[str, Any], channel: Channel) -> None:
        self._channel = channel
        super().__init__({"mode": "pair", **side}, channel, TurnLoop(channel))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self, config: Any) -> Any:  # noqa: ANN401  a generator, by pytest's convention
        """Take over the suite's options; how much is measured is the coordinator's to say."""
        take_over(config.option, {})
        config.option.continue_on_collection_errors = True  # what else the other side has is measured
        yield

    def pytest_collection_finish(self, session: Any) -> None:  # noqa: ANN401
        """Tell what this side has, and keep what the coordinator says that both have."""
        self._record.write("suite", node_ids=[one.nodeid for one in session.items])
        common = set(self._channel.read()["node_ids"])
        session.items[:] = [one for one in session.items if one.nodeid in common]

    def pytest_internalerror(self, excrepr: Any) -> None:  # noqa: ANN401
        """Tell what made pytest itself, or one of its plugins, give up."""
        self._give_up(without_prefix(str(excrepr).strip().rpartition("\n")[2], "E ").strip())

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:  # noqa: ANN401
        """Tell who left: `pytest.exit` has a reason."""
        self._give_up(f"{excinfo.typename}: {excinfo.value}")

    def _give_up(self, why: str) -> None:
        self._record.write("gave_up", why=why[:_WHY])


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
