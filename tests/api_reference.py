"""The reference of the public names, made of their own signatures and docstrings."""

from __future__ import annotations

import enum
import inspect
import re

import msgspec

import hivegate


def render_api() -> str:
    """Spell every public name: what it is, its signature or fields, and its docstring."""
    return "\n".join(_entry(name, getattr(hivegate, name)) for name in hivegate.__all__ if name != "__version__")


def _entry(name: str, found: object) -> str:
    said = re.sub(r"(?<!`)<([^>]+)>", r"`<\1>`", inspect.getdoc(found) or "")
    if inspect.isfunction(found):
        return f"\n## {name}\n\n```text\n{_signature(name, found)}\n```\n\n{said}\n"
    assert isinstance(found, type)
    if issubclass(found, msgspec.Struct):
        return f"\n## {name}\n\n{said}\n\n{_fields(found)}\n"
    if issubclass(found, enum.Enum):
        return f"\n## {name}\n\n{said}\n\n{', '.join(f'`{one.name}`' for one in found)}.\n"
    return f"\n## {name}\n\n{said}\n"


def _signature(name: str, found: object) -> str:
    """Spell a signature with a parameter a line; a default that has no spelling of its own is its name."""
    assert callable(found)
    signature = inspect.signature(found)
    lines, starred = [], False
    for one in signature.parameters.values():
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            lines.append("    *,")
            starred = True
        default = (
            "" if one.default is inspect.Parameter.empty else f" = {getattr(one.default, '__name__', one.default)}"
        )
        lines.append(f"    {one.name}: {one.annotation}{default},".replace("<lambda>", "..."))
    return "\n".join([f"{name}(", *lines, f") -> {signature.return_annotation}"])


def _fields(found: type[msgspec.Struct]) -> str:
    types = {
        key: text for base in reversed(found.__mro__) for key, text in getattr(base, "__annotations__", {}).items()
    }
    rows = [f"| `{name}` | `{types[name]}` |".replace(" | None", " or None") for name in found.__struct_fields__]
    return "\n".join(["| field | type |", "|---|---|", *rows])
