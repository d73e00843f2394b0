"""Waiting: for time to pass, and for another thread's answer."""

import functools
import socket
import threading
import time

from .doses import ANSWER, SLEEP


def sleep() -> None:
    """Sleep so many microseconds."""
    time.sleep(SLEEP * 1e-6)


@functools.cache
def _answering() -> socket.socket:
    here, there = socket.socketpair()

    def answer() -> None:
        while question := there.recv(16):
            there.send(question)

    threading.Thread(target=answer, daemon=True).start()
    return here


def answer() -> int:
    """Ask a thread so many times over a pair of sockets, and wait for each answer."""
    here = _answering()
    total = 0
    for _ in range(ANSWER):
        here.send(b"question")
        total += len(here.recv(16))
    return total
