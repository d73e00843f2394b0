"""The reference of the public names, made of their own signatures and docstrings."""

from __future__ import annotations

import enum
import inspect
import re

import msgspec

import hivegate

_GROUPS = (
    ("Flows", inspect.isfunction),
    ("Projects and options", lambda found: getattr(found, "__name__", "").endswith(("Options", "Project", "Settings"))),
    ("Progress", lambda found: not isinstance(found, type) or found.__module__ == "hivegate.model.events"),
    ("Errors", lambda found: issubclass(found, hivegate.HivegateError)),
    ("Results", lambda _: True),
)


def render_api() -> str:
    """Write every public name in groups: what it is, its signature or fields, and its docstring."""
    groups: dict[str, list[str]] = {heading: [] for heading, _ in _GROUPS}
    for name in hivegate.__all__:
        if name != "__version__":
            found = getattr(hivegate, name)
            heading = next(heading for heading, belongs in _GROUPS if belongs(found))
            groups[heading].append(_entry(name, found))
    return "\n".join(f"\n## {heading}\n{chr(10).join(entries)}" for heading, entries in groups.items())


def _entry(name: str, found: object) -> str:
    if not isinstance(found, type) and not inspect.isfunction(found):
        return f"\n### {name}\n\n`{_alias(found)}`\n"
    said = re.sub(r"(?<!`)<([^>]+)>", r"`<\1>`", inspect.getdoc(found) or "")
    if inspect.isfunction(found):
        return f"\n### {name}\n\n```text\n{_signature(name, found)}\n```\n\n{said}\n"
    if issubclass(found, msgspec.Struct):
        return f"\n### {name}\n\n{said}\n\n{_fields(found)}\n"
    if issubclass(found, enum.Enum):
        return f"\n### {name}\n\n{said}\n\n{', '.join(f'`{member.name}`' for member in found)}.\n"
    return f"\n### {name}\n\n{said}\n"


def _alias(found: object) -> str:
    """Write a type that has no class of its own by the names that it is made of."""
    return re.sub(r"\b[a-z_]+(?:\.[a-z_]+)*\.(?=[A-Z])", "", str(found)).replace(" | ", " or ")


def _signature(name: str, found: object) -> str:
    """Write a signature with a parameter a line; a default that is a function is its name."""
    assert callable(found)
    signature = inspect.signature(found)
    lines, starred = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            lines.append("    *,")
            starred = True
        default = (
            ""
            if parameter.default is inspect.Parameter.empty
            else f" = {getattr(parameter.default, '__name__', parameter.default)}"
        )
        lines.append(f"    {parameter.name}: {parameter.annotation}{default},".replace("<lambda>", "..."))
    return "\n".join([f"{name}(", *lines, f") -> {signature.return_annotation}"])


def _fields(found: type[msgspec.Struct]) -> str:
    types = {
        key: text for base in reversed(found.__mro__) for key, text in getattr(base, "__annotations__", {}).items()
    }
    options = found.__name__.endswith(("Options", "Settings"))
    lines = ["| field | type | default |", "|---|---|---|"] if options else ["| field | type |", "|---|---|"]
    for field in msgspec.structs.fields(found):
        line = f"| `{field.name}` | `{types[field.name]}` |".replace(" | None", " or None")
        if options:
            line += f" {'' if field.required else f'`{field.default!r}`'} |"
        lines.append(line)
    return "\n".join(lines)
