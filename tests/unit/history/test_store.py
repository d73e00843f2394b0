"""A store is opened, led to its newest schema, or refused with the place and the fix."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, text
from tests.disks import mounted
from tests.postgres import empty, engine, server_user
from tests.records import record

from hivegate.errors import HistoryError
from hivegate.history import migrations
from hivegate.history.documents import get, put
from hivegate.history.queries import list_runs, load_records
from hivegate.history.rows import text_hash
from hivegate.history.runs import add
from hivegate.history.store import Store, open_store
from hivegate.history.tables import METADATA
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTE = Draft(key="note", content="text", media_type="text/plain", created="2026-06-01T10:00:00+00:00")


def refusal(place: str, folder: Path, *, create: bool = True) -> str:
    """Open what cannot be opened; return what is said."""
    with pytest.raises(HistoryError) as refused:
        open_store(place, folder=folder, create=create)
    assert refused.value.exit_status == 2
    assert refused.value.hint, "every refusal names a fix"
    return str(refused.value)


def tables(file: Path, *statements: str) -> None:
    """Run SQL in an SQLite file, as another tool would."""
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_the_tables_are_what_the_queries_see(opened: Callable[[], Store]) -> None:
    """The migrations make exactly the tables and columns, with their keys, that the queries name."""
    with opened().reading() as connection:
        made = inspect(connection)
        assert set(made.get_table_names()) == set(METADATA.tables)
        for name, table in METADATA.tables.items():
            assert {one["name"]: one["nullable"] for one in made.get_columns(name) if not one.get("primary_key")} == {
                one.name: one.nullable
                for one in table.columns
                if connection.dialect.name != "sqlite" or not one.primary_key
            }
            assert made.get_pk_constraint(name)["constrained_columns"] == [one.name for one in table.primary_key]
            unchecked = connection.dialect.name == "postgresql" and name == "hivegate_estimates"
            assert len(made.get_foreign_keys(name)) == (0 if unchecked else len(table.foreign_keys))


def with_a_step(patch: pytest.MonkeyPatch, *statements: str) -> None:
    """Let this hivegate know one step more."""
    patch.setattr(migrations, "STEPS", (*migrations.STEPS, migrations.Step(statements)))
    patch.setattr(migrations, "NEWEST", len(migrations.STEPS))
    patch.setattr("hivegate.history.store.NEWEST", len(migrations.STEPS))


def test_a_store_of_the_first_version_is_led_to_the_newest_schema(
    opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents that the first version kept are still there, and runs can be added beside them."""
    with monkeypatch.context() as first:
        first.setattr(migrations, "STEPS", migrations.STEPS[:1])
        first.setattr(migrations, "NEWEST", 1)
        first.setattr("hivegate.history.store.NEWEST", 1)
        put(opened(), [NOTE])
        with opened().reading() as connection:
            assert "hivegate_runs" not in inspect(connection).get_table_names()
    store = opened()
    assert add(store, [record()], now=NOTE.created) == 1
    assert get(store, "note").content == "text"
    with store.reading() as connection:
        assert migrations.version_of(connection, store.where) == migrations.NEWEST
        versions = connection.execute(text("SELECT version FROM hivegate_schema ORDER BY version"))
        assert versions.scalars().all() == list(range(1, migrations.NEWEST + 1))


def test_released_steps_are_never_changed() -> None:
    """Stores out there were led by them; what comes later is a step more."""
    released = ("4ac40b01", "8aa9380a", "4899a507", "687a060d")
    assert tuple(text_hash("".join(step.every + step.postgresql))[:8] for step in migrations.STEPS) == released


def test_a_later_step_is_done_once(opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that a later version adds is done once, and what was kept before is still there."""
    put(opened(), [NOTE])
    with_a_step(monkeypatch, "CREATE TABLE hivegate_later (id INTEGER)")
    for _ in range(2):
        store = opened()
        with store.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM hivegate_later")).scalar() == 0
            assert migrations.version_of(connection, store.where) == migrations.NEWEST
    assert get(opened(), "note").content == "text"


def test_a_step_that_fails_leaves_the_old_schema(opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration is one transaction: no half of it stays."""
    put(opened(), [NOTE])
    with monkeypatch.context() as later:
        with_a_step(later, "CREATE TABLE hivegate_half (id INTEGER)", "NONSENSE")
        with pytest.raises(HistoryError, match="database error"):
            opened()
    store = opened()
    with store.reading() as connection:
        assert "hivegate_half" not in inspect(connection).get_table_names()
    assert get(store, "note").content == "text"


def test_a_newer_store_is_refused(opened: Callable[[], Store], place: str, tmp_path: Path) -> None:
    """A schema that a later hivegate made is neither read nor changed."""
    opened().write(lambda connection: connection.execute(text("INSERT INTO hivegate_schema (version) VALUES (70)")))
    said = refusal(place, tmp_path)
    assert f"has schema 70; this hivegate supports up to {migrations.NEWEST}" in said
    assert "update hivegate" in said


def test_a_store_that_does_not_say_its_version_is_refused(
    opened: Callable[[], Store], place: str, tmp_path: Path
) -> None:
    """A version table without a version is damage, not a new store."""
    store = opened()
    for change in (text("UPDATE hivegate_schema SET version = -version"), text("DELETE FROM hivegate_schema")):
        store.write(lambda connection, change=change: connection.execute(change))  # type: ignore[misc]
        assert "has no schema version" in refusal(place, tmp_path)


def test_nothing_kept_is_said_and_nothing_made(place: str, tmp_path: Path) -> None:
    """Who only reads makes no store, and is told how one comes to be."""
    assert "report --store" in refusal(place, tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_refused_unchanged(tmp_path: Path) -> None:
    """An SQLite file with foreign tables keeps them and gets none of ours."""
    file = tmp_path / "memory.db"
    tables(file, "CREATE TABLE memory_entries (id INTEGER)", "CREATE TABLE sessions (id INTEGER)")
    said = refusal("memory.db", tmp_path)
    assert str(file) in said
    assert "memory_entries, sessions" in said
    assert "tool.hivegate" in said
    connection = sqlite3.connect(file)
    assert len(connection.execute("SELECT * FROM sqlite_master").fetchall()) == 2
    connection.close()


@pytest.mark.parametrize("content", [b"# no database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_refused_unchanged(tmp_path: Path, content: bytes) -> None:
    """Text, and what only begins as a database, is told by place and left as it is."""
    file = tmp_path / "history.db"
    file.write_bytes(content)
    said = refusal("history.db", tmp_path)
    assert said.startswith(f"{file}: is ")
    assert file.read_bytes() == content


def test_a_damaged_store_is_an_error(tmp_path: Path) -> None:
    """Pages overwritten in the middle of the file are found when they are read."""
    store = open_store("history.db", folder=tmp_path, create=True)
    put(store, [NOTE])
    file = tmp_path / "history.db"
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with pytest.raises(HistoryError, match=r"history\.db: is damaged"):
        get(open_store("history.db", folder=tmp_path, create=True), "note")


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """SQLite itself leaves an empty file where a first writer died before it wrote."""
    (tmp_path / "history.db").touch()
    put(open_store("history.db", folder=tmp_path, create=True), [NOTE])
    assert get(open_store("history.db", folder=tmp_path, create=False), "note").content == "text"


def test_the_folder_is_made_but_none_above_it(tmp_path: Path) -> None:
    """`.swarm/` is made on a fresh clone; a path that is wrong from further up is a typing error."""
    open_store(".swarm/memory.db", folder=tmp_path, create=True)
    assert (tmp_path / ".swarm" / "memory.db").is_file()
    said = refusal("no/such/history.db", tmp_path)
    assert f"the folder {tmp_path / 'no'} does not exist" in said
    assert not (tmp_path / "no").exists()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe, and a folder that is a file are told before they are opened."""
    assert "is not a regular file" in refusal(".", tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in refusal("pipe", tmp_path)
    (tmp_path / "taken").write_text("")
    assert "taken" in refusal("taken/history.db", tmp_path)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "cannot be used as a history file"),
        (":memory:", "cannot be used as a history file"),
        ("a\0b", "cannot be used as a history file"),
        ("sqlite://", "cannot be used as a history file"),
        ("sqlite:///history.db?mode=ro", "without options"),
        ("mysql://user:secret@host/db", "unsupported database: mysql"),
        ("postgresql+psycopg2://host/db", "unsupported database"),
        ("postgresql://user:secret@host", "names no database"),
        ("://", "is invalid"),
        ("postgresql://host:port/db", "is invalid"),
    ],
)
def test_places_that_cannot_be_stores(tmp_path: Path, place: str, said: str) -> None:
    """A URL that is not of SQLite or PostgreSQL is refused with what is allowed, and never with its password."""
    refused = refusal(place, tmp_path)
    assert said in refused
    assert "secret" not in refused
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    """No server listens in an empty folder; the place is told, the password in it is not."""
    said = refusal(f"postgresql://hive:secret@/history?host={tmp_path}&connect_timeout=1&password=secret", tmp_path)
    assert "cannot be reached" in said
    assert "secret" not in said
    assert said.startswith("postgresql://hive:***@/history: ")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that every user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(("mode", "kept"), [(0o555, False), (0o000, False), (0o555, True), (0o777, True)])
def test_what_may_not_be_written_is_named(open_folder: Path, mode: int, kept: bool) -> None:  # noqa: FBT001  a case
    """Without the right to write the folder, or the file in it, the place is told and what to do."""
    folder = open_folder / "store"
    folder.mkdir()
    if kept:
        open_store("history.db", folder=folder, create=True)
        (folder / "history.db").chmod(0o444)
    folder.chmod(mode)
    code = (
        "import os, sys, pathlib\n"
        "from hivegate.errors import HistoryError\n"
        "from hivegate.history import documents\n"
        "from hivegate.history.store import open_store\n"
        "from hivegate.model.document import Draft\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "draft = Draft(key='a', content='b', media_type='c', created='d')\n"
        "try: documents.put(open_store('history.db', folder=pathlib.Path(sys.argv[1]), create=True), [draft])\n"
        "except HistoryError as fault: print(fault)\n"
    )
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")
    }  # it could not be kept
    command = [sys.executable, "-c", code, str(folder)]
    ended = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    folder.chmod(0o755)
    assert ended.stderr == ""
    assert ended.stdout.startswith(f"{folder / 'history.db'}: ")
    assert "writable" in ended.stdout
    assert "tool.hivegate" in ended.stdout


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, 1) as done:
        if not done:
            pytest.skip("only root can mount a small disk")
        yield disk


def test_a_full_disk_keeps_what_was_kept(tiny_disk: Path) -> None:
    """What does not fit is an error that says so; what was kept before can be read, and small texts still be kept."""
    store = open_store("history.db", folder=tiny_disk, create=True)
    put(store, [NOTE])
    big = Draft(key="big", content="x" * 2**21, media_type="text/plain", created="")
    with pytest.raises(HistoryError, match="its disk is full; nothing of this was stored"):
        put(store, [big])
    assert get(store, "note").content == "text"
    with pytest.raises(HistoryError, match="no document with the key 'big'"):
        get(store, "big")
    runs = [record(number, {f"s/{at}": 1.0 for at in range(500)}) for number in range(40)]
    assert add(store, runs[:2], now=NOTE.created) == 2
    with pytest.raises(HistoryError, match="its disk is full; nothing of this was stored"):
        add(store, runs, now=NOTE.created)
    assert list(load_records(store, list_runs(store))) == runs[:2]


def test_a_file_that_may_not_grow_keeps_what_was_kept(tmp_path: Path) -> None:
    """A limit of this user, as a quota is one, says so in the same way; what was kept before is whole."""
    store = open_store("history.db", folder=tmp_path, create=True)
    runs = [record(number, {f"s/{at}": 1.0 for at in range(500)}) for number in range(40)]
    assert add(store, runs[:2], now=NOTE.created) == 2
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, limit[1]))
    try:
        with pytest.raises(HistoryError, match="cannot be written to; nothing of this was stored") as refused:
            add(store, runs, now=NOTE.created)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert "quota" in refused.value.hint
    assert list(load_records(store, list_runs(store))) == runs[:2]
    assert add(store, runs, now=NOTE.created) == 38


def test_a_full_disk_of_a_server_keeps_what_was_kept(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """PostgreSQL says in its own way that no space is left; what was kept before is whole."""
    empty(postgres)
    disk = Path(tempfile.mkdtemp(dir="/tmp"))  # the server's user cannot pass through pytest's own folder
    with mounted(disk, 4) as done:
        if not done:
            disk.rmdir()
            pytest.skip("only root can mount a small disk")
        os.chown(disk, server_user() or -1, -1)
        with engine(postgres).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
            place = f"{postgres}&options=-cdefault_tablespace%3Dsmall"
            store = open_store(place, folder=tmp_path_factory.getbasetemp(), create=True)
            runs = [record(number, {f"s/{at}": 1.0 for at in range(500)}) for number in range(200)]
            assert add(store, runs[:2], now=NOTE.created) == 2
            with pytest.raises(HistoryError, match="its disk is full; nothing of this was stored"):
                add(store, runs, now=NOTE.created)
            assert list(load_records(store, list_runs(store))) == runs[:2]
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
            connection.exec_driver_sql("DROP TABLESPACE small")
    shutil.rmtree(disk)


def test_without_sqlalchemy_the_extra_is_named() -> None:
    """Where the extra is not installed, the error says how to install it."""
    code = (
        "import sys\n"
        "sys.modules['sqlalchemy'] = None\n"
        "from hivegate.errors import HistoryError\n"
        "try: import hivegate.history\n"
        "except HistoryError as fault: print(fault)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'hivegate[history]'" in ended.stdout
