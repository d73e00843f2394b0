"""Stage five: generate a Python module of dataclasses from the templates."""

from __future__ import annotations

from graphlib import TopologicalSorter
from string import Template
from typing import TYPE_CHECKING

from hivemind.packs import Pack, PackError
from hivemind.swarm.artifacts import Artifact, ArtifactKind
from hivemind.swarm.stages.naming import python_names
from hivemind.swarm.stages.templates import TEMPLATE_GENERATION
from hivemind.swarm.stages.validation import VALIDATION

if TYPE_CHECKING:
    from hivemind.swarm.stage import StageContext

CODE_GENERATION = "code-generation"

# Python type and what reads it from JSON. What is not listed, such as a reference to a resource, is text.
TEXT = ("str", "str")
WHOLE = ("int", "int")
LITERALS = {
    "xsd:boolean": ("bool", "bool"),
    "xsd:byte": WHOLE,
    "xsd:date": ("datetime.date", "datetime.date.fromisoformat"),
    "xsd:dateTime": ("datetime.datetime", "datetime.datetime.fromisoformat"),
    "xsd:decimal": ("decimal.Decimal", "decimal.Decimal"),
    "xsd:double": ("float", "float"),
    "xsd:float": ("float", "float"),
    "xsd:int": WHOLE,
    "xsd:integer": WHOLE,
    "xsd:long": WHOLE,
    "xsd:negativeInteger": WHOLE,
    "xsd:nonNegativeInteger": WHOLE,
    "xsd:nonPositiveInteger": WHOLE,
    "xsd:positiveInteger": WHOLE,
    "xsd:short": WHOLE,
}

MODULE = Template('''$summary

import datetime
import decimal
from dataclasses import dataclass, field, fields

VOCABULARY = $vocabulary
DESCRIBED = {}


@dataclass(kw_only=True, slots=True)
class Resource:
    """Be anything that the vocabulary describes."""

    iri: str = ""
$fields
    def to_dict(self):
        """Return what JSON can hold: the class, the IRI, and the values by term, without empty ones."""
        values = {}
        for term, (name, _) in described(type(self)).items():
            found = getattr(self, name)
            if found:
                values[term] = [value if isinstance(value, (str, int, float)) else str(value) for value in found]
        return {"class": TERMS[type(self)], "iri": self.iri, "values": values}


def described(kind):
    """Return for each term the name of a class's field and what reads its values."""
    own = kind.__dataclass_fields__
    # A class that adds no field shares its base's, and what is known of them.
    if id(own) not in DESCRIBED:
        DESCRIBED[id(own)] = {
            each.metadata["term"]: (each.name, each.metadata["read"]) for each in fields(kind) if each.metadata
        }
    return DESCRIBED[id(own)]


def read(data):
    """Return the resource that `to_dict` wrote."""
    kind = CLASSES[data["class"]]
    values = {}
    for term, written in data["values"].items():
        name, value_of = described(kind)[term]
        values[name] = tuple(map(value_of, written))
    return kind(iri=data["iri"], **values)


$classes
CLASSES = {
    "": Resource,
$registry}
TERMS = {kind: term for term, kind in CLASSES.items()}
''')


def generate(context: StageContext) -> Artifact:
    """Return a Python module with one dataclass for each class of the vocabulary, parents first."""
    vocabulary = context.result(VALIDATION, Pack)
    templates = _by_class(context.result(TEMPLATE_GENERATION, tuple))
    properties = vocabulary.by_class()
    missing = sorted(properties.keys() - templates.keys())
    if missing:
        raise PackError(f"class {missing[0]!a} has no template; each class needs the one rendered for it")
    classes, fields = python_names(sorted(vocabulary.classes)), python_names(sorted(vocabulary.properties))
    bodies = []
    for name in _parents_first(vocabulary):
        base = vocabulary.parents.get(name)
        bound = {"name": classes[name], "base": classes[base] if base else "Resource"}
        bodies.append(templates[name].substitute(bound | _bindings(properties[name], fields)))
    module = MODULE.substitute(
        summary=ascii(f"{vocabulary.name} {vocabulary.version}, generated: edits will be lost."),
        vocabulary=ascii({each: getattr(vocabulary, each) for each in ("name", "version", "namespace", "sequence")}),
        fields=templates[""].substitute(_bindings(properties[""], fields)),
        classes="".join(f"{body}\n\n" for body in bodies),
        registry="".join(f"    {term!a}: {name},\n" for term, name in classes.items()),
    )
    return Artifact(
        name=f"{vocabulary.name}.py",
        kind=ArtifactKind.SOURCE,
        producer=CODE_GENERATION,
        content=module,
        attributes={"classes": len(classes), "properties": len(fields)},
    )


def _by_class(artifacts: tuple[Artifact, ...]) -> dict[str, Template]:
    return {str(artifact.attributes["class"]): Template(artifact.content) for artifact in artifacts}


def _parents_first(vocabulary: Pack) -> list[str]:
    parents = vocabulary.parents
    needs = {name: (parents[name],) if name in parents else () for name in sorted(vocabulary.classes)}
    return list(TopologicalSorter(needs).static_order())


def _bindings(properties: dict[str, tuple[str, ...]], fields: dict[str, str]) -> dict[str, str]:
    bound = {}
    for number, (name, types) in enumerate(properties.items()):
        bound[f"field_{number}"] = fields[name]
        bound[f"type_{number}"], bound[f"read_{number}"] = python_type(types)
    return bound


def python_type(types: tuple[str, ...]) -> tuple[str, str]:
    """Return the Python type that all value types share and what reads it; text where they share none."""
    found = {LITERALS.get(each, TEXT) for each in types}
    return found.pop() if len(found) == 1 else TEXT
