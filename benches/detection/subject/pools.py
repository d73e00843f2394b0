"""Tasks for a pool of threads."""

import functools
import hashlib
from concurrent.futures import ThreadPoolExecutor

from .doses import GATHER

_BLOCK = b"honey" * 400


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2)


def gather() -> int:
    """Hand so many tasks to two threads and gather what they give."""
    return sum(_pool().map(_digested, [_BLOCK] * GATHER))


def _digested(block: bytes) -> int:
    return hashlib.sha256(block).digest_size
