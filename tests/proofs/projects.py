"""Projects whose guilty line is known: many functions in many files, one of which does more in the second commit."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

_FILES = 6
_FUNCTIONS = 5  # a file
_TURNS = 900  # of a function's loop, on average
_CONFIGURATION = "[project]\nname = 'known'\nversion = '0'\n"
_BENCH = """\
from known.all import run


def bench_run(benchmark):
    benchmark(run)
"""
# What functions do, in ways that profilers see differently; `turns` is how often.
_BODIES = (
    "    total = 0\n    for i in range({turns}):\n        total += i * i % 7\n    return total\n",
    "    seen = {{}}\n    for i in range({turns}):\n        seen[i % 97] = i\n    return len(seen)\n",
    "    words = []\n    for i in range({turns}):\n        words.append('word')\n    return len(' '.join(words))\n",
    "    rows = sorted(range({turns}), key=lambda one: -one)\n    return sum(rows)\n",
)
_MORE = "    extra = 0\n    for i in range({turns}):\n        extra += i * i % 7\n"


class Guilty(NamedTuple):
    """The function that does more in head, its file, and the lines of the work that was put in."""

    function: str
    file: str
    lines: range


class _Function(NamedTuple):
    name: str
    body: str
    turns: int


def make_slower(folder: Path, seed: int, *, share: float) -> Guilty:
    """Make two commits, of which the second does more in one function, by about that share of the whole call."""
    chance = random.Random(seed)  # noqa: S311  a simulation
    files = _files(chance)
    file, place = chance.randrange(_FILES), chance.randrange(_FUNCTIONS)
    whole = sum(one.turns for each in files for one in each)
    head = [list(each) for each in files]
    guilty = head[file][place]
    more = _MORE.format(turns=round(share * whole))
    head[file][place] = guilty._replace(body=more + guilty.body)
    texts = _commit(folder, files, head)
    name = f"src/known/part_{file}.py"
    start = texts[name].split("\n").index(f"def {guilty.name}():") + 2
    return Guilty(guilty.name, name, range(start, start + 3))


def make_hungrier(folder: Path, seed: int, *, mebibytes: float) -> Guilty:
    """Make two commits, of which the second holds more memory at one known line, by so many MiB a call."""
    chance = random.Random(seed)  # noqa: S311  a simulation
    files = _files(chance)
    holding = [chance.randrange(_FUNCTIONS) for _ in range(_FILES)]
    sizes = [chance.randint(100_000, 400_000) for _ in range(_FILES)]
    guilty = chance.randrange(_FILES)
    more = sizes[guilty] + round(mebibytes * 2**20 / 8)
    base, head = ([list(each) for each in files] for _ in range(2))
    for file, place in enumerate(holding):
        one = files[file][place]
        for side in (base, head):
            size = more if side is head and file == guilty else sizes[file]
            side[file][place] = one._replace(body=f"    held = [None] * {size}\n    held[0] = 1\n{one.body}")
    texts = _commit(folder, base, head)
    name = f"src/known/part_{guilty}.py"
    function = files[guilty][holding[guilty]].name
    line = texts[name].split("\n").index(f"def {function}():") + 2
    return Guilty(function, name, range(line, line + 1))


def make_equal(folder: Path, seed: int) -> None:
    """Make two commits that differ in a comment only."""
    files = _files(random.Random(seed))  # noqa: S311  a simulation
    _commit(folder, files, files)


def _files(chance: random.Random) -> list[list[_Function]]:
    return [
        [
            _Function(f"step_{file}_{place}", chance.choice(_BODIES), round(_TURNS * chance.uniform(0.3, 1.7)))
            for place in range(_FUNCTIONS)
        ]
        for file in range(_FILES)
    ]


def _commit(folder: Path, base: list[list[_Function]], head: list[list[_Function]]) -> dict[str, str]:
    """Commit both revisions; returns head's files."""
    repository = Repository.new(folder)
    repository.commit({
        "pyproject.toml": _CONFIGURATION,
        ".gitignore": ".hivegate\n__pycache__\n",
        "benches/conftest.py": "import sys, pathlib\n"
        "sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'src'))\n",
        "benches/bench_known.py": _BENCH,
        "src/known/__init__.py": "",
        "src/known/all.py": _all(base),
        **_texts(base),
    })  # fmt: skip
    texts = _texts(head)
    repository.commit({**texts, "README": "the second\n"})
    return texts


def _texts(files: list[list[_Function]]) -> dict[str, str]:
    return {
        f"src/known/part_{number}.py": "\n\n".join(
            f"def {one.name}():\n{one.body.format(turns=one.turns)}" for one in functions
        )
        for number, functions in enumerate(files)
    }


def _all(files: list[list[_Function]]) -> str:
    imports = "".join(
        f"from known.part_{number} import {', '.join(one.name for one in functions)}\n"
        for number, functions in enumerate(files)
    )
    calls = " + ".join(f"{one.name}()" for functions in files for one in functions)
    return f"{imports}\n\ndef run():\n    return {calls}\n"
