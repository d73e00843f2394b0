"""Packs and configurations are read from files, and bad files are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivemind.queen import HiveConfiguration, Pack, PackError, Strategy, read_any, read_configuration, read_pack

if TYPE_CHECKING:
    from pathlib import Path

JSON = '{"name": "shop", "version": "^1.0", "classes": ["Offer"], "properties": {"price": ["xsd:decimal"]}}'
YAML = "name: shop\nversion: ^1.0\nclasses: [Offer]\nproperties: {price: ['xsd:decimal']}\n"
TOML = 'name = "shop"\nversion = "^1.0"\nclasses = ["Offer"]\n[properties]\nprice = ["xsd:decimal"]\n'
SHOP = Pack(name="shop", version="^1.0", classes=frozenset({"Offer"}), properties={"price": ("xsd:decimal",)})
TURTLE = """
@prefix s: <urn:shop#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix schema: <http://schema.org/> .
s:Offer a owl:Class . s:Shop a rdfs:Class . <urn:other#Thing> a owl:Class .
s:price a owl:DatatypeProperty ; rdfs:range xsd:decimal .
s:seller a owl:ObjectProperty ; rdfs:range [ owl:unionOf ( s:Shop <urn:other#Thing> ) ] .
s:note a owl:AnnotationProperty . s:when a owl:DatatypeProperty ; schema:rangeIncludes schema:Date, schema:Text .
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """Return a file with this content."""
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(("name", "text"), [("s.json", JSON), ("s.yaml", YAML), ("s.yml", YAML), ("s.toml", TOML)])
def test_each_format_gives_the_same_pack(tmp_path: Path, name: str, text: str) -> None:
    """A byte order mark is allowed."""
    assert read_pack(written(tmp_path, name, text)) == SHOP
    assert read_pack(written(tmp_path, name, b"\xef\xbb\xbf" + text.encode())) == SHOP


def test_rdf_gives_the_classes_and_properties_of_its_namespace(tmp_path: Path) -> None:
    """Turtle, N-Quads and RDF/XML say the same; unions count each member, known namespaces become prefixes."""
    rdflib = pytest.importorskip("rdflib")
    turtle = written(tmp_path, "shop.ttl", TURTLE)
    pack = read_pack(turtle, version="2.1", source="made up")
    assert pack == Pack(
        name="shop",
        version="2.1",
        namespace="urn:shop#",
        source="made up",
        classes=frozenset({"Offer", "Shop"}),
        properties={
            "price": ("xsd:decimal",),
            "seller": ("shop:Shop", "urn:other#Thing"),
            "note": (),
            "when": ("schema:Date", "schema:Text"),
        },
    )
    graph = rdflib.Graph().parse(turtle)
    for suffix, form in ((".rdf", "xml"), (".nt", "nt")):
        other = tmp_path / f"shop{suffix}"
        graph.serialize(other, format=form, encoding="utf-8")
        assert read_pack(other, version="2.1", source="made up") == pack
    quads = written(tmp_path, "shop.nq", (tmp_path / "shop.nt").read_bytes().replace(b" .\n", b" <urn:g> .\n"))
    assert read_pack(quads, version="2.1", source="made up") == pack


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("p.json", "", "is not readable JSON"),
        ("p.json", "{}", "is empty"),
        ("p.json", '{"name": "a", "name": "b"}', "has the key 'name' twice"),
        ("p.json", '{"name": "a", "priority": NaN}', "holds NaN"),
        ("p.json", '{"name": "a", "clases": []}', "unknown field `clases`"),
        ("p.json", '{"name": "a", "properties": {"p": [1]}}', r"Expected `str`, got `int` - at `\$.properties"),
        ("p.json", '{"name": "a\\u0007"}', r"'a\\x07' holds '\\x07'"),
        ("p.json", '{"name": "a", "version": ">2,<1"}', "pack 'a': no version satisfies"),
        ("p.json", "[" * 100_000, "is not readable JSON"),
        ("p.json", b"\xff\xfe", "is not UTF-8 at byte 0"),
        ("p.toml", "name = ", "is not readable TOML"),
        ("p.toml", 'name = "a"\nname = "b"', "is not readable TOML"),
        ("p.yaml", "name: [", "is not readable YAML"),
        ("p.yaml", "name: a\nname: b", "has the key 'name' twice at line 2"),
        ("p.yaml", "a: &x [1]\nb: *x", "has an alias at line 2"),
        ("p.yaml", "name: !!python/object/apply:os.getcwd []", "is not readable YAML"),
        ("p.yaml", "just text", "Expected `object`, got `str`"),
        ("p.csv", "name", "the ending '.csv' is not known; allowed are .json"),
        ("p.ttl", "@prefix : <", "is not readable RDF"),
        ("p.nq", "<urn:a> <urn:b>", "is not readable RDF"),
        ("p.rdf", "<rdf", "is not readable RDF"),
        ("p.ttl", "<urn:a> <urn:b> <urn:c> .", "holds no class and no property"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    """One error type, whatever the format, and nothing unprintable in its message."""
    file = written(tmp_path, name, content)
    with pytest.raises(PackError, match=told) as raised:
        read_pack(file)
    assert str(raised.value).startswith(str(file))
    assert "\x07" not in str(raised.value)


NESTED = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "ha" * 20}">' for n in range(8))


@pytest.mark.parametrize(
    ("entities", "text"),
    [(NESTED, "&e7;"), (f'<!ENTITY e "{"ha" * 50}">', "&e;" * 20_000), ("", "a\n" * 1_000_000)],
)
def test_xml_that_would_take_rdflib_minutes_is_refused(tmp_path: Path, entities: str, text: str) -> None:
    """A billion laughs, one entity used often, and a very long literal."""
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:u#">'
    body = f'{head}<rdf:Description rdf:about="urn:a"><u:p>{text}</u:p></rdf:Description></rdf:RDF>'
    with pytest.raises(PackError, match="has an element of more than 65536 characters"):
        read_pack(written(tmp_path, "large.rdf", f"<!DOCTYPE r [{entities}]>{body}"))


def test_xml_does_not_read_files_of_this_machine(tmp_path: Path) -> None:
    """An external entity stays empty."""
    secret = written(tmp_path, "secret.txt", "urn:secret#Class")
    document = (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"><rdfs:Class rdf:about="urn:u#A">'
        "<rdfs:label>&x;</rdfs:label></rdfs:Class></rdf:RDF>"
    )
    pack = read_pack(written(tmp_path, "u.rdf", document))
    assert "secret" not in repr(pack)
    assert pack.classes == {"A"}


@pytest.mark.parametrize(("name", "limit"), [("p.json", 32), ("p.yaml", 4), ("p.toml", 4), ("p.nq", 32)])
def test_a_file_of_100_mb_is_refused_before_it_is_parsed(tmp_path: Path, name: str, limit: int) -> None:
    """The message says how large it is and how large it may be."""
    file = tmp_path / name
    with file.open("wb") as stream:
        stream.truncate(100 * 2**20)
    with pytest.raises(PackError, match=rf"{name}: has 100.0 MiB; a .* file may have {limit} MiB"):
        read_pack(file)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    """Missing files and folders."""
    with pytest.raises(PackError, match="cannot be read"):
        read_pack(tmp_path / name)


def test_a_configuration_lists_packs_in_place_and_by_path(tmp_path: Path) -> None:
    """Paths are relative to the configuration."""
    written(tmp_path, "s.json", JSON)
    text = "strategy: custom\nrules: {shop: merge}\nquorum: 0.7\npacks:\n- s.json\n- {name: inline}\n"
    file = written(tmp_path, "hive.yaml", text)
    expected = HiveConfiguration(
        packs=(SHOP, Pack(name="inline")),
        strategy=Strategy.CUSTOM,
        rules={"shop": "merge"},  # type: ignore[dict-item]  # equal to the enumeration's member
        quorum=0.7,
    )
    assert read_configuration(file) == read_any(file) == expected
    assert read_any(tmp_path / "s.json") == SHOP


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("packs: []", "names no pack"),
        ("strategy: union", "missing required field `packs`"),
        ("packs: [{name: a}]\nstrategy: vote", "Invalid enum value 'vote'"),
        ("packs: [nowhere.json]", "nowhere.json: cannot be read"),
        ("packs: [{name: a}]\nquorum: 2", "quorum is 2"),
        ("packs: [{name: a, version: '>2,<1'}]", "no version satisfies"),
    ],
)
def test_a_bad_configuration_is_named_with_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    """The file comes first, the key path where there is one."""
    file = written(tmp_path, "hive.yaml", text)
    with pytest.raises(PackError, match=told) as raised:
        read_configuration(file)
    assert str(tmp_path) in str(raised.value)
