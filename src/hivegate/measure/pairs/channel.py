"""Talking to a pair of children: messages with deadlines, deaths told by their parent."""

from __future__ import annotations

import json
import selectors
import socket
import time
from typing import Any

from hivegate.errors import HivegateError

_CHUNK = 65536
_SENDING = 30.0  # seconds; who does not even take a command is noticed when its answer is awaited


class SideLostError(HivegateError):
    """A child of a pair died or gave no sign of life; `side` says which, "" for the parent of both."""

    def __init__(self, side: str, why: str) -> None:
        super().__init__(why)
        self.side = side


class Talk:
    """The coordinator's ends of the channels to base, head and their parent."""

    def __init__(self, sides: tuple[str, ...]) -> None:
        self._ours: dict[str, socket.socket] = {}
        self._theirs: dict[str, socket.socket] = {}
        for name in (*sides, "control"):
            self._ours[name], self._theirs[name] = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._buffers = dict.fromkeys(self._ours, b"")
        self._messages: dict[str, list[dict[str, Any]]] = {name: [] for name in self._ours}
        for name, one in self._ours.items():
            one.settimeout(0)
            self._selector.register(one, selectors.EVENT_READ, name)

    def descriptor(self, name: str) -> int:
        """Name the file descriptor that the process on the other end inherits."""
        return self._theirs[name].fileno()

    def handed_over(self) -> None:
        """Close the other ends here, once the process has them."""
        for one in self._theirs.values():
            one.close()

    def close(self) -> None:
        """Close everything; who still listens finds the end of the channel."""
        self._selector.close()
        for one in (*self._ours.values(), *self._theirs.values()):
            one.close()

    def send(self, side: str, **command: Any) -> None:  # noqa: ANN401  JSON values
        """Send a command; a side that is gone is noticed when its answer is awaited."""
        data = json.dumps(command).encode() + b"\n"
        one = self._ours[side]
        one.settimeout(_SENDING)
        try:
            one.sendall(data)
        except OSError:
            pass
        finally:
            one.settimeout(0)

    def receive(self, side: str, patience: float) -> dict[str, Any]:
        """Wait for the next message of a side; raises `SideLostError` for a death and for a deadline."""
        end = time.monotonic() + patience
        while not self._messages[side]:
            self._notice_deaths(side)  # it may have been told of while another was listened to
            left = end - time.monotonic()
            if left <= 0:
                raise SideLostError(side, f"gave no sign of life for {patience:g} s and was stopped")
            if not self._messages[side]:
                self._gather(left)
        return self._messages[side].pop(0)

    def _gather(self, patience: float) -> None:
        for key, _ in self._selector.select(patience):
            name = str(key.data)
            try:
                chunk = self._ours[name].recv(_CHUNK)
            except ConnectionError:
                chunk = b""
            if not chunk:
                self._selector.unregister(self._ours[name])
                if name == "control":
                    self._messages["control"].append({"event": "ended", "side": "", "status": None})
                continue
            *lines, self._buffers[name] = (self._buffers[name] + chunk).split(b"\n")
            self._messages[name] += [_message(name, line) for line in lines]

    def _notice_deaths(self, side: str) -> None:
        # The parent's wait tells of a death: a grandchild may hold the dead child's socket open.
        for message in self._messages["control"]:
            if side != "control" and message["event"] == "ended" and message["side"] in {side, ""}:
                self._gather(0)
                if self._messages[side]:
                    return
                raise SideLostError(message["side"], _cause(message["status"]))


def _message(side: str, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "event" not in found:
        raise SideLostError("" if side == "control" else side, "wrote into hivegate's own channel and was stopped")
    return found


def _cause(status: int | None) -> str:
    if status is None:
        return "its parent process is gone"
    return f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
