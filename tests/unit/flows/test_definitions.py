"""Where a benchmark is defined, and whether its own code changed between two commits; nothing of it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.flows.source.definitions import DefinitionHistory, find_places
from hivegate.report.bundle import Place

if TYPE_CHECKING:
    from pathlib import Path

_FILE = '''\
raise SystemExit("must not be run")

def test_plain(benchmark):
    """Say what."""
    benchmark(sum, range({turns}))

class TestGroup:
    class TestInner:
        async def test_deep(self, benchmark): benchmark(int)
    def test_plain(self, benchmark, size={size}): benchmark(int)
'''


def test_places_are_the_functions_behind_node_ids(tmp_path: Path) -> None:
    """A method is not the function of its name, parameters do not matter, and a folder may go before."""
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_a.py").write_text(_FILE.format(turns=9, size=1))
    (tmp_path / "benches" / "broken.py").write_text("def (:\n")
    (tmp_path.parent / "outside.py").write_text("def test_plain(benchmark): pass\n")
    lines = {
        "benches/bench_a.py::test_plain[1-x::y]": 3,
        "benches/bench_a.py::TestGroup::TestInner::test_deep": 9,
        "benches/bench_a.py::TestGroup::test_plain": 10,
    }
    unknown = ("benches/bench_a.py::test_gone", "benches/broken.py::test_plain", "../outside.py::test_plain", "x.md::a")
    places = find_places(tmp_path, [*lines, *unknown], prefix="shop/")
    assert places == {node: Place(file="shop/benches/bench_a.py", line=line) for node, line in lines.items()}


@pytest.fixture(scope="module")
def commits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Make commits: the first, a comment and a docstring, a body, a default of a method, and the file gone."""
    repository = Repository.new(tmp_path_factory.mktemp("definitions"))
    first = _FILE.format(turns=9, size=1)
    texts = (
        first,
        "# moved down\n\n" + first.replace("Say what.", "Say more."),
        _FILE.format(turns=10, size=1),
        _FILE.format(turns=10, size=2),
        None,
    )
    return repository.folder, [repository.commit({"bench_a.py": text}) for text in texts]


@pytest.mark.parametrize(
    ("node", "older", "newer", "differs"),
    [
        ("test_plain", 0, 1, False),
        ("test_plain[5]", 1, 2, True),
        ("test_plain", 0, 2, True),
        ("test_plain", 2, 3, False),
        ("TestGroup::test_plain", 2, 3, True),
        ("TestGroup::test_plain", 0, 2, False),
        ("test_plain", 3, 4, False),
        ("test_gone", 0, 2, False),
        ("test_plain", 2, 2, False),
    ],
)
def test_a_definition_differs_by_its_code(
    commits: tuple[Path, list[str]],
    node: str,
    older: int,
    newer: int,
    differs: bool,  # noqa: FBT001  a parameter
) -> None:
    """Not by comments, docstrings and what is around it; what either commit has not is not known to differ."""
    folder, shas = commits
    history = DefinitionHistory(folder)
    assert history.differ(f"bench_a.py::{node}", shas[older], shas[newer]) is differs
    assert history.differ(f"bench_a.py::{node}", shas[newer], shas[older]) is differs


def test_where_a_commit_is_not_at_hand_nothing_is_known(commits: tuple[Path, list[str]]) -> None:
    """A shallow clone, a run without a commit, a file that is no Python: none of them blames the benchmark."""
    folder, shas = commits
    history = DefinitionHistory(folder)
    assert not history.differ("bench_a.py::test_plain", None, shas[2])
    assert not history.differ("bench_a.py::test_plain", shas[0], None)
    assert not history.differ("bench_a.py::test_plain", "f" * 40, shas[2])
    assert not history.differ("bench_a.js::test_plain", shas[0], shas[2])
    assert not history.differ("bench_a.py", shas[0], shas[2])
