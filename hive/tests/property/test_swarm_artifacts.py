"""Artifacts survive JSON, whatever they hold."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hivemind.swarm import Artifact, ArtifactKind, artifacts_from_json, artifacts_to_json
from reference import swarm as textbook

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ATTRIBUTES = st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
ARTIFACTS = st.lists(
    st.builds(
        Artifact,
        name=TEXT.filter(bool),
        kind=st.sampled_from(ArtifactKind),
        producer=TEXT,
        content=TEXT,
        attributes=ATTRIBUTES,
    ),
    max_size=5,
)


@settings(max_examples=500, deadline=None)
@given(artifacts=ARTIFACTS)
def test_json_and_back_is_the_same(artifacts: list[Artifact]) -> None:
    """Equal, and of the same types down to the sign of a zero."""
    back = artifacts_from_json(artifacts_to_json(artifacts))
    assert repr(back) == repr(tuple(artifacts))


@settings(max_examples=200, deadline=None)
@given(artifacts=ARTIFACTS)
def test_the_standard_library_reads_the_same(artifacts: list[Artifact]) -> None:
    """What we write is JSON that others understand, and what they write we read."""
    assert repr(textbook.artifacts_from_json(textbook.artifacts_to_json(artifacts))) == repr(tuple(artifacts))
    assert artifacts_from_json(textbook.artifacts_to_json(artifacts)) == tuple(artifacts)
    read = json.loads(artifacts_to_json(artifacts))
    assert [one["name"] for one in read] == [artifact.name for artifact in artifacts]
    assert [one.get("attributes", {}) for one in read] == [artifact.attributes for artifact in artifacts]
