"""Code that has nothing to do with what is measured, as any real change brings it along."""

from __future__ import annotations

import ast
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BODIES = (
    "    found = {{}}\n    for one in given:\n        found[one] = {number} + len(found)\n    return found\n",
    "    return [one * {number} for one in given if one % {small}]\n",
    '    text = "{word}"\n    return text.join(str(one) for one in given)\n',
    "    total = {number}.5\n    while given:\n        total += given.pop() / {small}\n    return total\n",
)
_WORDS = ("amber", "brood", "comb", "forage", "propolis", "smoke", "swarm", "veil", "wax", "wing")


def with_unrelated(files: Mapping[str, str], trial: int) -> dict[str, str]:
    """Add to the modules of a package functions, constants and a class before and after what they have.

    A new module comes along, which the package imports first. The same for the same trial.
    """
    chance = random.Random(f"unrelated {trial}")  # noqa: S311  a simulation
    changed = {name: _around(text, chance) if chance.random() < 0.7 else text for name, text in files.items()}
    added = chance.choice(_WORDS) + str(chance.randrange(100))
    changed[f"{added}.py"] = '"""New in head."""\n' + "".join(_function(chance) for _ in range(chance.randint(3, 20)))
    changed["__init__.py"] = f"{files['__init__.py']}\nfrom . import {added}\n"
    return changed


def _around(text: str, chance: random.Random) -> str:
    """Put new code behind the imports and at the end of a module."""
    lines = text.splitlines(keepends=True)
    imports = [one for one in ast.parse(text).body if isinstance(one, ast.Import | ast.ImportFrom)]
    if not imports:
        return text
    last = imports[-1].end_lineno or imports[-1].lineno
    before = [_new(chance) for _ in range(chance.randint(0, 4))]
    after = [_new(chance) for _ in range(chance.randint(0, 6))]
    return "".join([*lines[:last], *before, *lines[last:], *after])


def _new(chance: random.Random) -> str:
    kind = chance.randrange(3)
    name = f"{chance.choice(_WORDS)}_{chance.randrange(10_000)}"
    if kind == 0:
        return f"\n\n{name.upper()} = {[chance.random() for _ in range(chance.randint(1, 30))]!r}\n"
    if kind == 1:
        return f"\n\nclass {name.title().replace('_', '')}:\n{_indented(_function(chance))}"
    return _function(chance)


def _function(chance: random.Random) -> str:
    name = f"{chance.choice(_WORDS)}_{chance.randrange(10_000)}"
    body = chance.choice(_BODIES)
    filled = body.format(number=chance.randrange(1000), small=chance.randint(2, 9), word=chance.choice(_WORDS))
    return f"\n\ndef {name}(given):\n{filled}"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))
