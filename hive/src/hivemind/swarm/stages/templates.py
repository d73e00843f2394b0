"""Stage four: render each class's template, which fixes the layout and leaves names and types of Python open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.packs import Pack
from hivemind.swarm.artifacts import Artifact, ArtifactKind
from hivemind.swarm.stages.validation import VALIDATION

if TYPE_CHECKING:
    from hivemind.swarm.stage import StageContext

TEMPLATE_GENERATION = "template-generation"


def render_templates(context: StageContext) -> tuple[Artifact, ...]:
    """Return a `string.Template` for each class, and under the empty class the fields that every resource has.

    Its holes are `$name` and `$base` of the class, and `$field_0`, `$type_0`, `$read_0`, … of its properties in the
    order of their names.
    """
    vocabulary = context.result(VALIDATION, Pack)
    return tuple(
        Artifact(
            name=f"class/{name}" if name else "fields",
            kind=ArtifactKind.TEMPLATE,
            producer=TEMPLATE_GENERATION,
            content=_class(name, properties, vocabulary) if name else "".join(_fields(properties)),
            attributes={"class": name, "properties": len(properties)},
        )
        for name, properties in vocabulary.by_class().items()
    )


def _class(name: str, properties: dict[str, tuple[str, ...]], vocabulary: Pack) -> str:
    summary = _literal(f"Be a {vocabulary.name}:{name}.")
    # A class that adds no field takes over its base's constructor: another with 1,500 parameters each would be slow.
    decorator = "@dataclass(kw_only=True, slots=True)\n" if properties else ""
    body = "\n" + "".join(_fields(properties)) if properties else "\n    __slots__ = ()\n"
    return f"{decorator}class $name($base):\n    {summary}\n{body}"


def _fields(properties: dict[str, tuple[str, ...]]) -> list[str]:
    return [
        f"    $field_{number}: tuple[$type_{number}, ...] = field(\n"
        f"        default=(), metadata={{'term': {_literal(name)}, "
        f"'types': {_literal(types)}, 'read': $read_{number}}}\n"
        "    )\n"
        for number, (name, types) in enumerate(properties.items())
    ]


def _literal(value: object) -> str:
    return ascii(value).replace("$", "$$")
