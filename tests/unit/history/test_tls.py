"""A server behind TLS: whom it and its clients trust, and that no password is ever told."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from tests.certificates import has_openssl, make_authority, make_certificate
from tests.postgres import NoServerError, engine, grant, server, server_user
from tests.records import NOW, record

from hivegate.errors import HistoryError
from hivegate.history.queries import list_runs
from hivegate.history.runs import add
from hivegate.history.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cr3t/of@bees"  # noqa: S105  of a server of the test's own
SPELLED = PASSWORD.replace("/", "%2F").replace("@", "%40")
# By certificate, by password, and nobody without TLS but through the socket.
_HBA = "local all hive trust\nhostssl all runner 127.0.0.1/32 cert\nhostssl all viewer 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def secured() -> Iterator[tuple[Path, int]]:
    """Give a folder of certificates and the port of a server that has one for ``localhost``."""
    if not has_openssl():
        pytest.skip("openssl is not installed here")
    folder = Path(tempfile.mkdtemp(prefix="tls", dir="/tmp"))  # the server's user cannot pass through pytest's own
    folder.chmod(0o755)
    for name in ("ours", "theirs"):
        make_authority(folder, name)
    make_certificate(folder, "ours", "localhost")
    make_certificate(folder, "ours", "runner")
    (folder / "pg_hba.conf").write_text(_HBA)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        for name in ("localhost.key", "pg_hba.conf"):
            os.chown(folder / name, server_user() or -1, -1)
        files = {"ssl_cert_file": "localhost.crt", "ssl_key_file": "localhost.key", "ssl_ca_file": "ours.crt"}
        settings = {
            "ssl": "on",
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "password_encryption": "scram-sha-256",
        }
        paths = {name: str(folder / file) for name, file in {**files, "hba_file": "pg_hba.conf"}.items()}
        with server(**settings, **paths) as url:
            with engine(url).begin() as connection:
                connection.exec_driver_sql("CREATE ROLE runner LOGIN")
                connection.exec_driver_sql(f"CREATE ROLE viewer LOGIN PASSWORD '{PASSWORD}'")
            open_store(url, folder=folder, create=True)
            grant(url, writer="runner", reader="viewer")
            yield folder, port
    except NoServerError as fault:
        if os.environ.get("CI"):
            pytest.fail(str(fault), pytrace=False)
        pytest.skip(str(fault))
    finally:
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where something is tried again that will not pass."""

    def never(_seconds: float) -> None:
        pytest.fail("tried again")

    monkeypatch.setattr("hivegate.history.retries.time.sleep", never)


def opened(secured: tuple[Path, int], user: str, host: str = "localhost", **options: str) -> Store:
    """Open the store as a user, whatever the host is called at 127.0.0.1; files are those of the folder."""
    folder, port = secured
    told = "&".join(f"{name}={value}" for name, value in {"hostaddr": "127.0.0.1", **options}.items())
    return open_store(f"postgresql://{user}@{host}:{port}/postgres?{told}", folder=folder, create=True)


def refused(secured: tuple[Path, int], user: str, host: str = "localhost", **options: str) -> HistoryError:
    """Open what is refused."""
    with pytest.raises(HistoryError) as fault:
        opened(secured, user, host, **options)
    return fault.value


TRUSTED = {"sslmode": "verify-full", "sslrootcert": "ours.crt"}
SHOWN = {"sslcert": "runner.crt", "sslkey": "runner.key"}


def test_a_writer_shows_its_certificate(secured: tuple[Path, int]) -> None:
    """By files that are named beside the project the server is trusted and the role known; the connection is TLS."""
    store = opened(secured, "runner", **TRUSTED, **SHOWN)
    assert add(store, [record(0)], now=NOW) == 1
    with store.reading() as connection:
        told = text("SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert tuple(connection.execute(told).one()) == (True, "/CN=runner")
    assert "certificate" in refused(secured, "runner", **TRUSTED).message


def test_another_name_of_the_host_is_refused(secured: tuple[Path, int]) -> None:
    """The certificate is of localhost: verify-full takes it for no other name, verify-ca does."""
    fault = refused(secured, "runner", "history.example.org", **TRUSTED, **SHOWN)
    assert "does not match host name" in fault.message
    assert "sslrootcert" in fault.hint
    opened(secured, "runner", "history.example.org", **{**TRUSTED, "sslmode": "verify-ca"}, **SHOWN)


def test_another_authority_is_refused(secured: tuple[Path, int]) -> None:
    """A server whose certificate another signed, and a file that is not there, are told with the options to mend."""
    for file in ("theirs.crt", "missing.crt"):
        fault = refused(secured, "runner", **{**TRUSTED, "sslrootcert": file}, **SHOWN)
        assert "certificate" in fault.message
        assert "sslrootcert" in fault.hint
    assert "surely" in refused(secured, "runner", sslmode="surely").message


def test_no_password_is_told(secured: tuple[Path, int], caplog: pytest.LogCaptureFixture) -> None:
    """Neither a right one nor a wrong one is in an error, its causes or a log, and a wrong one is not tried again."""
    caplog.set_level(logging.DEBUG)
    store = opened(secured, f"viewer:{SPELLED}", **TRUSTED)
    list_runs(store)
    with pytest.raises(HistoryError) as denied:
        add(store, [record(1)], now=NOW)
    wrong = refused(secured, f"viewer:not{SPELLED}", **TRUSTED)
    assert "password authentication failed" in wrong.message
    plain = refused(secured, f"viewer:{SPELLED}", sslmode="disable")
    untrusted = {**TRUSTED, "sslrootcert": "theirs.crt"}
    option = refused(secured, "viewer", **untrusted, password=SPELLED, sslpassword=SPELLED)
    told = [caplog.text, store.where, repr(vars(store))]
    for fault in (denied.value, wrong, plain, option):
        told += [str(fault), *traceback.format_exception(fault)]
    for secret in (PASSWORD, SPELLED):
        assert not [one for one in told if secret in one]


def test_a_password_that_is_not_spelled_right_is_not_told(tmp_path: Path) -> None:
    """Where an @ of a password ends it, the rest of it is in no error."""
    for place in (
        f"postgresql://viewer:{PASSWORD}@localhost/history",
        "postgresql://viewer:p@secret@localhost/history",
    ):
        with pytest.raises(HistoryError, match="more than one @") as fault:
            open_store(place, folder=tmp_path, create=True)
        assert "%40" in fault.value.hint
        assert not any(secret in str(fault.value) for secret in ("bees", "s3cr3t", "secret"))
