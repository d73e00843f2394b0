"""What stages hand on as text, and its lossless form in JSON."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hivemind.swarm.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Sequence

Attribute: TypeAlias = str | int | float | bool | None


class ArtifactKind(StrEnum):
    """What an artifact is."""

    TEMPLATE = "template"
    SOURCE = "source"
    REPORT = "report"


class Artifact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of text that a stage made, with what is known about it.

    `name` is unique among the artifacts of a run, `producer` is the stage, `attributes` are facts about the text. The
    mapping must not be changed. Raises ArtifactError for what JSON cannot hold: lone surrogates, infinities, NaN.
    """

    name: str
    kind: ArtifactKind
    producer: str
    content: str = ""
    attributes: dict[str, Attribute] = {}

    def __post_init__(self) -> None:
        """Refuse what would come back different."""
        if not self.name:
            raise ArtifactError("an artifact has no name; name it, unique among those of its run")
        for key, value in self.attributes.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ArtifactError(f"artifact {self.name!a}: attribute {key!a} is {value}; JSON holds finite numbers")
        # ASCII is told in O(1), and most of our text is ASCII.
        texts = (self.name, self.producer, self.content, *self.attributes, *self.attributes.values())
        for text in texts:
            if isinstance(text, str) and not text.isascii():
                _check_unicode(text, self.name)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[Artifact, ...])


def artifacts_to_json(artifacts: Sequence[Artifact]) -> bytes:
    """Return artifacts as a JSON array in UTF-8.

    Written from the values themselves in one pass, without dictionaries in between. Time: linear in the text.
    """
    return _ENCODER.encode(artifacts)


def artifacts_from_json(document: bytes | str) -> tuple[Artifact, ...]:
    """Return the artifacts of a JSON array, equal to those that were written.

    Raises ArtifactError naming the key path for anything else: malformed JSON, unknown or missing fields, wrong types.
    """
    try:
        return _DECODER.decode(document)
    except ArtifactError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArtifactError(f"these are no artifacts in JSON: {error}") from error


def _check_unicode(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArtifactError(
            f"artifact {name!a} holds the lone surrogate {text[error.start]!a} at position {error.start} of a text; "
            "decode its source with errors='replace' or keep it as an escape"
        ) from error
