"""The default pipeline on random vocabularies: whatever is sound comes out as code that holds."""

import json
import keyword

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hivemind.packs import Pack
from hivemind.primitives import fault_of
from hivemind.swarm import (
    Artifact,
    Change,
    Coordinator,
    default_pipeline,
)
from hivemind.swarm.stages.events import extend, new_events, read_events
from hivemind.swarm.stages.naming import RESERVED, python_names
from hivemind.swarm.testing import ManualLoop

NASTY = [
    "class",
    "str",
    "Resource",
    "fields",
    "iri",
    "__init__",
    "__slots__",
    "_x",
    "self",
    "$name",
    "$$",
    "a-b",
    "a_b",
]
NAMES = st.sampled_from(NASTY) | st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters='"\\<>'), min_size=1, max_size=6
).filter(lambda name: not fault_of(name))
TYPES = st.lists(
    st.sampled_from(["xsd:string", "xsd:integer", "xsd:decimal", "xsd:dateTime", "xsd:date", "xsd:boolean", "o:X"]),
    max_size=2,
)


@st.composite
def vocabularies(draw: st.DrawFn) -> Pack:
    """Draw a sound vocabulary: parents come before children, domains and types exist."""
    parents: dict[str, str] = {}
    for name in draw(st.lists(NAMES, unique=True, max_size=5)):
        parents[name] = draw(st.sampled_from(["", *parents]))
    domains = st.lists(st.sampled_from(sorted(parents)), max_size=2) if parents else st.just([])
    properties = draw(st.lists(NAMES, unique=True, max_size=5))
    return Pack(
        name="v",
        namespace=draw(NAMES),
        classes=frozenset(parents),
        parents=parents,
        properties={name: tuple(draw(TYPES)) for name in properties},
        domains={name: tuple(draw(domains)) for name in properties},
    )


@settings(max_examples=150, deadline=None)
@given(vocabulary=vocabularies())
def test_the_code_of_every_sound_vocabulary_imports_and_rebuilds_it(vocabulary: Pack) -> None:
    """Names of any script, Python's own and the module's own included; quality assurance would fail otherwise."""
    run = Coordinator().run(default_pipeline(), Change(vocabulary=vocabulary))
    report = ManualLoop().run_until_complete(run)
    assert report.result("quality-assurance", Artifact).attributes["properties"] == len(vocabulary.properties)


@settings(max_examples=100, deadline=None)
@given(vocabulary=vocabularies(), cut=st.integers(0, 20), order=st.randoms(use_true_random=False))
def test_a_vocabulary_grown_by_events_is_the_vocabulary(vocabulary: Pack, cut: int, order: object) -> None:
    """In one delivery or two that overlap, in any order of lines."""
    events: list[dict[str, object]] = [
        {"event": "class_added", "name": name, "parent": vocabulary.parents.get(name, "")}
        for name in sorted(vocabulary.classes)
    ]
    events += [
        {"event": "property_added", "name": name, "types": types, "domains": vocabulary.domains.get(name, ())}
        for name, types in vocabulary.properties.items()
    ]
    lines = [json.dumps({**event, "sequence": number}) for number, event in enumerate(events, 1)]
    grown = Pack(name="v", namespace=vocabulary.namespace)
    for delivery in (lines[:cut], lines):
        shuffled = list(delivery)
        order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        grown = extend(grown, new_events(read_events("\n".join(shuffled)), grown.sequence))
    assert grown.sequence == len(lines)
    assert msgspec.structs.replace(grown, sequence=0) == vocabulary


@settings(max_examples=500, deadline=None)
@given(terms=st.lists(NAMES | st.text(max_size=5), unique=True, max_size=12))
def test_every_term_gets_a_name_of_its_own_that_python_takes(terms: list[str]) -> None:
    """An identifier, neither reserved nor private; a term that is one already keeps it."""
    names = python_names(terms)
    assert list(names) == terms
    assert len(set(names.values())) == len(terms)
    for term, name in names.items():
        assert name.isidentifier()
        assert name.isascii()
        assert not name.startswith("_")
        assert not keyword.iskeyword(name)
        assert name not in RESERVED
        if term.isascii() and term.isidentifier() and term not in RESERVED and not term.startswith("_"):
            assert name == term
