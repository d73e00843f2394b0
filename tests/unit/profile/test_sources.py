"""The sources of two revisions."""

from pathlib import Path

import pytest

from hivegate.profile.sources import Sources, Span, packages_of

BASE = """\
import functools


@functools.cache
def first(n):
    total = 0
    return total


def second(n):
    def inner():
        return n
    return inner()
"""
HEAD = BASE.replace("total = 0", "total = sum(range(n))").replace("import functools\n", "import functools\nimport os\n")


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Write both revisions."""
    for tree, text in (("base", BASE), ("head", HEAD)):
        (tmp_path / tree / "src").mkdir(parents=True)
        (tmp_path / tree / "src" / "work.py").write_text(text, encoding="utf-8")
    (tmp_path / "secret.py").write_text("secret = 1\n", encoding="utf-8")
    (tmp_path / "head" / "broken.py").write_text("def (:\n", encoding="utf-8")
    return Sources(tmp_path / "base", tmp_path / "head")


def test_a_change_is_told_of_the_function_it_is_in(sources: Sources) -> None:
    """From any line of the function, its decorator included; its neighbour is not changed."""
    (hunk,) = sources.changes("src/work.py", 8)
    assert "+    total = sum(range(n))" in hunk.text
    assert sources.changes("src/work.py", 5) == (hunk,)
    assert sources.changes("src/work.py", 12) == ()


def test_releases_of_two_environments_have_a_difference(tmp_path: Path) -> None:
    """What is installed is read from each side's own environment, and only where there are two."""
    for side, text in (("base", BASE), ("head", HEAD)):
        packages = tmp_path / side / "env" / "lib" / "python3.11" / "site-packages"
        (packages / "toy").mkdir(parents=True)
        (packages / "toy" / "work.py").write_text(text, encoding="utf-8")
    roots = [packages_of(str(tmp_path / side / "env" / "bin" / "python")) for side in ("base", "head")]
    assert roots[0] is not None
    assert roots[1] is not None
    sources = Sources(tmp_path / "base", tmp_path / "head", (roots[0], roots[1]))
    (hunk,) = sources.changes("site-packages/toy/work.py", 8)
    assert "+    total = sum(range(n))" in hunk.text
    assert sources.changes("site-packages/../../../../work.py", 1) == ()
    assert Sources(tmp_path / "base", tmp_path / "head").changes("site-packages/toy/work.py", 8) == ()
    assert packages_of(str(tmp_path / "python")) is None


def test_functions_are_found_with_their_decorators_and_inside_others(sources: Sources) -> None:
    """The innermost counts; outside of all it is the file."""
    assert sources.span("src/work.py", 7) == Span(5, 8)
    assert sources.span("src/work.py", 13) == Span(12, 13)
    assert sources.span("src/work.py", 14) == Span(11, 14)
    assert sources.span("src/work.py", 1) == Span(1, 14)


def test_lines_are_read_from_head_and_placed_from_base(sources: Sources) -> None:
    """A line of base stands where its text stands in head, a changed one where its successor stands."""
    assert sources.line("src/work.py", 7) == "total = sum(range(n))"
    assert sources.in_head("src/work.py", 6) == 7
    assert sources.in_head("src/work.py", 7) == 8


@pytest.mark.parametrize(
    "file", ["../secret.py", "site-packages/work.py", "python/json.py", "gone.py", "", "broken.py"]
)
def test_what_is_no_readable_source_of_the_project_has_no_changes(sources: Sources, file: str) -> None:
    """Names come from the subject: they lead neither out of the project nor to an error."""
    assert sources.line(file, 1) in {"", "def (:"}
    assert sources.span(file, 5).first == 1
    assert sources.in_head(file, 3) in {3, 4}
