"""What a project's own automation installs: tox.ini, its noxfile and its workflows are read, never run."""

from __future__ import annotations

import ast
import configparser
import re
import shlex
from typing import TYPE_CHECKING

from hivegate.errors import UsageError
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FACTORS = re.compile(r"^[\w{},!.-]+:\s+")  # of tox: py311,bench: PACKAGE
_PIP = re.compile(r"\bpip3?\s+install\s+(.+)")
_ENDS = re.compile(r"\s(?:&&|\|\||[;|#>])")  # of a command in a line of shell
_VALUED = frozenset({"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t"})


def installed_by_automation(project: Path) -> Iterator[str]:
    """Yield requirements, ``-r FILE`` as one text, in the order of tox.ini, noxfile.py and the workflows."""
    yield from _of_tox(project / "tox.ini")
    yield from _of_nox(project / "noxfile.py")
    for path in sorted((project / ".github" / "workflows").glob("*.y*ml")):
        for line in _text(path).replace("\\\n", " ").splitlines():
            if found := _PIP.search(line):
                yield from _of_words(_ENDS.split(found[1])[0])


def _of_tox(path: Path) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(path))
    except configparser.Error:  # tox will say what is wrong with it
        return
    for section in parser.sections():
        for line in parser.get(section, "deps", fallback="").splitlines():
            dependency = _FACTORS.sub("", line.strip()).replace("{toxinidir}/", "")
            if dependency and not dependency.startswith(("#", "{")):
                yield from _of_words(dependency.partition(" #")[0].replace("-r", "-r ", 1))
        for extra in re.split(r"[\s,]+", parser.get(section, "extras", fallback="")):
            if re.fullmatch(r"[\w.-]+", extra):
                yield f".[{extra}]"


def _of_nox(path: Path) -> Iterator[str]:
    """Yield the texts that any `session.install` is given, wherever they stand in it."""
    try:
        module = ast.parse(_text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "install":
            constants = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            yield from _joined([value for value in constants if isinstance(value, str)])


def _of_words(text: str) -> Iterator[str]:
    try:
        yield from _joined(shlex.split(text))
    except ValueError:  # a quotation that does not end here
        return


def _joined(words: list[str]) -> Iterator[str]:
    """Put files behind their -r, and leave other options out with what follows them."""
    rest = iter(words)
    for word in rest:
        if word in {"-r", "--requirement"}:
            file = next(rest, "")
            yield f"-r {file}"
        elif word in _VALUED:
            next(rest, "")
        elif not word.startswith("-"):
            yield word


def _text(path: Path) -> str:
    try:
        return read_bytes(path, limit=MEBIBYTE, error=UsageError).decode() if path.is_file() else ""
    except (UsageError, UnicodeDecodeError):
        return ""
