"""Roles of a shared history: one adds and takes nothing out, one only reads, and neither owns the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.postgres import as_role, empty, engine
from tests.records import NOW, record

from hivegate.errors import HistoryError, UsageError
from hivegate.history import migrations
from hivegate.history.documents import get, put
from hivegate.history.queries import list_runs, load_records, load_verdicts
from hivegate.history.roles import Roles, grant, script
from hivegate.history.runs import add, remove
from hivegate.history.store import Store, open_store
from hivegate.history.tables import METADATA
from hivegate.model.document import Draft
from hivegate.model.record import Judged
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROLES = Roles(writers=("runner",), readers=("viewer",))
NOTE = Draft(key="note", content="text", media_type="text/plain", created=NOW)
JUDGED = Judged(benchmark="s/a", kind="target", outcome=Outcome.FAILED, reason="above")
ODD = 'we"b %s: x'


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    """Give an empty database with roles that may do nothing yet."""
    empty(postgres)
    names = ", ".join(("runner", "viewer", f'"{ODD.replace(chr(34), chr(34) * 2)}"'))
    with engine(postgres).connect().execution_options(no_parameters=True) as connection:
        for name in names.split(", "):
            connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN")
        connection.commit()
        yield postgres
        connection.exec_driver_sql(f"DROP OWNED BY {names}")
        connection.exec_driver_sql(f"DROP ROLE {names}")
        connection.commit()


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Callable[[str], Store]:
    """Give an opener of the store for a role, once roles have their rights."""
    grant(open_store(url, folder=tmp_path, create=True), ROLES)
    return lambda role: open_store(as_role(url, role), folder=tmp_path, create=True)


def refused(work: Callable[[], object]) -> str:
    """Do what may not be done; return what is said."""
    with pytest.raises(HistoryError) as fault:
        work()
    return str(fault.value)


def test_a_writer_does_all_that_adding_needs(opened: Callable[[str], Store]) -> None:
    """It adds runs and documents, puts verdicts beside a run later, and follows a benchmark whose file was moved."""
    store = opened("runner")
    made = record(0)
    assert add(store, [made], now=NOW) == 1
    assert add(store, [msgspec.structs.replace(made, outcome=Outcome.FAILED, judged=(JUDGED,))], now=NOW) == 0
    moved = record(1, nodes={"s/a": "benches/other.py::test_a"})
    assert add(store, [moved], now=NOW) == 1
    assert put(store, [NOTE])[0].version == 1
    reading = opened("viewer")
    first, second = list_runs(reading)
    assert load_verdicts(reading, first.id) == (JUDGED,)
    assert [one.nodes for one in load_records(reading, [second])] == [moved.nodes]
    assert get(reading, "note").content == "text"


def test_a_writer_takes_nothing_out(opened: Callable[[str], Store]) -> None:
    """What is kept stays, whatever SQL a writer sends; a pruning is refused with what to do."""
    store = opened("runner")
    add(store, [record(0)], now=NOW)
    said = refused(lambda: remove(store, [one.id for one in list_runs(store)]))
    assert "its role may not do that: permission denied" in said
    assert "hivegate history roles" in said
    for name in METADATA.tables:
        for statement in ("DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} ADD x INTEGER"):
            sql = statement.format(name)
            assert "may not" in refused(lambda one=sql: run(store, one))  # type: ignore[misc]
    for change in (
        "hivegate_estimates SET value = 0",
        "hivegate_runs SET moment = ''",
        "hivegate_contents SET content = ''",
    ):
        assert "may not" in refused(lambda one=f"UPDATE {change}": run(store, one))  # type: ignore[misc]
    assert list(load_records(store, list_runs(store))) == [record(0)]


def run(store: Store, statement: str) -> None:
    """Send SQL as a writer."""
    store.write(lambda connection: connection.exec_driver_sql(statement))


def test_a_reader_writes_nothing(opened: Callable[[str], Store]) -> None:
    """Runs and documents are refused, and rows of every table."""
    add(opened("runner"), [record(0)], now=NOW)
    store = opened("viewer")
    assert "may not" in refused(lambda: add(store, [record(1)], now=NOW))
    assert "may not" in refused(lambda: put(store, [NOTE]))
    for name in METADATA.tables:
        assert "may not" in refused(lambda one=f"INSERT INTO {name} DEFAULT VALUES": run(store, one))  # type: ignore[misc]
    assert len(list_runs(store)) == 1


def test_rights_that_are_not_named_are_taken_away(opened: Callable[[str], Store], url: str, tmp_path: Path) -> None:
    """What a role was given by hand, and a writer that becomes a reader, are led to what is named."""
    with engine(url).begin() as connection:
        connection.exec_driver_sql("GRANT DELETE ON hivegate_runs TO runner")
    owner = open_store(url, folder=tmp_path, create=False)
    assert grant(owner, ROLES) == "public"
    assert "may not" in refused(lambda: run(opened("runner"), "DELETE FROM hivegate_runs"))
    grant(owner, Roles(readers=("runner",)))
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        engine(as_role(url, "runner")).begin() as connection,
    ):
        connection.exec_driver_sql("UPDATE hivegate_runs SET outcome = 'passed'")


def test_the_printed_sql_makes_a_history(url: str, tmp_path: Path) -> None:
    """Run by the owner without hivegate, it makes tables in a schema of its own, with any names of roles."""
    with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT", no_parameters=True) as connection:
        connection.exec_driver_sql('CREATE SCHEMA "Bees\' own"')
        connection.exec_driver_sql(script(Roles(writers=("runner",), readers=(ODD,)), "Bees' own", with_tables=True))
        connection.exec_driver_sql('ALTER ROLE ALL SET search_path TO "Bees\' own"')
    try:
        assert add(open_store(as_role(url, "runner"), folder=tmp_path, create=True), [record(0)], now=NOW) == 1
        reader = as_role(url, "we%22b%20%25s%3A%20x")
        assert len(list_runs(open_store(reader, folder=tmp_path, create=False))) == 1
        assert "may not" in refused(lambda: put(open_store(reader, folder=tmp_path, create=True), [NOTE]))
        assert grant(open_store(url, folder=tmp_path, create=False), Roles(readers=(ODD,))) == "Bees' own"
    finally:
        with engine(url).begin() as connection:
            connection.exec_driver_sql("ALTER ROLE ALL RESET search_path")
            connection.exec_driver_sql('DROP SCHEMA "Bees\' own" CASCADE')


def test_a_schema_of_another_owner_is_told(url: str, tmp_path: Path) -> None:
    """The owner of the tables cannot let others into a schema that is not its own, which PostgreSQL only warns of."""
    with engine(url).begin() as connection:
        connection.exec_driver_sql("GRANT USAGE, CREATE ON SCHEMA public TO runner")
    owner = open_store(as_role(url, "runner"), folder=tmp_path, create=True)
    said = refused(lambda: grant(owner, Roles(readers=("viewer",))))
    assert 'let its owner do it: GRANT USAGE ON SCHEMA "public" TO "viewer"' in said
    with engine(url).begin() as connection:
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO viewer")
    assert grant(owner, Roles(readers=("viewer",))) == "public"
    assert list_runs(open_store(as_role(url, "viewer"), folder=tmp_path, create=False)) == ()


def test_who_may_not_make_the_tables_is_told_who_does(url: str, tmp_path: Path) -> None:
    """A writer before its tables are made is told that, and what their owner does; nothing is made."""
    said = refused(lambda: open_store(as_role(url, "runner"), folder=tmp_path, create=True))
    assert "has no tables yet that runner sees, and runner may not make them" in said
    assert "hivegate history roles --apply" in said
    with engine(url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'hivegate%'")).scalar() == 0


def test_who_may_not_lead_the_tables_on_is_told_who_does(
    opened: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer of a newer hivegate is told that the owner comes first; once that was, it adds."""
    later = migrations.Step(("ALTER TABLE hivegate_runs ADD later INTEGER",))
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, later))
    monkeypatch.setattr(migrations, "NEWEST", len(migrations.STEPS))
    monkeypatch.setattr("hivegate.history.store.NEWEST", len(migrations.STEPS))
    old, new = len(migrations.STEPS) - 1, len(migrations.STEPS)
    assert f"is led to schema {new} from {old}, which runner may not do" in refused(lambda: opened("runner"))
    opened("hive")
    assert add(opened("runner"), [record(0)], now=NOW) == 1


def test_roles_that_cannot_be_given_rights(opened: Callable[[str], Store], tmp_path: Path) -> None:
    """One that does not exist is named, a name that none can have too; a file has no roles; a writer gives none."""
    owner = opened("hive")
    assert "there is no role nobody_here" in refused(lambda: grant(owner, Roles(readers=("nobody_here",))))
    for name in ("", "a\0b", "\u00b5" * 40):
        with pytest.raises(UsageError, match="is no name"):
            script(Roles(writers=(name,)))
    file = open_store("history.db", folder=tmp_path, create=True)
    assert "has no roles" in refused(lambda: grant(file, ROLES))
    assert "its tables are those of hive" in refused(lambda: grant(opened("runner"), ROLES))
