"""Typed reads of untrusted JSON; every refusal names the key path."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import msgspec

from hivegate.errors import HivegateError

T = TypeVar("T")
Hook: TypeAlias = Callable[[type, Any], object]

_DEEP = "is nested too deeply to be a result file"


def decode_json(
    data: bytes, kind: type[T], *, where: str, error: type[HivegateError], dec_hook: Hook | None = None
) -> T:
    """Read JSON as `kind`, bare NaN and Infinity allowed; raises `error` with place, finding and key path."""
    if not data.strip():
        raise error("is empty", where=where, hint="a tool that was stopped leaves such a file; run it again")
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=dec_hook)
    except msgspec.ValidationError as fault:
        raise error(_with_path(fault), where=where) from fault
    except RecursionError as fault:
        raise error(_DEEP, where=where) from fault
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_lenient(data, kind, where=where, error=error, dec_hook=dec_hook)


def _decode_lenient(data: bytes, kind: type[T], *, where: str, error: type[HivegateError], dec_hook: Hook | None) -> T:
    # msgspec is strict JSON; Python's own reader knows NaN and Infinity, which tools in Python write.
    try:
        loose = json.loads(data)
    except UnicodeDecodeError as fault:
        raise error(f"is not UTF-8: byte {fault.start} is {data[fault.start]:#04x}", where=where) from fault
    except json.JSONDecodeError as fault:
        place = f"{where}:{fault.lineno}:{fault.colno}"
        cut = "; the file ends there" if fault.pos >= len(data.rstrip()) - 1 else ""
        raise error(f"is not JSON: {fault.msg}{cut}", where=place, hint=_cut_hint(cut)) from fault
    except RecursionError as fault:
        raise error(_DEEP, where=where) from fault
    except ValueError as fault:  # a number of more digits than Python converts
        raise error(f"cannot be read as JSON: {fault}", where=where) from fault
    try:
        return msgspec.convert(loose, type=kind, dec_hook=dec_hook)
    except msgspec.ValidationError as fault:
        raise error(_with_path(fault), where=where) from fault


def _cut_hint(cut: str) -> str:
    return "the tool that wrote it was probably stopped in the middle; run it again" if cut else ""


def _with_path(fault: msgspec.ValidationError) -> str:
    found = re.fullmatch(r"(?s)(?P<what>.*?)(?: - at `(?P<path>.*)`)?", str(fault))
    if found is None or not found["path"]:
        return str(fault)
    return f"{found['path']}: {found['what']}"
