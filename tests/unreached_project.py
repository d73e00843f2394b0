"""A repository whose head holds mutants that reach their benchmarks, and changes that reach none."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from tests.repository import Repository

from hivegate.flows.compare.checkout import two_trees
from hivegate.flows.plan import ComparisonPlan
from hivegate.flows.project import find_project
from hivegate.measure.reach import Reach, find_reach
from hivegate.measure.revisions import find_base
from hivegate.model.events import ignore_progress
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.unreached_mutants import Mutant

_FILES: dict[str, str | None] = {
    "pyproject.toml": "[project]\nname = 'mutants'\nversion = '1'\n",
    ".gitignore": ".hivegate/\n__pycache__/\n",
    "targets.yaml": "schema: 1\nbudgets:\n  - {benchmark: '*', budget: 3 %}\n",
}
_BENCH = "def bench_{0}(benchmark):\n    benchmark(importlib.import_module('{0}.work').run)\n"


def commit_mutants(folder: Path, mutants: Mapping[str, Mutant]) -> Repository:
    """Commit a base with a benchmark a mutant, and head's files in the working tree, uncommitted."""
    repository = Repository.new(folder)
    benches = "".join(map(_BENCH.format, mutants))
    repository.write({
        **_FILES,
        "benches/bench_mutants.py": f"import importlib, sys\nsys.path.insert(0, 'src')\n{benches}",
    })  # fmt: skip
    _write(folder, mutants, 0)
    repository.commit()
    _write(folder, mutants, 1)
    return repository


def _write(folder: Path, mutants: Mapping[str, Mutant], side: int) -> None:
    for package, mutant in mutants.items():
        for name, sides in mutant.files.items():
            path, text = folder / "src" / package / name, sides[side]
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None or name.endswith(".db"):
                path.unlink(missing_ok=True)
            if text is None:
                continue
            if name.endswith(".db"):
                with contextlib.closing(sqlite3.connect(path)) as database, database:
                    database.execute("create table work(number)")
                    database.execute("insert into work values (?)", (int(text),))
            else:
                path.write_text(text, encoding="utf-8")


def traced(folder: Path, base: str = "HEAD", python: str | None = None, selectors: Sequence[str] = ()) -> Reach:
    """Find what the change in a working tree reaches, without measuring."""
    project = find_project(folder)
    found = find_base(folder, base)
    plan = ComparisonPlan(selectors=tuple(selectors))
    with two_trees(project.subject((), python), found, plan, ignore_progress) as ready:
        assert found.sha is not None
        return find_reach(ready.setup, ready.chosen, git.changed_files(folder, found.sha), ignore_progress)
