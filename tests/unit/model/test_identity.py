"""Benchmark ids and selectors."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hivegate.model.identity import benchmark_id, closest, is_wild, matches, rewritten, wild_parts

IDS = {
    "a function": ("benches/bench_reads.py::bench_snapshot", "reads/snapshot"),
    "either prefix": ("benches/test_reads.py::test_snapshot", "reads/snapshot"),
    "mixed prefixes": ("benches/bench_reads.py::test_snapshot", "reads/snapshot"),
    "pytest's other pattern of files": ("benches/reads_test.py::test_snapshot", "reads/snapshot"),
    "one prefix only": ("benches/test_bench_reads.py::test_test_x", "bench_reads/test_x"),
    "nothing but the prefix": ("benches/test_.py::test_", "test_/test_"),
    "nothing but the suffix": ("benches/_test.py::test_x", "_test/x"),
    "parameters": ("benches/bench_a.py::bench_b[10-x]", "a/b[10-x]"),
    "a class": ("benches/bench_a.py::TestQueen::test_vote[3]", "a/TestQueen.vote[3]"),
    "nested classes": ("benches/bench_a.py::TestA::TestB::test_c", "a/TestA.TestB.c"),
    "instances, as pytest 3 wrote them": ("benches/bench_a.py::TestA::()::test_c", "a/TestA.c"),
    "a folder below the root": ("benches/scale/bench_a.py::bench_b", "scale/a/b"),
    "slashes and colons in parameters": ("benches/bench_a.py::bench_b[x/y::z]", "a/b[x/y::z]"),
    "brackets in parameters": ("benches/bench_a.py::bench_b[x[1]-[y]", "a/b[x[1]-[y]"),
    "a node id in parameters": ("benches/bench_a.py::bench_b[c.py::d[e]]", "a/b[c.py::d[e]]"),
    "a backslash in parameters": ("benches/bench_a.py::bench_b[x\\y]", "a/b[x\\y]"),
    "brackets in a folder": ("benches/v[2]/bench_a.py::bench_b[1]", "v[2]/a/b[1]"),
    "an open bracket in a folder": ("benches/v[2/bench_a.py::bench_b[1]", "v[2/a/b[1]"),
    "a folder that ends in .py": ("benches/x.py/bench_a.py::bench_b", "x.py/a/b"),
    "Windows slashes": ("benches\\scale\\bench_a.py::bench_b[c:\\d]", "scale/a/b[c:\\d]"),
    "a leading dot": ("./benches/bench_a.py::bench_b", "a/b"),
    "letters of all scripts": ("benches/größe/bench_maß.py::bench_ü[日本-ñ]", "größe/maß/ü[日本-ñ]"),
    "white space": ("benches/my suite/bench_a.py::bench_b[two words]", "my suite/a/b[two words]"),
    "no .py": ("benches/bench_a::bench_b[1]", "a/b[1]"),
    "no .py, colons in parameters": ("bench_b[x::y]", "b[x::y]"),
    "no .py, a node id in parameters": ("bench_b[x.py::y]", "b[x.py::y]"),
    "a name alone": ("test_a", "a"),
    "a file alone": ("benches/bench_a.py", "a"),
    "outside the roots": ("elsewhere/bench_a.py::bench_b", "elsewhere/a/b"),
    "a root's name as a beginning": ("benches2/bench_a.py::bench_b", "benches2/a/b"),
    "nothing": ("", ""),
}


def test_a_byte_that_nobody_can_decode_is_no_separator() -> None:
    """Windows separates by a backslash, and an escape begins with one."""
    assert benchmark_id("benches\\io\\test_caf\\udce9.py::test_x", ("benches",)) == "io/caf\\udce9/x"


@pytest.mark.parametrize(("node_id", "expected"), IDS.values(), ids=IDS)
def test_an_id_is_made_of_the_node_id_alone(node_id: str, expected: str) -> None:
    """[folder/]suite/[Class.]name[params], relative to the root."""
    assert benchmark_id(node_id, ("benches",)) == expected


@pytest.mark.parametrize("root", ["benches/inner", "./benches/inner/", "benches\\inner"])
def test_a_root_may_be_spelled_as_people_do(root: str) -> None:
    """Dots, trailing slashes and backslashes make no other root."""
    assert benchmark_id("benches/inner/bench_a.py::bench_b", (root,)) == "a/b"


def test_the_first_root_that_holds_the_file_counts() -> None:
    """A file outside of the first is looked for in the next; the project itself holds every file."""
    assert benchmark_id("perf/x/bench_a.py::b", ("benches", "perf")) == "x/a/b"
    assert benchmark_id("perf/x/bench_a.py::b", ("perf", "perf/x")) == "x/a/b"
    assert benchmark_id("perf/x/bench_a.py::b", ("perf/x", "perf")) == "a/b"
    assert benchmark_id("perf/x/bench_a.py::b", (".", "perf")) == "perf/x/a/b"
    assert benchmark_id("perf/x/bench_a.py::b") == "perf/x/a/b"


@pytest.mark.parametrize("unit", ["x.py::", "::", "[x.py::]", "[", "/"])
def test_a_hostile_node_id_of_a_megabyte_is_named(unit: str) -> None:
    """Names in foreign result files have any length; benches/bench_gate.py measures how the time grows."""
    node = unit * (1_000_000 // len(unit))
    name = benchmark_id(node, ("benches",))
    assert 0 < len(name) <= len(node)


MATCHING = {
    "itself": ("a/b[10]", "a/b[10]", True),
    "another": ("a/b[10]", "a/b[100]", False),
    "every size": ("a/b[*]", "a/b[10]", True),
    "brackets are themselves": ("a/b[10]", "a/b1", False),
    "no class of characters": ("a/[bc]", "a/b", False),
    "a star crosses folders": ("a/*", "a/b/c[1]", True),
    "a star may be empty": ("a/b*", "a/b", True),
    "everything": ("*", "a/b", True),
    "everything, twice": ("**", "a/b", True),
    "a question mark is one character": ("a/b[?]", "a/b[1]", True),
    "not none": ("a/b[?]", "a/b[]", False),
    "not two": ("a/b[?]", "a/b[10]", False),
    "the whole id": ("b", "a/b", False),
    "a dot is itself": ("a.b*", "axb", False),
    "case": ("A/*", "a/b", False),
    "line ends": ("a*b", "a\n\nb", True),
    "both between stars": ("*b?d*", "abcbxde", True),
    "overlapping ends": ("ab*ba", "aba", False),
    "the last place counts for the end": ("*ab", "abab", True),
    "an earlier place is enough": ("*a?c*c", "abcabc", True),
    "question marks between stars": ("*?a?*", "a", False),
    "an empty selector": ("", "", True),
}


@pytest.mark.parametrize(("selector", "identity", "expected"), MATCHING.values(), ids=MATCHING)
def test_only_star_and_question_mark_are_wild(selector: str, identity: str, expected: bool) -> None:  # noqa: FBT001
    """A selector names the whole id."""
    assert matches(selector, identity) is expected


def by_definition(selector: str, text: str) -> bool:
    """Match by the definition: every way that a star can take is tried, each pair of rests once."""
    reached = {0}
    for char in selector:
        if char == "*":
            reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(text) and char in ("?", text[at])}
    return len(text) in reached


@settings(max_examples=400, deadline=None)
@given(selector=st.text("ab*?[]", max_size=10), identity=st.text("ab[]", max_size=14))
def test_matching_is_what_trying_every_way_finds(selector: str, identity: str) -> None:
    """Never looking back behind a star loses no match."""
    assert matches(selector, identity) is by_definition(selector, identity)


@settings(max_examples=200, deadline=None)
@given(selector=st.text("ab*?[]", max_size=10), parts=st.lists(st.text("ab[]/", min_size=1, max_size=3), min_size=10))
def test_a_selector_rewritten_into_itself_gives_the_benchmark(selector: str, parts: list[str]) -> None:
    """What the wildcards stand for, put back in their places, is the id."""
    fillings = iter(parts)
    benchmark = "".join(
        next(fillings) if char == "*" else next(fillings)[0] if char == "?" else char for char in selector
    )
    assert matches(selector, benchmark)
    assert rewritten(selector, benchmark, selector) == benchmark


@pytest.mark.parametrize(
    "selector",
    ["*a*a*a*a*a*a*a*b", "*a" * 100 + "b", "*?" * 100 + "b", "*" * 300 + "b", "?*" * 100 + "b", "*ab" * 100 + "c"],
    ids=lambda selector: f"{selector[:8]}{len(selector)}",
)
def test_a_hostile_selector_does_not_blow_up(selector: str) -> None:
    """An id of a megabyte is answered; backtracking would take ages. benches/bench_gate.py measures how time grows."""
    for text in ("a" * 1_000_000, "ab" * 500_000, "ab" * 500_000 + "c"):
        assert matches(selector, text) == fnmatchcase(text, selector)


@pytest.mark.parametrize(
    ("selector", "identity", "template", "expected"),
    [
        ("a/d[*]", "a/d[20]", "a/p[*]", "a/p[20]"),
        ("a/*[?]", "a/d[2]", "b/*_slow[?]", "b/d_slow[2]"),
        ("a/*[*]", "a/d[2]", "b/*", "b/d"),
        ("a/d[*]", "a/d[20]", "a/p", "a/p"),
        ("a/d", "a/d", "a/p", "a/p"),
        ("*_*", "x_y_z", "*|*", "x|y_z"),
        ("a/d[*]", "a/d[*]", "a/p[*]", "a/p[*]"),
        ("a/d[*]", "a/d[\\1]", "a/p[*]", "a/p[\\1]"),
        ("a/d[*]", "other", "a/p[*]", "a/p[*]"),
    ],
)
def test_a_partner_is_filled_from_the_benchmark(selector: str, identity: str, template: str, expected: str) -> None:
    """Wild parts in order; each star but the last stands for as little as it can."""
    assert rewritten(selector, identity, template) == expected


def test_wild_characters_are_counted() -> None:
    """Two kinds, each by itself."""
    assert (wild_parts("a/*[?*]"), is_wild("a/*[?*]")) == (3, True)
    assert (wild_parts("a/b[1]"), is_wild("a/b[1]")) == (0, False)


def test_the_nearest_of_an_endless_name_is_not_looked_for() -> None:
    """Comparing takes the product of the lengths, and an endless name is no slip of the keyboard."""
    assert closest("a" * 199 + "b", ["a" * 200]) == "a" * 200
    assert closest("a" * 201, ["a" * 200]) is None
