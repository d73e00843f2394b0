"""Processes that write a store: `python -m tests.writers KIND PLACE NAME [STATEMENTS]`.

Those that are to be killed say a line where they can be.
"""

import functools
import os
import pathlib
import signal
import sys

from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.forks import run_together

from hivegate.history.documents import put
from hivegate.history.runs import add
from hivegate.history.store import Store, open_store
from hivegate.instruments import METRICS
from hivegate.model.document import Draft
from hivegate.model.record import Level, Record
from hivegate.model.run import Commit, Environment

LEVELS = 120  # of a run
NOW = "2026-12-01T00:00:00+00:00"


def draft(key: str, content: str) -> Draft:
    """Make a document."""
    return Draft(key=key, content=content, media_type="text/plain", created="")


def record(name: str, levels: int = LEVELS) -> Record:
    """Make a run of which the name says which it is."""
    made = (Level(benchmark=f"s/{at}", metric=METRICS["p50"], value=float(at)) for at in range(levels))
    return Record(source="hivegate", commit=Commit(sha=name), environment=Environment(cpu="Z80"), levels=tuple(made))


def write(store: Store, name: str, times: int = 3) -> None:
    """Put documents under a key of all and a key of one's own, and add a run that all add and one of one's own."""
    for number in range(times):
        put(store, [draft("shared", f"{name} {number}"), draft(f"own/{name}", f"{name} {number}")])
        add(store, [record(f"shared {number}"), record(f"{name} {number}")], now=NOW)


def write_beside_others(place: str, writers: int) -> int:
    """Fork so many writers, let them begin at once, and count those that failed."""

    def one(name: int) -> None:
        write(open_store(place, folder=pathlib.Path("/"), create=True), str(name))

    return run_together([functools.partial(one, name) for name in range(writers)])


def run_on(store: Store, name: str, statements: int) -> None:
    """Add runs one after the other and say which are kept; die after so many statements, or go on for ever."""
    done = 0

    @event.listens_for(Engine, "after_cursor_execute")
    def die(*_: object) -> None:
        nonlocal done
        done += 1
        if done == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    number = 0
    while True:
        add(store, [record(f"{name} {number}")], now=NOW)
        print(f"{name} {number}", flush=True)  # noqa: T201  what the parent waits for
        number += 1


def stop_in_the_middle(store: Store, table: str) -> None:
    """Put two documents of 8 MiB and wait for a line after every insertion into a table."""

    @event.listens_for(Engine, "after_cursor_execute")
    def stop(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO " + table):
            print("in the middle", flush=True)  # noqa: T201  what the parent waits for
            sys.stdin.readline()

    put(store, [draft("first", "1" * 2**23), draft("second", "2" * 2**23)])


def main(kind: str, place: str, name: str, statements: str = "0") -> None:
    """Open the store and write it."""
    if kind == "write":
        sys.exit(write_beside_others(place, int(name)))
    store = open_store(place, folder=pathlib.Path("/"), create=True)
    if kind == "run-on":
        run_on(store, name, int(statements))
    else:
        stop_in_the_middle(store, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
