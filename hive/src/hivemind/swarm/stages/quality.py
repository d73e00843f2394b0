"""Stage six: import the generated code and check that it says and does what the vocabulary says."""

from __future__ import annotations

import datetime as dt
import decimal
import inspect
import json
from importlib.abc import InspectLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import TYPE_CHECKING, Any

from hivemind.packs import Pack
from hivemind.swarm.artifacts import Artifact, ArtifactKind
from hivemind.swarm.errors import QualityError, describe
from hivemind.swarm.stages.generation import CODE_GENERATION, python_type
from hivemind.swarm.stages.validation import VALIDATION

if TYPE_CHECKING:
    from types import ModuleType

    from hivemind.swarm.stage import StageContext

QUALITY_ASSURANCE = "quality-assurance"

# By Python type, chosen from what the vocabulary says and not from what the code claims; two, so that order counts.
SAMPLES: dict[str, tuple[object, object]] = {
    "str": ("first", '"\u20ac" \n\U0001f41d'),
    "int": (0, -(10**20)),
    "float": (0.1, 1e300),
    "bool": (True, False),
    "decimal.Decimal": (decimal.Decimal("0.10"), decimal.Decimal("1E+30")),
    "datetime.date": (dt.date(2024, 2, 29), dt.date(1, 1, 1)),
    "datetime.datetime": (
        dt.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=dt.UTC),
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    ),
}


class _SourceLoader(InspectLoader):
    """Load a module from its text."""

    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, fullname: str) -> str:
        del fullname
        return self._source


def assure(context: StageContext) -> Artifact:
    """Return the report on the generated module; raises QualityError naming what does not hold.

    The module is imported, its classes must rebuild the vocabulary exactly, and an instance of each must survive
    the way to JSON text and back.
    """
    vocabulary = context.result(VALIDATION, Pack)
    module = load(context.result(CODE_GENERATION, Artifact))
    _compare(rebuilt(module), vocabulary)
    values = sum(_round_trip(module, term, vocabulary) for term in module.CLASSES)
    return Artifact(
        name=f"{vocabulary.name}.quality",
        kind=ArtifactKind.REPORT,
        producer=QUALITY_ASSURANCE,
        content=f"{len(vocabulary.classes)} classes and {len(vocabulary.properties)} properties hold.",
        attributes={"classes": len(vocabulary.classes), "properties": len(vocabulary.properties), "values": values},
    )


def load(source: Artifact) -> ModuleType:
    """Return the imported module of a source artifact, which `sys.modules` does not learn of."""
    loader = _SourceLoader(source.content)
    spec = spec_from_loader(f"generated:{source.name}", loader)
    if spec is None:
        raise QualityError(f"{source.name!a} cannot be imported")
    module = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except Exception as error:
        raise QualityError(f"{source.name!a} does not import: {describe(error)}") from error
    return module


def rebuilt(module: ModuleType) -> Pack:
    """Return the vocabulary that a generated module's classes describe."""
    types: dict[str, tuple[str, ...]] = {}
    domains: dict[str, list[str]] = {}
    for term, kind in module.CLASSES.items():
        for field in _own_fields(kind):
            name = field.metadata["term"]
            types[name] = field.metadata["types"]
            domains.setdefault(name, []).extend([term] if term else [])
    return Pack(
        **module.VOCABULARY,
        classes=frozenset(term for term in module.CLASSES if term),
        parents={term: module.TERMS[kind.__bases__[0]] for term, kind in module.CLASSES.items() if term},
        properties=types,
        domains={name: tuple(classes) for name, classes in domains.items()},
    )


def _own_fields(kind: type[Any]) -> list[Any]:
    described = kind.__dataclass_fields__
    return [described[name] for name in inspect.get_annotations(kind) if described[name].metadata]


def _compare(found: Pack, wanted: Pack) -> None:
    for name in sorted(found.classes ^ wanted.classes):
        raise QualityError(f"the code and the vocabulary do not agree that {name!a} is a class; generate it again")
    for what in ("parents", "properties", "domains"):
        was, should = getattr(found, what), getattr(wanted, what)
        for name in sorted(was.keys() | should.keys()):
            if was.get(name) != should.get(name):
                raise QualityError(
                    f"the code says of {name!a} among the {what} {was.get(name)!a}, "
                    f"the vocabulary {should.get(name)!a}; generate it again"
                )
    if any(getattr(found, each) != getattr(wanted, each) for each in ("name", "version", "namespace", "sequence")):
        raise QualityError(
            f"the code is of {found.name!a} {found.version!a} at change {found.sequence}, "
            f"not of {wanted.name!a} {wanted.version!a} at change {wanted.sequence}"
        )


def _round_trip(module: ModuleType, term: str, vocabulary: Pack) -> int:
    kind = module.CLASSES[term]
    values = {}
    for field in _own_fields(kind):
        name = field.metadata["term"]
        values[field.name] = samples = SAMPLES[python_type(vocabulary.properties[name])[0]]
        if field.type != tuple[type(samples[0]), ...]:  # type: ignore[misc]  # a type made at run time
            raise QualityError(f"{name!a} is annotated {field.type!a}, but has values like {samples[0]!a}")
    made = kind(iri=f"urn:example:{term}", **values)
    back = module.read(json.loads(json.dumps(made.to_dict())))
    if type(back) is not kind or back != made:
        raise QualityError(f"a {term!a} does not survive the way to JSON and back: it became a {type(back).__name__}")
    for field, value in values.items():  # 1 and 1.0 are equal, and not the same
        if repr(getattr(back, field)) != repr(value):
            raise QualityError(f"of a {term!a}, {field} does not survive: {value!a} became {getattr(back, field)!a}")
    return sum(map(len, values.values()))
