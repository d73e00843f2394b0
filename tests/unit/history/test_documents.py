"""Documents are kept by key: every version, whole, and each content once."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.stores import versions

from hivegate.errors import HistoryError
from hivegate.history.documents import get, put
from hivegate.history.store import Store, open_store
from hivegate.history.tables import contents
from hivegate.model.document import Draft, Entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "hive/benchmarker/results"


def draft(content: str, key: str = KEY, created: str = "2026-06-01T10:00:00+00:00", **fields: str) -> Draft:
    """Make a draft of Markdown."""
    return Draft(**{"key": key, "content": content, "media_type": "text/markdown", "created": created, **fields})


def stored_contents(store: Store) -> int:
    """Count the contents that a store holds."""
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(contents)).scalar_one())


def test_a_document_is_read_back_as_it_was_put(opened: Callable[[], Store]) -> None:
    """Content, media type, time and commit come back from a store that was opened anew."""
    content = "# Ergebnisse\r\n\n\u00b5s \U0001f41d\t'; DROP TABLE hivegate_documents; --\n"
    (entry,) = put(opened(), [draft(content, commit="0123abc")])
    found = get(opened(), KEY)
    assert found.content == content
    assert found.entry == entry
    assert (entry.version, entry.commit, entry.media_type) == (1, "0123abc", "text/markdown")
    assert entry.size == len(content.encode())


def test_older_versions_are_kept(opened: Callable[[], Store]) -> None:
    """Versions count from 1, all of them stay, and the newest is read."""
    store = opened()
    for number in range(1, 4):
        assert put(store, [draft(f"text {number}")])[0].version == number
    assert get(store, KEY).content == "text 3"
    assert versions(store) == {KEY: ["text 1", "text 2", "text 3"]}


def test_what_the_newest_version_holds_is_not_kept_again(opened: Callable[[], Store]) -> None:
    """The same text of the same commit is the same version, whenever it is put; of another commit it is a new one."""
    store = opened()
    (first,) = put(store, [draft("same", commit="a")])
    assert put(store, [draft("same", commit="a", created="2027-01-01T00:00:00+00:00")]) == (first,)
    assert put(store, [draft("same", commit="b")])[0].version == 2
    assert put(store, [draft("same", commit="b", media_type="text/plain")])[0].version == 3


def test_equal_content_is_stored_once(opened: Callable[[], Store]) -> None:
    """However many versions and keys hold a text, the store has it once; a return to an old text is a new version."""
    store = opened()
    put(store, [draft("one"), draft("one", key="other")])
    put(store, [draft("two")])
    assert put(store, [draft("one")])[0].version == 3
    assert stored_contents(store) == 2


def test_several_documents_are_kept_all_or_none(opened: Callable[[], Store]) -> None:
    """One that cannot be kept keeps the others out as well."""
    store = opened()
    with pytest.raises(HistoryError, match="is not a valid key"):
        put(store, [draft("good"), draft("bad", key="no key")])
    assert versions(store) == {}


def test_a_writer_that_raises_leaves_nothing(opened: Callable[[], Store]) -> None:
    """What was written before an error in the same transaction is gone, content and version alike."""
    store = opened()
    put(store, [draft("before")])
    failing = Draft(key=KEY, content="second", media_type=None, created="")  # type: ignore[arg-type]
    with pytest.raises(HistoryError, match="database error"):
        put(store, [draft("first", key="other"), failing])
    assert list(versions(store)) == [KEY]
    assert stored_contents(store) == 1


@pytest.mark.parametrize("key", ["", "a b", "/a", "a/", "a//b", "a\n", "\u00e4", "a/\x1b[31m", "x" * 201, "$(id)"])
def test_keys_that_could_be_misread_are_refused(tmp_path: Path, key: str) -> None:
    """A key is plain characters in parts; the refusal shows what is allowed, and no control characters."""
    with pytest.raises(HistoryError, match="is not a valid key") as refused:
        put(open_store("history.db", folder=tmp_path, create=True), [draft("text", key=key)])
    assert "such as shop/results" in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(("content", "said"), [("a\0b", "byte 1 is zero"), ("a\ud800", "character 1")])
def test_what_is_no_text_is_refused(opened: Callable[[], Store], content: str, said: str) -> None:
    """Zero bytes and halves of characters, which not every database could hold, are refused by place."""
    with pytest.raises(HistoryError, match=said):
        put(opened(), [draft(content)])


def test_what_is_not_kept_is_named(opened: Callable[[], Store]) -> None:
    """A misspelt key is answered with the nearest, any other with the keys that there are."""
    store = opened()
    with pytest.raises(HistoryError, match="hivegate report --store"):
        get(store, KEY)
    put(store, [draft("text")])
    with pytest.raises(HistoryError, match="did you mean hive/benchmarker/results"):
        get(store, "hive/benchmarker/result")
    with pytest.raises(HistoryError, match="no document with the key 'zzz'\n  stored keys: hive/benchmarker/results"):
        get(store, "zzz")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE hivegate_contents SET content = 'changed'", "version 1 is damaged"),
        ("UPDATE hivegate_contents SET content = x'ff00'", "is damaged"),
        ("UPDATE hivegate_contents SET content = CAST(x'ff' AS TEXT)", "database error"),
        ("UPDATE hivegate_documents SET created = x'ff'", "is damaged"),
        ("DROP TABLE hivegate_contents", "database error"),
    ],
)
def test_content_that_others_changed_is_not_passed_off(tmp_path: Path, damage: str, said: str) -> None:
    """What does not have the hash or the type it was stored with is an error that names the file."""
    store = open_store("history.db", folder=tmp_path, create=True)
    put(store, [draft("text")])
    other = sqlite3.connect(tmp_path / "history.db")
    other.execute(damage)
    other.commit()
    other.close()
    with pytest.raises(HistoryError, match=said) as refused:
        get(store, KEY)
    assert "history.db" in str(refused.value)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
puts = st.lists(st.tuples(st.sampled_from(["a", "a/b", "c"]), st.sampled_from(["x", "y"]) | texts), max_size=8)


@settings(max_examples=12, deadline=None)
@given(puts)
def test_a_store_is_the_list_of_what_was_put(
    tmp_path_factory: pytest.TempPathFactory, given: list[tuple[str, str]]
) -> None:
    """For every order of puts: a key's versions are its texts in order, without immediate repetitions."""
    store = open_store("history.db", folder=tmp_path_factory.mktemp("store"), create=True)
    expected: dict[str, list[str]] = {}
    for key, text in given:
        put(store, [draft(text, key=key)])
        if expected.setdefault(key, [])[-1:] != [text]:
            expected[key].append(text)
    assert versions(store) == expected
    assert stored_contents(store) == len({text for _, text in given})


def test_an_entry_knows_its_content_by_hash(opened: Callable[[], Store]) -> None:
    """The hash is SHA-256 of the UTF-8 bytes, as `sha256sum` of the file that was put."""
    (entry,) = put(opened(), [draft("abc")])
    assert isinstance(entry, Entry)
    assert entry.content_hash == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
