"""A working tree as it stands, and a base, as bytes for other machines: two commits without their histories."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

from hivegate.errors import MeasureError
from hivegate.system import git
from hivegate.system.files import scratch_folder

_STANDS, _HEAD, _BASE = "refs/hivegate/stands", "refs/hivegate/head", "refs/hivegate/base"
# The same tree makes the same commit, so that what is packed twice is known by one name.
_NOBODY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "hivegate"), ("EMAIL", "hivegate@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}


def pack(top: Path, base: str | None) -> bytes:
    """Pack the working tree at `top` as it stands, over its HEAD, and a base's commit.

    What is tracked or new is in it, and of what git ignores only the sources that a build writes (`_version.py`).
    Nothing before the two commits is, and nothing of it is left in the repository's own objects. Raises `UsageError`
    with git's words.
    """
    with scratch_folder() as folder:
        store, staging = folder / "store", folder / "staging"
        form = f"--object-format={git.perform(top, 'rev-parse', '--show-object-format')}"
        for path in (store, staging):
            git.perform(top, "init", "--quiet", "--bare", "--template=", form, str(path))
        objects = git.perform(top, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        (staging / "objects" / "info").mkdir(exist_ok=True)
        (staging / "objects" / "info" / "alternates").write_text(f"{objects}\n", encoding="utf-8")
        stands = _as_it_stands(top, folder / "index", staging / "objects")
        wanted = {_STANDS: stands, _HEAD: git.perform(top, "rev-parse", "HEAD"), _BASE: base}
        refs = (f"+{sha}:{ref}" for ref, sha in wanted.items() if sha is not None)
        git.perform(store, "fetch", "--quiet", "--depth=1", "--no-tags", staging.resolve().as_uri(), *refs)
        (store / "FETCH_HEAD").unlink(missing_ok=True)
        return _zipped(store)


def unpack(data: bytes, folder: Path) -> None:
    """Make a working tree of what was packed, in a new folder: HEAD as it was, and over it what was changed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder / ".git")  # of the client that we work for; its names stay below the folder
    except (zipfile.BadZipFile, OSError) as fault:
        raise MeasureError(f"the checkout cannot be unpacked: {fault}", where=str(folder)) from fault
    git.perform(folder, "config", "core.bare", "false")
    git.perform(folder, "checkout", "--quiet", "--detach", _STANDS)
    git.perform(folder, "reset", "--quiet", "--mixed", _HEAD)


def _as_it_stands(top: Path, index: Path, objects: Path) -> str:
    """Commit what is in the working tree to no branch, by an index of our own and into objects of our own.

    An untracked `.env` among them would otherwise stay in the repository, where nobody looks for it.
    """
    own = Path(git.perform(top, "rev-parse", "--path-format=absolute", "--git-path", "index"))
    if own.exists():
        shutil.copy2(own, index)  # with what git knows of unchanged files, else it would read them all
    variables = {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(objects), **_NOBODY}
    git.perform(top, "add", "--all", variables=variables)
    generated = [str(path) for path in git.ignored(top) if _is_generated(path)]
    if generated:
        git.perform(top, "add", "--force", "--", *generated, variables=variables)
    tree = git.perform(top, "write-tree", variables=variables)
    return git.perform(top, "commit-tree", "-m", "as it stands", tree, variables=variables)


def _is_generated(path: Path) -> bool:
    return (path.suffix == ".py" and path.is_file()) or (path.suffix == ".egg-info" and path.is_dir())


def _zipped(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:  # git has packed already
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder).as_posix())
    return made.getvalue()
