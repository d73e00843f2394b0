"""Artifacts: what is refused, and what their JSON looks like."""

import pytest

from hivemind.swarm import Artifact, ArtifactError, ArtifactKind, artifacts_from_json, artifacts_to_json

ONE = Artifact(name="a", kind=ArtifactKind.SOURCE, producer="p", content="x = 1\n", attributes={"lines": 1})


def test_the_json_is_an_array_of_objects() -> None:
    """Other programs read it without us; defaults are left out."""
    assert artifacts_to_json([ONE]) == (
        b'[{"name":"a","kind":"source","producer":"p","content":"x = 1\\n","attributes":{"lines":1}}]'
    )
    assert artifacts_to_json([]) == b"[]"


def test_numbers_keep_their_types() -> None:
    """An integer, a float of the same value and a truth value come back as what they were."""
    values: dict[str, str | float | bool | None] = {
        "int": 1,
        "float": 1.0,
        "bool": True,
        "big": 2**200,
        "tiny": 5e-324,
        "minus": -0.0,
        "none": None,
    }
    made = Artifact(name="a", kind=ArtifactKind.REPORT, producer="p", attributes=values)
    (back,) = artifacts_from_json(artifacts_to_json([made]))
    assert repr(back.attributes) == repr(values)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "has no name"),
        ({"attributes": {"x": float("nan")}}, "'a': attribute 'x' is nan"),
        ({"attributes": {"x": float("-inf")}}, "'a': attribute 'x' is -inf"),
        ({"content": "ab\ud800"}, r"lone surrogate '\\ud800' at position 2"),
        ({"producer": "\udfff"}, "lone surrogate"),
        ({"attributes": {"\ud800": 1}}, "lone surrogate"),
        ({"attributes": {"x": "\ud800"}}, "lone surrogate"),
    ],
)
def test_what_json_cannot_hold_is_refused_when_it_is_made(fields: dict[str, object], message: str) -> None:
    """Not later, when it would be lost."""
    whole = {"name": "a", "kind": ArtifactKind.SOURCE, "producer": "p"} | fields
    with pytest.raises(ArtifactError, match=message):
        Artifact(**whole)  # type: ignore[arg-type]  # the fields differ by case


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "no artifacts in JSON"),
        (b"[{}]", r"name.*\$\[0\]"),
        (b'[{"name":"a","kind":"source","producer":"p","colour":1}]', "colour"),
        (b'[{"name":"a","kind":"poem","producer":"p"}]', r"\$\[0\]\.kind"),
        (b'[{"name":"a","kind":"source","producer":"p","attributes":{"x":[1]}}]', "attributes"),
        (b'[{"name":"","kind":"source","producer":"p"}]', "has no name"),
        (b'[{"name":"a\xff"}]', "no artifacts in JSON"),
        (b"[" * 100_000, "no artifacts in JSON"),
        ("[", "no artifacts in JSON"),
    ],
)
def test_a_document_that_holds_no_artifacts_is_refused_with_the_place(document: bytes | str, message: str) -> None:
    """Malformed, incomplete, foreign, or nested to exhaust the stack."""
    with pytest.raises(ArtifactError, match=message):
        artifacts_from_json(document)
