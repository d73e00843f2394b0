"""Stores of both kinds: SQLite in a file, and PostgreSQL in a server of the test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from hivegate.history.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL that listens on a socket in a folder of its own, and give the URL of an empty database."""
    programs = _programs()
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path is at most 107 bytes
    if user is not None:
        os.chown(folder, user, -1)
    try:
        _run(user, folder, programs / "initdb", "-D", "data", "-U", "hive", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(user, folder, programs / "pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
        yield f"postgresql://hive@/postgres?host={folder}"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _run(user, folder, programs / "pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the path or the URL of a store that is not made yet."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    url = str(request.getfixturevalue("postgres"))
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415  only where the store is PostgreSQL

    with create_engine(url.replace("://", "+psycopg://"), poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return url


@pytest.fixture
def opened(place: str, tmp_path: Path) -> Callable[[], Store]:
    """Give an opener of the store, which makes it where there is none."""
    return lambda: open_store(place, folder=tmp_path, create=True)


def _programs() -> Path:
    """Find the server's programs, which Debian keeps off the PATH, a folder for each version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        _do_without("PostgreSQL is not installed here")
    return max(folders, key=lambda folder: int(folder.parent.name))


def _user() -> int | None:
    """Choose who runs the server, which refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        _do_without("PostgreSQL does not run as root, and there is no user postgres")


def _do_without(reason: str) -> NoReturn:
    """Skip what needs the server; in continuous integration that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _run(user: int | None, folder: Path, program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    subprocess.run(
        command, cwd=folder, user=user, check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
