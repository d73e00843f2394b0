"""A process that has the engine imported and forks the workers of isolated agents, in milliseconds instead of imports.

This process starts it when it first isolates an agent. It ends with this process, and so do the workers, whose sockets
close then. A worker gets this process's folder, environment, module path and standard error as they are when it starts.
"""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct("!Q")
STATUS: Final = struct.Struct("!i")
_PARTS: Final = 3  # what is sent with a request: the worker's socket, the one for its status, and standard error


class Forked(NamedTuple):
    """A worker that was asked for: the socket to talk to it, and the one that tells its exit status when it ends."""

    talk: socket.socket
    status: socket.socket


class _Server:
    """The one server of this process, started when it is first needed, and again where it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self) -> Forked:
        """Ask for a worker."""
        content = pickle.dumps((sys.path, str(Path.cwd()), dict(os.environ)))
        talk, its_talk = socket.socketpair()
        status, its_status = socket.socketpair()
        with self._lock, its_talk, its_status:
            parts = [its_talk.fileno(), its_status.fileno(), 2]
            try:
                self._send(content, parts)
            except OSError:  # it was killed
                self.forget()
                self._send(content, parts)
        return Forked(talk, status)

    def _send(self, content: bytes, parts: list[int]) -> None:
        control = self._control or self._start()
        socket.send_fds(control, [_HEADER.pack(len(content))], parts)
        control.sendall(content)

    def _start(self) -> socket.socket:
        ours, its = socket.socketpair()
        with its:
            # It finds the engine where this process found it.
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
            program = f"from hivemind.queen.fork_server import main; main({its.fileno()})"
            self._process = subprocess.Popen(  # noqa: S603 -- this interpreter and this module
                [sys.executable, "-P", "-c", program],
                pass_fds=(its.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._control = ours
        return ours

    def forget(self) -> None:
        """End the server that there is; after a fork, this process's copy of its socket."""
        control, process, self._control, self._process = self._control, self._process, None, None
        if control is not None:
            control.close()
        if process is not None:
            process.wait()

    def start_anew(self) -> None:
        """In the child of a fork: leave the server to the process that started it."""
        self._lock = threading.Lock()
        self._process = None
        self.forget()


_SERVER: Final = _Server()
fork_worker: Final = _SERVER.fork
atexit.register(_SERVER.forget)
os.register_at_fork(after_in_child=_SERVER.start_anew)


def main(descriptor: int) -> None:
    """Fork a worker for each request, and tell each one's exit status, until the requests end."""
    from hivemind.packs import Pack  # noqa: PLC0415 -- imported once, for all workers
    from hivemind.queen import worker  # noqa: F401, PLC0415 -- as above

    Pack(name="first", version="1.0", requires={"other": ">=1"})  # imports what versions are read with

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)  # noqa: FBT003 -- the standard library's own
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control = socket.socket(fileno=descriptor)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    statuses: dict[int, socket.socket] = {}
    gc.freeze()  # what is there is shared with the workers, and no collection of theirs writes to it
    while True:
        for key, _ in selector.select():
            if key.fileobj is woken:
                woken.recv(4096)
                _tell(statuses)
            elif not _serve(control, statuses):
                return


def _serve(control: socket.socket, statuses: dict[int, socket.socket]) -> bool:
    header, parts, _, _ = socket.recv_fds(control, _HEADER.size, _PARTS)
    if not header:
        return False
    content = b""
    while missing := _HEADER.unpack(header)[0] - len(content):
        content += control.recv(missing)
    talk, status, errors = parts
    worker = os.fork()
    if worker == 0:
        os.close(status)
        for each in (control, *statuses.values()):
            each.close()
        _work(talk, errors, content)
    os.close(talk)
    os.close(errors)
    statuses[worker] = socket.socket(fileno=status)
    return True


def _tell(statuses: dict[int, socket.socket]) -> None:
    """Collect workers that ended, and say how."""
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            return
        with statuses.pop(ended) as told:
            try:
                told.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))
            except OSError:
                continue  # nobody waits for it any more


def _work(talk: int, errors: int, content: bytes) -> None:
    """Be a worker, in the child of a fork; never returns."""
    from hivemind.queen import worker  # noqa: PLC0415 -- it is there

    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(errors, 2)
        os.dup2(2, 1)  # what an agent prints
        path, folder, environment = pickle.loads(content)  # noqa: S301 -- from the process that started the server
        sys.path[:] = path
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        with socket.socket(fileno=talk) as ends:
            ends.sendall(_HEADER.pack(os.getpid()))
            worker.serve(ends.makefile("rb"), ends.makefile("wb"))
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(code)
