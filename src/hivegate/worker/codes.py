"""The code objects that a source compiles to, and what of each decides how it runs.

A code object's digest covers its own instructions, constants, names and variables. Of the functions, classes and
lambdas that are made in it, it covers what can be seen of them without running them: name, parameters, kind and
docstring. Their own instructions are theirs. So a body that differs, and is neither run nor looked at, differs in
nothing that ran.
"""

from __future__ import annotations

import hashlib
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGEST = 16  # hexadecimal digits


def codes_of(path: str) -> dict[str, types.CodeType]:
    """Compile a source as this interpreter does; returns its code objects by their place in it, "" for the module.

    A place is the names from the outermost function or class to it; those of one name are numbered.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        module = compile(file.read(), path, "exec", dont_inherit=True)
    return dict(_inside(module, ""))


def digest(code: types.CodeType, *, lines: bool = False) -> str:
    """Tell a code object from all others that run differently; with `lines` also from those at other lines."""
    facts = (
        code.co_code,
        tuple(map(_constant, code.co_consts)),
        code.co_names,
        code.co_varnames,
        _outside(code),
        code.co_stacksize,
        getattr(code, "co_exceptiontable", b""),
        (code.co_firstlineno, list(code.co_lines())) if lines else None,
    )
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()[:_DIGEST]


def last_line(code: types.CodeType) -> int:
    """Find the last line of a code object, with what is made in it."""
    lines = [line for _, _, line in code.co_lines() if line]
    inner = [last_line(made) for made in code.co_consts if isinstance(made, types.CodeType)]
    return max((code.co_firstlineno, *lines, *inner))


def _inside(code: types.CodeType, place: str) -> Iterator[tuple[str, types.CodeType]]:
    yield place, code
    numbers: dict[str, int] = {}
    for made in code.co_consts:
        if isinstance(made, types.CodeType):
            number = numbers[made.co_name] = numbers.get(made.co_name, 0) + 1
            name = made.co_name if number == 1 else f"{made.co_name}#{number}"
            yield from _inside(made, f"{place}.{name}" if place else name)


def _outside(code: types.CodeType) -> tuple[Any, ...]:
    """List what shows of a code object where it is made."""
    parameters = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    first = code.co_consts[0] if code.co_consts else None
    return (
        code.co_name,
        getattr(code, "co_qualname", ""),
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_varnames[:parameters],
        code.co_freevars,
        code.co_cellvars,
        first if isinstance(first, str) else None,  # its docstring, or what may be one
    )


def _constant(value: Any) -> Any:  # noqa: ANN401  any constant
    if isinstance(value, types.CodeType):
        return "code", _outside(value)
    if isinstance(value, tuple):
        return "tuple", tuple(map(_constant, value))
    if isinstance(value, frozenset):  # its order is another in each process
        return "frozenset", sorted(repr(_constant(one)) for one in value)
    return type(value).__name__, repr(value)
