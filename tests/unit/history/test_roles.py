"""The rights that docs/how-to/shared-history.md gives: one role adds and removes nothing, one only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text
from tests.postgres import as_role, empty, engine, grant, rights
from tests.records import NOW, record

from hivegate.errors import HistoryError
from hivegate.history import migrations
from hivegate.history.documents import get, put
from hivegate.history.queries import list_runs, load_records, load_verdicts
from hivegate.history.runs import add, remove
from hivegate.history.store import Store, open_store
from hivegate.history.tables import METADATA
from hivegate.model.document import Draft
from hivegate.model.record import StoredVerdict
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTE = Draft(key="note", content="text", media_type="text/plain", created=NOW)
JUDGED = StoredVerdict(benchmark="s/a", kind=RuleKind.TARGET, outcome=Outcome.FAILED, reason="above")


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    """Give an empty database with roles that may do nothing yet."""
    empty(postgres)
    with engine(postgres).connect() as connection:
        for name in ("runner", "viewer"):
            connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN")
        connection.commit()
        yield postgres
        connection.exec_driver_sql("DROP OWNED BY runner, viewer")
        connection.exec_driver_sql("DROP ROLE runner, viewer")
        connection.commit()


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Callable[[str], Store]:
    """Give an opener of the store for a role, once roles have their rights."""
    open_store(url, folder=tmp_path, create=True)
    grant(url, writer="runner", reader="viewer")
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
    assert "its role lacks the rights: permission denied" in said
    assert "docs/how-to/shared-history.md" in said
    for name in METADATA.tables:
        for statement in ("DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} ADD x INTEGER"):
            sql = statement.format(name)
            assert "lacks the rights" in refused(lambda one=sql: run(store, one))  # type: ignore[misc]
    for change in (
        "hivegate_estimates SET value = 0",
        "hivegate_runs SET moment = ''",
        "hivegate_contents SET content = ''",
    ):
        assert "lacks the rights" in refused(lambda one=f"UPDATE {change}": run(store, one))  # type: ignore[misc]
    assert list(load_records(store, list_runs(store))) == [record(0)]


def run(store: Store, statement: str) -> None:
    """Send SQL as a writer."""
    store.write(lambda connection: connection.exec_driver_sql(statement))


def test_a_reader_writes_nothing(opened: Callable[[str], Store]) -> None:
    """Runs and documents are refused, and rows of every table."""
    add(opened("runner"), [record(0)], now=NOW)
    store = opened("viewer")
    assert "lacks the rights" in refused(lambda: add(store, [record(1)], now=NOW))
    assert "lacks the rights" in refused(lambda: put(store, [NOTE]))
    for name in METADATA.tables:
        assert "lacks the rights" in refused(lambda one=f"INSERT INTO {name} DEFAULT VALUES": run(store, one))  # type: ignore[misc]
    assert len(list_runs(store)) == 1


def test_the_statements_can_be_run_again(opened: Callable[[str], Store], url: str) -> None:
    """What a role was given by hand is taken away, and what it may stays."""
    with engine(url).begin() as connection:
        connection.exec_driver_sql("GRANT DELETE ON hivegate_runs TO runner")
    grant(url, writer="runner", reader="viewer")
    store = opened("runner")
    assert "lacks the rights" in refused(lambda: run(store, "DELETE FROM hivegate_runs"))
    assert add(store, [record(0)], now=NOW) == 1


def test_the_statements_name_every_table(url: str, tmp_path: Path) -> None:
    """A table that is not named in the document would be closed to those who add."""
    open_store(url, folder=tmp_path, create=True)
    for statement in rights("runner", "viewer"):
        if "GRANT SELECT" in statement or "REVOKE" in statement:
            assert [name for name in METADATA.tables if name not in statement] == []


def test_who_may_not_make_the_tables_is_told_who_does(url: str, tmp_path: Path) -> None:
    """A writer before its tables are made is told that, and what their owner does; nothing is made."""
    said = refused(lambda: open_store(as_role(url, "runner"), folder=tmp_path, create=True))
    assert "has no tables that runner can see, and runner lacks the rights to create them" in said
    assert "hivegate history add" in said
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
    assert f"needs an upgrade from schema {old} to {new}, and runner lacks the rights" in refused(
        lambda: opened("runner")
    )
    opened("hive")
    assert add(opened("runner"), [record(0)], now=NOW) == 1
