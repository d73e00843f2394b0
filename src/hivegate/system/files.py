"""Files: read with a limit, written whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hivegate.errors import HivegateError
from hivegate.system.holding import held, sweep

MEBIBYTE = 2**20

_SCRATCH = "hivegate-run-"
_PART = ".hivegate-part"
_swept: set[Path] = set()  # folders in which this process has looked for what killed ones left half written


def read_bytes(path: Path, *, limit: int, error: type[HivegateError]) -> bytes:
    """Read a regular file of at most `limit` bytes; raises `error` with the likely fix otherwise."""
    with _translated(path, error):
        if not path.exists():
            raise error("no such file", where=str(path), hint=_near(path))
        if not path.is_file():
            raise error("is not a regular file", where=str(path))
        size = path.stat().st_size
        if size > limit:
            raise error(
                f"has {size / MEBIBYTE:.0f} MiB; at most {limit / MEBIBYTE:.0f} MiB are read",
                where=str(path),
            )
        return path.read_bytes()


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a temporary folder, which is removed on every way out; what killed processes left is removed first.

    It is held as long as the process lives, also against another container that shares the folder for temporary files.
    """
    sweep(Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"))
    with held(lambda: Path(tempfile.mkdtemp(prefix=_SCRATCH))) as folder:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_atomic(path: Path, content: str | bytes, *, error: type[HivegateError], durable: bool = True) -> None:
    """Write a file so that a reader, a crash or a full disk never leaves half of it.

    Without `durable` a machine that loses its power may: for many files that can be made again, ten times as fast.
    """
    with _translated(path, error), _complete(path, content, durable=durable) as temporary:
        temporary.replace(path)


def create_atomic(path: Path, content: str | bytes, *, error: type[HivegateError]) -> None:
    """Write a new file in the same way; raises `error` where one is there, which stays as it is."""
    with _translated(path, error), _complete(path, content) as temporary:
        path.hardlink_to(temporary)


@contextlib.contextmanager
def _complete(path: Path, content: str | bytes, *, durable: bool = True) -> Iterator[Path]:
    """Give a finished file beside `path`, which is gone afterwards where it was not moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent.glob(f".*{_PART}"))
    with held(lambda: _empty_file(path)) as temporary:
        try:
            with temporary.open("wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.chmod(0o644)
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)


def _empty_file(path: Path) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_PART)
    os.close(descriptor)
    return Path(name)


@contextlib.contextmanager
def _translated(path: Path, error: type[HivegateError]) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise error(fault.strerror or str(fault), where=str(path)) from fault


def _near(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist, either"
    names = sorted(one.name for one in folder.iterdir() if one.suffix == path.suffix)[:5]
    return f"{folder} contains {', '.join(names)}" if names else ""
