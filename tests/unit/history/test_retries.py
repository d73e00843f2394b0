"""What passes by itself is done again; what does not is told at once."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from tests.postgres import as_role, empty, engine, grant
from tests.records import NOW, record

from hivegate.errors import HistoryError
from hivegate.history.bulk import insert_many
from hivegate.history.documents import put
from hivegate.history.locks import Lock, hold
from hivegate.history.queries import list_runs
from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from hivegate.history.store import Store


@pytest.fixture
def url(postgres: str, tmp_path: Path) -> Iterator[str]:
    """Give a store in which the role runner may add, over one connection at a time."""
    empty(postgres)
    with engine(postgres).begin() as connection:
        connection.exec_driver_sql("CREATE ROLE runner LOGIN CONNECTION LIMIT 1")
        connection.exec_driver_sql("CREATE ROLE viewer")
    open_store(postgres, folder=tmp_path, create=True)
    grant(postgres, writer="runner", reader="viewer")
    yield postgres
    with engine(postgres).begin() as connection:
        connection.exec_driver_sql("DROP OWNED BY runner, viewer")
        connection.exec_driver_sql("DROP ROLE runner, viewer")


@pytest.fixture
def store(url: str, tmp_path: Path) -> Store:
    """Open it as its owner."""
    return open_store(url, folder=tmp_path, create=False)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Do what a test puts here in place of waiting, one thing for each pause; the rest of the pauses take no time."""
    to_do: list[Callable[[], object]] = []
    monkeypatch.setattr("hivegate.history.retries.time.sleep", lambda _: to_do.pop(0)() if to_do else None)
    return to_do


def end(url: str) -> None:
    """End the store's connections, as an administrator or a restart does."""
    ours = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'hivegate'"
    with engine(url).begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {ours}"))


def test_a_connection_that_is_lost_in_the_middle_is_begun_again(store: Store, url: str) -> None:
    """What was written before it was lost is gone, so all is written once, by the second attempt."""
    attempts: list[int] = []

    def work(connection: Connection) -> str:
        attempts.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        connection.exec_driver_sql("INSERT INTO hivegate_contents VALUES ('hash', 0, '')")
        if len(attempts) == 1:
            end(url)
        return str(connection.execute(text("SELECT count(*) FROM hivegate_contents")).scalar_one())

    assert store.write(work) == "1"
    assert len(set(attempts)) == 2


def test_a_copy_that_is_lost_in_the_middle_is_begun_again(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of many rows, whose connection ends before they are sent, is there once and whole."""
    made = record(0, {f"s/{at}": 1.0 for at in range(500)})
    ended: list[str] = []

    def lose(connection: Connection, table: object, rows: object) -> None:
        if not ended:
            ended.append("once")
            end(url)
        insert_many(connection, table, rows)  # type: ignore[arg-type]

    monkeypatch.setattr("hivegate.history.runs.insert_many", lose)
    assert add(store, [made], now=NOW) == 1
    assert ended
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM hivegate_estimates")).scalar() == 500


def test_an_add_whose_end_was_not_heard_is_there_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the connection is lost between the commit and its answer, the run is found, not added again."""
    write = type(store).write

    def deaf(self: Store, work: Callable[[Connection], int], *, alone: bool = False) -> int:
        write(self, work, alone=alone)  # kept, but nobody heard
        return write(self, work, alone=alone)

    monkeypatch.setattr(type(store), "write", deaf)
    add(store, [record(0)], now=NOW)
    assert len(list_runs(store)) == 1


def test_a_connection_that_ended_between_two_transactions_is_made_anew(store: Store, url: str) -> None:
    """A server that restarted while the process measured is no error, for a reader and for a writer."""
    for use in (lambda: list_runs(store), lambda: add(store, [record(0)], now=NOW)):
        use()
        end(url)
        use()
    assert len(list_runs(store)) == 1


def test_writers_that_lock_each_other_out_both_come_through(store: Store, url: str, tmp_path: Path) -> None:
    """The database ends one of two that wait for each other; that one begins again."""
    met = threading.Barrier(2)
    first = threading.local()

    def crossing(one: Lock, other: Lock) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            hold(connection, one)
            if not hasattr(first, "met"):
                first.met = True
                met.wait(timeout=60)
            hold(connection, other)
            done.append(one)

        return work

    done: list[Lock] = []
    locks = (Lock.NAMES, Lock.DOCUMENTS)
    other = open_store(url, folder=tmp_path, create=False)
    thread = threading.Thread(target=lambda: other.write(crossing(*locks)))
    thread.start()
    store.write(crossing(*reversed(locks)))
    thread.join(timeout=60)
    assert sorted(done) == sorted(locks)


def test_a_runner_waits_until_a_connection_is_free(
    url: str, tmp_path: Path, pauses: list[Callable[[], object]]
) -> None:
    """Where all connections are taken it asks again, with pauses, until another runner is done."""
    holder = engine(as_role(url, "runner")).connect()
    pauses += [lambda: None, lambda: None, holder.close]
    assert add(open_store(as_role(url, "runner"), folder=tmp_path, create=True), [record(0)], now=NOW) == 1
    assert pauses == []


def test_a_runner_for_whom_no_connection_becomes_free_says_so(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its patience it tells what to do about connections, not about the server."""
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("hivegate.history.retries.time.sleep", lambda _: None)
    monkeypatch.setattr("hivegate.history.retries.time.monotonic", lambda: float(next(clock)))
    holder = engine(as_role(url, "runner")).connect()
    with pytest.raises(HistoryError, match="no free connections") as refused:
        open_store(as_role(url, "runner"), folder=tmp_path, create=True)
    assert "pooler" in refused.value.hint
    holder.close()


def test_a_server_that_restarts_is_waited_for(url: str, tmp_path: Path, pauses: list[Callable[[], object]]) -> None:
    """Its socket is not there for a while; then it is, and the run is kept."""
    there = url.partition("host=")[2]
    folder = tmp_path / "s"
    folder.mkdir()
    name = ".s.PGSQL.5432"
    place = f"postgresql://hive@/postgres?host={folder}"
    pauses += [lambda: None, lambda: (folder / name).symlink_to(f"{there}/{name}")]
    assert add(open_store(place, folder=tmp_path, create=True), [record(0)], now=NOW) == 1
    assert pauses == []
    shutil.rmtree(folder)


def test_what_does_not_pass_is_told_at_once(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role and a database that do not exist, and options that are none, are no matter of time."""

    def never(_seconds: float) -> None:
        pytest.fail("tried again")

    monkeypatch.setattr("hivegate.history.retries.time.sleep", never)
    for place in (
        as_role(url, "nobody_here"),
        url.replace("/postgres?", "/nothing_here?"),
        f"{url}&nonsense=1",
        f"{url}&connect_timeout=soon",
    ):
        with pytest.raises(HistoryError, match="cannot be reached"):
            open_store(place, folder=tmp_path, create=True)


def test_limits_of_the_server_are_kept_and_told(url: str, tmp_path: Path) -> None:
    """A time-out in the URL counts, for the server ends what takes longer; without one ours does."""
    limited = open_store(f"{url}&options=-cstatement_timeout%3D50", folder=tmp_path, create=False)
    with pytest.raises(HistoryError, match="statement timeout expired") as refused, limited.reading() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    assert "statement_timeout" in refused.value.hint
    store = open_store(url, folder=tmp_path, create=False)
    shown = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    with store.reading() as connection:
        assert tuple(connection.execute(shown).one()) == ("1min", "30s")
    assert store.write(lambda connection: tuple(connection.execute(shown).one())) == ("1min", "30s")
    assert store.write(lambda connection: tuple(connection.execute(shown).one()), alone=True) == ("0", "30s")


def test_one_that_waits_too_long_for_others_says_so(url: str, tmp_path: Path) -> None:
    """Behind a writer that is alone and does not end, the others end by their time-out."""
    patient = open_store(url, folder=tmp_path, create=False)
    hurried = open_store(f"{url}&options=-clock_timeout%3D50", folder=tmp_path, create=False)
    draft = Draft(key="note", content="text", media_type="text/plain", created=NOW)

    def alone(_connection: Connection) -> None:
        for work in (lambda: add(hurried, [record(0)], now=NOW), lambda: put(hurried, [draft])):
            with pytest.raises(HistoryError, match="another process has been writing"):
                work()
        assert list_runs(hurried) == ()  # readers do not wait

    patient.write(alone, alone=True)
    assert add(hurried, [record(0)], now=NOW) == 1
