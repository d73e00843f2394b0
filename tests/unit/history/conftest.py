"""Stores of both kinds: SQLite in a file, and PostgreSQL in a server of the test's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.postgres import NoServerError, empty, server

from hivegate.history.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the URL of an empty database; without a server what needs it is skipped, and fails where CI is set."""
    try:
        with server() as url:
            yield url
    except NoServerError as fault:
        if os.environ.get("CI"):
            pytest.fail(str(fault), pytrace=False)
        pytest.skip(str(fault))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the path or the URL of a store that is not made yet."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    url = str(request.getfixturevalue("postgres"))
    empty(url)
    return url


@pytest.fixture
def opened(place: str, tmp_path: Path) -> Callable[[], Store]:
    """Give an opener of the store, which makes it where there is none."""
    return lambda: open_store(place, folder=tmp_path, create=True)
