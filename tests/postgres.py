"""A PostgreSQL of our own: Debian's programs, a folder of its own, no network, and no more rights than it needs."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine
from tests.documents import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


class NoServerError(Exception):
    """Why no server can be started here."""


_SETTINGS = {"listen_addresses": "", "fsync": "off"}


@contextlib.contextmanager
def server(**settings: str) -> Iterator[str]:
    """Start a server that listens on a socket in a folder of its own, and give the URL of an empty database.

    As root it is run by the user ``postgres``. Raises `NoServerError` where that or the programs are not there.
    """
    programs = _programs()
    user = server_user()
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path is at most 107 bytes
    if user is not None:
        os.chown(folder, user, -1)
    try:
        _run(user, folder, programs / "initdb", "-D", "data", "-U", "hive", "-A", "trust", "-E", "UTF8", "--no-sync")
        told = {**_SETTINGS, "unix_socket_directories": str(folder), **settings}
        options = " ".join(shlex.quote(part) for name, value in told.items() for part in ("-c", f"{name}={value}"))
        _run(user, folder, programs / "pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
        port = f"&port={told['port']}" if "port" in told else ""
        yield f"postgresql://hive@/postgres?host={folder}{port}"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _run(user, folder, programs / "pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def engine(url: str) -> Engine:
    """Reach a server beside the store."""
    return create_engine(url.replace("://", "+psycopg://", 1), poolclass=NullPool)


def as_role(url: str, role: str) -> str:
    """Address the server as another role."""
    return url.replace("://hive@", f"://{role}@", 1)


def rights(writer: str, reader: str) -> list[str]:
    """Read the SQL of docs/how-to/shared-history.md, a statement an item, for roles of these names."""
    (block,) = blocks("sql")
    text = re.sub(r"\bviewer\b", reader, re.sub(r"\bci\b", writer, block.text))
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def grant(url: str, *, writer: str, reader: str) -> None:
    """Run it, as the owner of the tables."""
    with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in rights(writer, reader):
            connection.exec_driver_sql(statement)


def processor_time(url: str) -> float:
    """Tell the seconds that the server took, with all its connections that have ended."""
    with engine(url).connect() as connection:
        folder = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        others = connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'")
        pids = [one.pid for one in others]
    postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    return sum(sum(_times(pid)[:2]) for pid in pids) + sum(_times(postmaster))


def _times(pid: int) -> list[float]:
    """Tell the seconds of a process: its own, by itself and by the system, and those of its children that ended."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return [int(one) / os.sysconf("SC_CLK_TCK") for one in told]


def empty(url: str) -> None:
    """Take everything out of a database."""
    with engine(url).begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def server_user() -> int | None:
    """Choose who runs the server, which refuses to be run by root; None for ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        raise NoServerError("PostgreSQL does not run as root, and there is no user postgres") from None


def _programs() -> Path:
    """Find the server's programs, which Debian keeps off the PATH, a folder for each version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        raise NoServerError("PostgreSQL is not installed here")
    return max(folders, key=lambda folder: int(folder.parent.name))


def _run(user: int | None, folder: Path, program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    subprocess.run(
        command, cwd=folder, user=user, check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
