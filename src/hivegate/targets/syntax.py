"""What is not YAML, told with its place and the fix that it most often needs."""

from __future__ import annotations

import yaml

from hivegate.errors import TargetsError
from hivegate.targets.wording import shown

# By the character at which the reader stopped: what people meant when they wrote it.
_AT_CHARACTER = {
    "*": 'quote text that begins with *: "*"',
    "&": 'quote text that begins with &: "&..."',
    "@": 'quote text that begins with @: "@team"',
    "%": 'quote text that begins with %: "%..."',
    "`": 'quote text that begins with `: "`..."',
    "\t": "indent with spaces, not tabs",
    "[": "between { and }, quote text that contains brackets: {benchmark: 'suite/name[10]'}",
}
_BY_PROBLEM = (
    ("mapping values are not allowed", 'quote text that contains a colon and a space: "a: b"'),
    ("tab character", "indent with spaces, not tabs"),
    ("',' or '}'", "close the mapping with }, and quote text that contains brackets or commas"),
    ("',' or ']'", "close the list with ]"),
    ("unexpected end of stream", "close the quotation mark"),
    ("expected <block end>", "indent the keys of one mapping alike"),
    ("did not find expected key", "indent the keys of one mapping alike"),
    ("could not find expected ':'", "write a colon and a space after the key"),
)
_ANY = "check the indentation; docs/reference/targets.md has examples"


def syntax_error(fault: Exception, text: str, file: str) -> TargetsError:
    """Turn what the YAML reader says into an error with file, line, column and a hint."""
    if isinstance(fault, UnicodeEncodeError):
        return _character_error(text[fault.start], text[: fault.start], file)
    if isinstance(fault, yaml.reader.ReaderError):
        return _character_error(*_unreadable(fault, text), file)
    if not isinstance(fault, yaml.MarkedYAMLError):
        return TargetsError(f"is not YAML: {shown(str(fault))}", where=f"{file}:1:1", hint=_ANY)
    mark = fault.problem_mark or fault.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    problem = fault.problem or fault.context or "cannot be read"
    return TargetsError(
        f"is not YAML: {problem}", where=f"{file}:{line + 1}:{column + 1}", hint=_hint(problem, text, line, column)
    )


def _hint(problem: str, text: str, line: int, column: int) -> str:
    lines = text.splitlines()
    at = lines[line][max(0, column - 1) : column + 1] if line < len(lines) else ""
    by_character = [_AT_CHARACTER[char] for char in reversed(at) if char in _AT_CHARACTER]
    by_problem = [hint for words, hint in _BY_PROBLEM if words in problem]
    starts_badly = "cannot start" in problem or "alphabetic" in problem or at.endswith("[")
    return next(iter(by_character if starts_badly and by_character else by_problem), _ANY)


def _unreadable(fault: yaml.reader.ReaderError, text: str) -> tuple[str, str]:
    """Find the refused character and what stands before it; libyaml counts bytes, the reader in Python characters."""
    found = chr(fault.character) if isinstance(fault.character, int) else str(fault.character)
    in_bytes = text.encode("utf-8", "surrogatepass")[: fault.position].decode("utf-8", "ignore")
    before = in_bytes if text[len(in_bytes) : len(in_bytes) + 1] == found else text[: fault.position]
    return found, before


def _character_error(character: str, before: str, file: str) -> TargetsError:
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return TargetsError(
        f"is not YAML: contains the character U+{ord(character[:1] or chr(0)):04X}, which YAML does not allow",
        where=f"{file}:{line}:{column}",
        hint="delete it; it was pasted, or the file is not text",
    )
