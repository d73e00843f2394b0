"""A working tree as it stands goes to another machine whole, and leaves nothing of it in the repository's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.system import checkouts

if TYPE_CHECKING:
    from pathlib import Path


def objects(repository: Repository) -> set[str]:
    """List every object of a repository, reachable or not."""
    return set(repository.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("shallow", [False, True])
def test_what_is_packed_leaves_no_object_behind(tmp_path: Path, form: str, *, shallow: bool) -> None:
    """An untracked .env goes along, as every new file, and is in no object of the user's repository afterwards."""
    first = tmp_path / "first"
    first.mkdir()
    repository = Repository(first)
    repository.git("init", "-q", "-b", "main", f"--object-format={form}")
    repository.commit({"a.py": "a = 0\n", "kept.py": "k = 0\n"})
    base = repository.commit({"a.py": "a = 1\n", "gone.py": "x = 1\n"})
    repository.commit({"b.py": "b = 1\n"})
    if shallow:
        repository = repository.clone(tmp_path / "shallow", "--depth", "2")
    repository.write({".env": "SECRET=1\n", "a.py": "a = 2\n", "staged.py": "s = 1\n", "gone.py": None})
    repository.git("add", "staged.py")
    before = objects(repository)
    packed = checkouts.pack(repository.folder, base)
    assert objects(repository) == before
    assert repository.git("status", "--porcelain").splitlines() == ["M a.py", " D gone.py", "A  staged.py", "?? .env"]
    there = tmp_path / "there"
    checkouts.unpack(packed, there)
    found = {path.name: path.read_text(encoding="utf-8") for path in there.iterdir() if path.is_file()}
    assert found == {
        ".env": "SECRET=1\n",
        "a.py": "a = 2\n",
        "b.py": "b = 1\n",
        "kept.py": "k = 0\n",
        "staged.py": "s = 1\n",
    }
    assert Repository(there).git("show", f"{base}:a.py") == "a = 1"
