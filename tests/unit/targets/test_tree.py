"""YAML as the gate reads it: places, and nothing that guesses or multiplies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from hivegate.targets import tree
from hivegate.targets.tree import Node, parse_tree

if TYPE_CHECKING:
    from collections.abc import Callable


def plain(node: Node) -> object:
    """Drop the places."""
    if isinstance(node.value, list):
        return [plain(one) for one in node.value]
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    return node.value


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read by libyaml, and by the reader in Python that stands in where libyaml is not built in."""
    name = str(request.param)
    monkeypatch.setattr(tree, "_LOADER", yaml.CSafeLoader if name == "libyaml" else yaml.SafeLoader)
    return name


@pytest.mark.usefixtures("loader")
def test_scalars_stay_what_was_written() -> None:
    """No number, date or truth value is guessed from text."""
    text = "a: [100 ms, 1e3, 2027-03-01, yes, 0x10, '', \"~\", ! x]\nb: {c: 1_0}\nd: |\n  two\n  lines\n"
    assert plain(parse_tree(text, "t.yaml")) == {
        "a": ["100 ms", "1e3", "2027-03-01", "yes", "0x10", "", "~", "x"],
        "b": {"c": "1_0"},
        "d": "two\nlines\n",
    }


@pytest.mark.usefixtures("loader")
def test_every_value_knows_its_place_and_path() -> None:
    """Lines and columns count from 1; the path spells keys and indices, odd keys quoted."""
    root = parse_tree('a:\n  - b: 1\n  - "c d": {e: 2}\n', "f/t.yaml")
    assert isinstance(root.value, dict)
    items = root.value["a"].value
    assert isinstance(items, list)
    assert isinstance(items[1].value, dict)
    inner = items[1].value["c d"].value
    assert isinstance(inner, dict)
    assert (root.place, root.path) == ("f/t.yaml:1:1", "")
    assert (items[0].place, items[0].path) == ("f/t.yaml:2:5", "a[0]")
    assert (inner["e"].place, inner["e"].path) == ("f/t.yaml:3:16", "a[1].'c d'.e")


REFUSED = {
    "empty": ("", "1:1: is empty", "start with: schema: 1"),
    "only a comment": ("# nothing\n", "1:1: is empty", "start with: schema: 1"),
    "an empty document": ("---\n", "1:1: is empty", "start with: schema: 1"),
    "two documents": (
        "a: 1\n---\nb: 1\n",
        "2:1: contains a second YAML document; only one is allowed",
        "delete it, and the --- before it",
    ),
    "a key twice": ("a: 1\nb: 2\na: 3\n", "3:1: a: duplicate key, first in line 1", "delete one of them"),
    "a key twice, deep": (
        "a:\n  - {b: 1, b: 2}\n",
        "2:12: a[0].b: duplicate key, first in line 2",
        "delete one of them",
    ),
    "no value": ("a:\nb: 1\n", "1:3: a: has no value", "add one, or delete the key"),
    "null": ("a: NULL\n", "1:4: a: has no value", "add one, or delete the key"),
    "a tilde": ("a: [~]\n", "1:5: a[0]: has no value", "add one, or delete the key"),
    "a key without a name": ("a: 1\n~: 2\n", "2:1: a key has no value", "add one, or delete the key"),
    "an anchor": (
        "a: &x 1\n",
        "1:4: a: has the YAML anchor '&x'; none is allowed",
        'write the value out, or quote it if it is meant as text: "&..."',
    ),
    "an alias": (
        "a: 1\nb: *x\n",
        "2:4: b: has the YAML alias '*x'; none is allowed",
        'write the value out, or quote it if it is meant as text: "*..."',
    ),
    "an anchor on a key": (
        "a: {&x b: 1}\n",
        "1:5: a: a key has the YAML anchor '&x'; none is allowed",
        'write the value out, or quote it if it is meant as text: "&..."',
    ),
    "a tag": (
        "a: !!int 3\n",
        "1:4: a: has the YAML tag 'tag:yaml.org,2002:int'; none is allowed",
        "delete the tag",
    ),
    "a tag that runs code elsewhere": (
        "a: !!python/object/apply:os.system [true]\n",
        "1:4: a: has the YAML tag 'tag:yaml.org,2002:python/object/apply:os.system'; none is allowed",
        "delete the tag",
    ),
    "a key that is a list": ("? [a]\n: b\n", "1:3: a key is not plain text", "quote it if it is meant as text"),
    "too deep": (
        "a: " + "[" * 50 + "]" * 50,
        "1:16: a[0][0][0][0][0][0][0][0][0][0][0][0]: is nested more than 12 levels deep",
        "targets.yaml needs four levels",
    ),
}


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(("text", "found", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_yaml_offers_beyond_text_lists_and_mappings_is_refused(
    text: str, found: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """Every refusal names file, line, column and key path, and the likely fix."""
    assert refusal(text) == f"t.yaml:{found}\n  {hint}"


BROKEN = {
    "an unquoted star": ("benchmark: *\n", "1:13", 'quote text that begins with *: "*"'),
    "a selector that begins with a star": ("benchmark: */x\n", "1:13", 'quote text that begins with *: "*"'),
    "an unquoted owner": ("owner: @team\n", "1:8", 'quote text that begins with @: "@team"'),
    "a tab": ("a:\n\tb: 1\n", "2:1", "indent with spaces, not tabs"),
    "a colon inside": ("name: Reads: fast\n", "1:12", 'quote text that contains a colon and a space: "a: b"'),
    "brackets inside braces": (
        "{benchmark: a[10], max: 1 s}\n",
        "1:14",
        "between { and }, quote text that contains brackets: {benchmark: 'suite/name[10]'}",
    ),
    "an open quotation": ("a: 'x\n", "2:1", "close the quotation mark"),
    "an open list": ("a: [1\n", "2:1", "close the list with ]"),
    "an open mapping": (
        "a: {b: 1\n",
        "2:1",
        "close the mapping with }, and quote text that contains brackets or commas",
    ),
    "keys out of line": ("a: 1\n b: 2\n", "2:3", 'quote text that contains a colon and a space: "a: b"'),
    "a key without a colon": ("a: 1\nb\n", "3:1", "write a colon and a space after the key"),
    "an unknown escape": ('a: "\\q"\n', "1:5", "check the indentation; docs/reference/targets.md has examples"),
}


@pytest.mark.parametrize(("text", "place", "hint"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_yaml_is_refused_where_it_stands_with_the_usual_fix(
    text: str, place: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """The usual slips of hand-written YAML are told as what they are."""
    found = refusal(text)
    assert found.startswith(f"t.yaml:{place}: is not YAML: ")
    assert found.splitlines()[1].startswith(f"  {hint}")


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("text", [text for text, _, _ in BROKEN.values()], ids=list(BROKEN))
def test_either_reader_refuses_broken_yaml_in_the_same_line(
    text: str, loader: str, refusal: Callable[[str], str]
) -> None:
    """The reader in Python words it differently, yet it has a place and a hint."""
    assert loader in {"libyaml", "python"}
    where, finding, *_ = refusal(text).split(" ", 2)
    assert where.startswith("t.yaml:")
    assert where.count(":") == 3
    assert finding == "is"
    assert len(refusal(text).splitlines()) == 2


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("character", ["\x01", "\x00", "\ud800", "\ufffe"])
def test_a_character_that_yaml_lacks_is_told_with_its_place(character: str, refusal: Callable[[str], str]) -> None:
    """Columns count characters, not bytes, also behind others than ASCII."""
    assert refusal(f"schema: 1\nname: üß€ {character}x\n") == (
        f"t.yaml:2:11: is not YAML: contains the character U+{ord(character):04X}, which YAML does not allow\n"
        "  delete it; it was pasted, or the file is not text"
    )


def test_what_an_error_quotes_is_short_and_inert(refusal: Callable[[str], str]) -> None:
    """Escape sequences of a hostile file reach no terminal, and line ends no log."""
    assert refusal('schema: 1\n"\\e[31m\\n::error::x": 1\n').startswith(
        "t.yaml:2:1: '\\x1b[31m\\n::error::x': unknown key\n"
    )
    assert len(refusal('schema: "' + "9" * 10**6 + '"')) < 200
    assert len(refusal(f"? {'k' * 900}\n: 1\n")) < 300


def test_more_values_than_a_gate_needs_are_refused(refusal: Callable[[str], str]) -> None:
    """A list of half a million entries costs no half million nodes."""
    assert refusal("a: [" + "1," * 500_000 + "]") == (
        "t.yaml:1:200001: a[99998]: is one of more than 100,000 values\n  split it into several files"
    )
