"""One concept has one name: what the glossary retires is used nowhere, and what it defines is used."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import pkgutil
import re
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec
import pytest
from tests.documents import FILES, ROOT, prose

import hivegate
from hivegate.cli.main import hivegate as main

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GLOSSARY = ROOT / "docs" / "glossary.md"
SOURCE = ROOT / "src" / "hivegate"
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Where a retired word stays, and why: (the end of the place, the word).
EXCEPTIONS = {
    ("docs/performance/BENCHMARK_RESULTS.md", "bottleneck"): "a heading that the seed announced",
    ("docs/performance/QUICK_REFERENCE.md", "bottleneck"): "a heading that the seed announced",
}


class Text(NamedTuple):
    """A text or a name that users meet, and where."""

    place: str
    text: str


def rows(heading: str) -> Iterator[list[str]]:
    """Read the cells of the table of the glossary whose first head cell is `heading`."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    assert table, heading
    for line in table[1].splitlines():
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def retired(where: str) -> list[str]:
    """List the words that the glossary refuses in texts, in names or in classes."""
    return [
        word
        for former, _, refused in rows("former term")
        for word in former.strip("`").split("`, `")
        if where in refused.split(", ")
    ]


def documents() -> Iterator[Text]:
    """Take the prose of every document, without its code, which may show what was named otherwise before."""
    for file in FILES:
        text = re.sub(r"`[^`]*`|<!--.*?-->|\]\([^)]*\)", "", prose(file), flags=re.DOTALL)
        yield Text(str(file.relative_to(ROOT)), text)


def helps(group: click.Command = main, name: str = "hivegate") -> Iterator[Text]:
    """Take the help of every command and of every option."""
    yield Text(name, f"{group.help} {group.short_help or ''}")
    for parameter in group.params:
        if isinstance(parameter, click.Option):
            yield Text(f"{name} {parameter.opts[0]}", parameter.help or "")
    if isinstance(group, click.Group):
        context = click.Context(group)
        yield Text(name, context.get_help())
        for part in group.list_commands(context):
            command = group.get_command(context, part)
            assert command is not None
            yield from helps(command, f"{name} {part}")


def messages() -> Iterator[Text]:
    """Take every string of the source that has more than one word and is no docstring, and the templates."""
    for file in SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings
                and " " in node.value.strip()
            ):
                yield Text(f"{file.relative_to(ROOT)}:{node.lineno}", node.value)
    for file in (SOURCE / "adopt" / "templates").iterdir():
        yield Text(str(file.relative_to(ROOT)), file.read_text("utf-8"))


def classes() -> Iterable[type]:
    """Import all of hivegate and list its classes."""
    found = set()
    for module in pkgutil.walk_packages(hivegate.__path__, "hivegate."):
        if not module.name.endswith("__main__"):
            members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
            found |= {kind for _, kind in members if kind.__module__.startswith("hivegate.")}
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def names() -> Iterator[Text]:
    """Take the names of classes, the values of enumerations, and the keys of the model, which is written as JSON."""
    for kind in classes():
        place = f"{kind.__module__}.{kind.__qualname__}"
        yield Text(place, kind.__name__)
        if issubclass(kind, msgspec.Struct) and kind.__module__.startswith("hivegate.model."):
            yield from (Text(place, field.encode_name) for field in msgspec.structs.fields(kind))
        elif issubclass(kind, enum.Enum):
            yield from (Text(place, member.value) for member in kind if isinstance(member.value, str))


def uses(texts: Iterable[Text], words: list[str]) -> list[str]:
    """Find the retired words in texts, but for the exceptions."""
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    return [
        f"{place}: {word[0]} in {text[max(0, word.start() - 40) : word.end() + 40]!r}"
        for place, text in texts
        for word in pattern.finditer(text)
        if (place, word[0].lower()) not in EXCEPTIONS
    ]


@pytest.mark.parametrize("texts", [documents, helps, messages])
def test_texts_use_no_retired_word(texts: object) -> None:
    """Documents, help and messages say what the glossary says now."""
    assert callable(texts)
    assert uses(texts(), retired("texts")) == []


def test_names_use_no_retired_word() -> None:
    """Neither do the names of classes, fields and values, whose words are taken apart."""
    split = [Text(place, " ".join(WORD.findall(name))) for place, name in names()]
    assert uses(split, retired("names")) == []


def test_no_class_is_named_by_a_participle() -> None:
    """A class is named by a noun, never by what was done to it alone."""
    refused = set(retired("classes"))
    assert [kind.__qualname__ for kind in classes() if kind.__name__.lower().strip("_") in refused] == []


def test_every_exception_is_needed() -> None:
    """An exception that nothing uses any more is deleted."""
    texts = [*documents(), *helps(), *messages()]
    for place, word in EXCEPTIONS:
        assert any(one.place == place and re.search(rf"\b{word}\b", one.text, re.IGNORECASE) for one in texts), place


def test_every_term_is_used() -> None:
    """A term that the glossary defines occurs in another document, in the help or in a message."""
    texts = [one.text for one in (*documents(), *helps(), *messages()) if one.place != "docs/glossary.md"]
    whole = " ".join(" ".join(texts).split()).lower()
    terms = [term for cells in rows("term") for term in cells[0].split(", ")]
    assert len(terms) > 40
    assert [term for term in terms if not re.search(rf"\b{re.escape(term.lower())}", whole)] == []


def test_retired_words_are_found() -> None:
    """The search finds a word in any case, inside a sentence and inside a name, and not inside another word."""
    said = [Text("a", "Creep of 2 %"), Text("b", "the Gross Margin"), Text("c", "marginal")]
    assert [line[0] for line in uses(said, ["creep", "margin"])] == ["a", "b"]
    assert WORD.findall("PairsCreepedHTML_growth") == ["Pairs", "Creeped", "HTML", "growth"]
