"""Read a pack from RDF (Turtle, N-Quads, RDF/XML) through rdflib."""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING

from hivemind.packs.errors import PackError
from hivemind.packs.pack import Pack
from hivemind.packs.terms import spoken
from hivemind.packs.xml_limits import check_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph
    from rdflib.term import Node

FORMATS = {".ttl": "turtle", ".nq": "nquads", ".nt": "nt", ".rdf": "xml", ".owl": "xml", ".xml": "xml"}

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SCHEMA = "http://schema.org/"
_XSD = "http://www.w3.org/2001/XMLSchema#"

CLASS_TYPES = (f"{_RDFS}Class", f"{_OWL}Class", f"{_RDFS}Datatype")
PROPERTY_TYPES = (
    f"{_RDF}Property",
    f"{_OWL}ObjectProperty",
    f"{_OWL}DatatypeProperty",
    f"{_OWL}AnnotationProperty",
    f"{_OWL}FunctionalProperty",
    f"{_OWL}InverseFunctionalProperty",
)
RANGES = (
    f"{_RDFS}range",
    f"{_SCHEMA}rangeIncludes",
    "https://schema.org/rangeIncludes",
    "http://purl.org/dc/dcam/rangeIncludes",
)
PREFIXES = {
    _RDF: "rdf",
    _RDFS: "rdfs",
    _OWL: "owl",
    _XSD: "xsd",
    _SCHEMA: "schema",
    "https://schema.org/": "schema",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/dcmitype/": "dcmitype",
    "http://www.w3.org/2004/02/skos/core#": "skos",
    "http://www.w3.org/ns/prov#": "prov",
    "http://www.w3.org/ns/org#": "org",
    "http://www.w3.org/2006/vcard/ns#": "vcard",
    "http://rdfs.org/sioc/ns#": "sioc",
    "http://usefulinc.com/ns/doap#": "doap",
    "http://purl.org/goodrelations/v1#": "gr",
    "http://www.w3.org/2006/time#": "time",
    "http://www.w3.org/ns/dcat#": "dcat",
}

_LOCAL = re.compile(r"[^/#]+$")


def read_rdf(text: str, suffix: str, *, name: str, version: str, namespace: str, source: str) -> Pack:
    """Return the pack that an RDF text describes: the classes and properties of its namespace.

    Without a namespace it is the one that holds the most terms. Ranges become short names such as `xsd:string`;
    a range that is a union counts each member. Raises PackError for text that rdflib cannot parse or that holds
    no term. Linear in the number of triples.
    """
    graph = _graph(text, FORMATS[suffix])
    classes = set(_subjects(graph, CLASS_TYPES))
    properties = set(_subjects(graph, PROPERTY_TYPES))
    if not classes and not properties:
        raise PackError("holds no class and no property (rdfs:Class, owl:Class, rdf:Property, owl:ObjectProperty, …)")
    base = namespace or _commonest_namespace(classes | properties)
    own = PREFIXES | {base: name}
    return Pack(
        name=name,
        version=version,
        namespace=base,
        classes=frozenset(_within(classes, base)),
        properties={local: tuple(_ranges(graph, base + local, own)) for local in _within(properties - classes, base)},
        source=source,
    )


def _graph(text: str, format_name: str) -> Graph:
    import rdflib  # noqa: PLC0415  slow, and only RDF needs it

    # rdflib logs every literal that does not fit its datatype; packs hold no literals.
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    if format_name == "xml":
        check_xml(text)
    graph = rdflib.Graph()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # rdflib itself uses what it deprecates
            if format_name == "nquads":
                quads = rdflib.Dataset().parse(data=text, format=format_name).quads()
                graph += ((subject, predicate, value) for subject, predicate, value, _ in quads)
            else:
                graph.parse(data=text, format=format_name, publicID="urn:pack:")
    except Exception as error:
        # Its parsers raise what they like: BadSyntax, SAXParseException, ParseError, AssertionError, IndexError.
        raise PackError(f"is not readable RDF ({format_name}): {spoken(error)}") from error
    return graph


def _subjects(graph: Graph, types: tuple[str, ...]) -> Iterator[str]:
    from rdflib import RDF, URIRef  # noqa: PLC0415 -- already loaded here

    for class_type in types:
        for subject in graph.subjects(RDF.type, URIRef(class_type)):
            if isinstance(subject, URIRef):
                yield str(subject)


def _commonest_namespace(terms: set[str]) -> str:
    counted = Counter(term[: match.start()] for term in terms if (match := _LOCAL.search(term)))
    if not counted:
        raise PackError("holds no class or property whose name ends in a local name")
    return min(counted, key=lambda namespace: (-counted[namespace], namespace))


def _within(terms: set[str], base: str) -> list[str]:
    """Return the local names of the terms in a namespace, but not those of a namespace below it."""
    return [term[len(base) :] for term in terms if term.startswith(base) and _LOCAL.fullmatch(term[len(base) :])]


def _ranges(graph: Graph, term: str, prefixes: dict[str, str]) -> Iterator[str]:
    from rdflib import URIRef  # noqa: PLC0415 -- already loaded here

    for predicate in RANGES:
        for value in graph.objects(URIRef(term), URIRef(predicate)):
            for member in _members(graph, value):
                yield _short(member, prefixes)


def _members(graph: Graph, value: Node) -> Iterator[str]:
    """Yield the classes that a range stands for: itself, or the members of its owl:unionOf."""
    from rdflib import URIRef  # noqa: PLC0415 -- already loaded here
    from rdflib.collection import Collection  # noqa: PLC0415 -- already loaded here

    if isinstance(value, URIRef):
        yield str(value)
        return
    for union in graph.objects(value, URIRef(f"{_OWL}unionOf")):
        for member in Collection(graph, union):
            if isinstance(member, URIRef):
                yield str(member)


def _short(term: str, prefixes: dict[str, str]) -> str:
    match = _LOCAL.search(term)
    prefix = prefixes.get(term[: match.start()]) if match else None
    return f"{prefix}:{match.group()}" if match and prefix else term
