"""The pages of the hive that are made of its code: the reference of its public names, and the examples."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
from typing import TYPE_CHECKING

from tests.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("packs", "primitives", "queen", "swarm", "flow")
HIVE_PAGES = ("docs/how-to/use-the-hive.md", "docs/reference/hive.md")
_EXAMPLE = re.compile(r"(<!-- example: (\S+) -->\n```python\n).*?(^```$)", re.DOTALL | re.MULTILINE)
_NAMES = re.compile(r"(<!-- hive -->\n).*?(<!-- end of hive -->)", re.DOTALL)


def render_page(text: str) -> str:
    """Write the examples and the names again where a page has their markers."""
    text = _EXAMPLE.sub(lambda found: found[1] + _example(found[2]) + found[3], text)
    return _NAMES.sub(lambda found: f"{found[1]}{_names()}\n{found[2]}", text)


def _example(name: str) -> str:
    return (ROOT / "hive" / "examples" / name).read_text(encoding="utf-8")


def _names() -> str:
    return "\n".join(part for package in _PACKAGES for part in _package(package))


def _package(package: str) -> Iterator[str]:
    module = importlib.import_module(f"hivemind.{package}")
    yield f"\n## hivemind.{package}\n\n{inspect.getdoc(module)}\n"
    public = getattr(module, "__all__", None) or [
        name for name, found in vars(module).items() if getattr(found, "__module__", "") == module.__name__
    ]
    for name in sorted(one for one in public if not one.startswith("_")):
        found = getattr(module, name)
        if isinstance(found, type) or inspect.isfunction(found):
            yield f"### {name}\n\n{_signature(name, found)}{inspect.getdoc(found) or ''}\n{_members(found)}"


def _signature(name: str, found: type | object) -> str:
    """Write how it is called; an error and an enumeration are not made by users."""
    if isinstance(found, type) and issubclass(found, enum.Enum | BaseException):
        return ""
    return f"`{_call(name, found)}`\n\n"


def _call(name: str, found: object) -> str:
    shown = inspect.signature(found)  # type: ignore[arg-type]  # a class or a function
    parts, keyword = [], False
    for one in shown.parameters.values():
        if one.name == "self":
            continue
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not keyword:
            parts.append("*")
            keyword = True
        parts.append(f"{one.name}: {_type(one.annotation)}{_default(one.default)}")
    returned = "" if isinstance(found, type) else f" -> {_type(shown.return_annotation)}"
    return f"{name}({', '.join(parts)}){returned}"


def _type(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = re.sub(r"ForwardRef\('([^']*)'\)", r"\1", text).replace("~", "")
    return re.sub(r"\b[a-z_]+(?:\.[a-z_]+)*\.(?=[A-Z])", "", text)


def _default(default: object) -> str:
    """Write a default; one whose text is an address, or is made for each call, is not spelled."""
    if default is inspect.Parameter.empty:
        return ""
    return " = ..." if "<" in repr(default) else f" = {default!r}"


def _members(found: object) -> str:
    """List the members of an enumeration, and the methods of a class of its own, each by its first sentence."""
    if not isinstance(found, type):
        return ""
    if issubclass(found, enum.Enum):
        return "\n" + ", ".join(f"`{member.name}`" for member in found) + ".\n"
    lines = []
    for name, member in vars(found).items():
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        said = (inspect.getdoc(member) or "").split("\n\n")[0].replace("\n", " ")
        lines.append(f"- `{name if isinstance(member, property) else _call(name, member)}`: {said}")
    return "\n" + "\n".join(lines) + "\n" if lines else ""
