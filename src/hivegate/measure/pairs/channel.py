"""The coordinator's channel to a pair of children: messages with deadlines, deaths reported by their parent."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time

import msgspec

from hivegate.errors import HivegateError, MeasureError
from hivegate.measure.worker_run import silent_for
from hivegate.model.protocol import ChildExit, Command, Event, decode_event

_CHUNK = 65536
_SENDING = 30.0  # seconds; who does not even take a command is noticed when its answer is awaited


class SideLostError(HivegateError):
    """A child of a pair died or gave no sign of life; `side` says which, "" for the parent of both."""

    def __init__(self, side: str, why: str) -> None:
        super().__init__(why)
        self.side = side


class PairChannel:
    """The coordinator's ends of the sockets to base, head and their parent."""

    def __init__(self, sides: tuple[str, ...]) -> None:
        self._ours: dict[str, socket.socket] = {}
        self._theirs: dict[str, socket.socket] = {}
        for name in (*sides, "control"):
            self._ours[name], self._theirs[name] = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._buffers = dict.fromkeys(self._ours, b"")
        self._events: dict[str, list[Event]] = {name: [] for name in self._ours}
        self._listening = threading.Lock()
        self._closed = False
        for name, end in self._ours.items():
            end.settimeout(0)
            self._selector.register(end, selectors.EVENT_READ, name)

    def descriptor(self, name: str) -> int:
        """Name the file descriptor that the process on the other end inherits."""
        return self._theirs[name].fileno()

    def handed_over(self) -> None:
        """Close the other ends here, once the process has them."""
        for end in self._theirs.values():
            end.close()

    def close(self) -> None:
        """Close everything; who still listens finds the end of the channel, also a thread of ours."""
        self._closed = True
        for end in self._ours.values():
            with contextlib.suppress(OSError):  # the other end is gone, or this one was closed before
                end.shutdown(socket.SHUT_RDWR)
        # Who waits in an epoll that is closed waits on, until its patience ends.
        with self._listening:
            self._selector.close()
        for end in (*self._ours.values(), *self._theirs.values()):
            end.close()

    def send(self, side: str, command: Command) -> None:
        """Send a command; a side that is gone is noticed when its answer is awaited."""
        data = msgspec.json.encode(command) + b"\n"
        end = self._ours[side]
        end.settimeout(_SENDING)
        try:
            end.sendall(data)
        except OSError:
            pass
        finally:
            end.settimeout(0)

    def receive(self, side: str, patience: float) -> Event:
        """Wait for the next event of a side; raises `SideLostError` for a death and for a deadline."""
        end = time.monotonic() + patience
        while not self._events[side]:
            self._notice_deaths(side)  # it may have been reported while another was listened to
            left = end - time.monotonic()
            if left <= 0:
                raise SideLostError(side, silent_for(patience))
            if not self._events[side]:
                self._gather(left)
        return self._events[side].pop(0)

    def _gather(self, patience: float) -> None:
        with self._listening:
            if self._closed:
                raise SideLostError("", _cause(None))
            for key, _ in self._selector.select(patience):
                name = str(key.data)
                try:
                    chunk = self._ours[name].recv(_CHUNK)
                except ConnectionError:
                    chunk = b""
                if not chunk:
                    self._selector.unregister(self._ours[name])
                    if name == "control":
                        self._events["control"].append(ChildExit(side="", status=None))
                    continue
                *lines, self._buffers[name] = (self._buffers[name] + chunk).split(b"\n")
                self._events[name] += [_decode(name, line) for line in lines]

    def _notice_deaths(self, side: str) -> None:
        # The parent's wait reports a death: a grandchild may hold the dead child's socket open.
        for event in self._events["control"]:
            if side != "control" and isinstance(event, ChildExit) and event.side in {side, ""}:
                self._gather(0)
                if self._events[side]:
                    return
                raise SideLostError(event.side, _cause(event.status))


def _decode(side: str, line: bytes) -> Event:
    try:
        return decode_event(line)
    except MeasureError as fault:  # a benchmark that writes there must not break the measurement of the others
        why = f"wrote to hivegate's channel and was stopped: {fault.message}"
        raise SideLostError("" if side == "control" else side, why) from fault


def _cause(status: int | None) -> str:
    if status is None:
        return "its parent process has ended"
    return f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
