"""The files of the guard, and how what is found differs from what is expected."""

from __future__ import annotations

import json
import lzma
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Document: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
CASES = HERE / "cases"
LIVE = HERE / "expected" / "live-cases.json"
KINDS = ("comparisons", "runs", "histories")
_LARGE = 200_000
# Another library may round the last digits otherwise; a change of a rule moves far more.
_RELATIVE = 1e-9


def names(kind: str) -> list[str]:
    """List the recordings of a kind."""
    return sorted(file.name.partition(".")[0] for file in (HERE / "recorded" / kind).glob("*.json*"))


def load_recording(kind: str, name: str) -> Document:
    """Read a recording, compressed or not."""
    file = HERE / "recorded" / kind / f"{name}.json"
    packed = file.with_suffix(".json.xz")
    text = lzma.decompress(packed.read_bytes()) if packed.exists() else file.read_bytes()
    return dict(json.loads(text))


def save_recording(kind: str, name: str, recording: Document) -> None:
    """Write a recording in place of the one of that name; a large one is compressed."""
    file = HERE / "recorded" / kind / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    packed = file.with_suffix(".json.xz")
    text = json.dumps(recording, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    large = len(text) > _LARGE
    (packed if large else file).write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME) if large else text)
    (file if large else packed).unlink(missing_ok=True)


def expectation(kind: str) -> Path:
    """Name the file of what the recordings of a kind, or the cases, are judged to be."""
    return HERE / "expected" / f"{kind}.json"


def load(file: Path) -> Document:
    """Read a plain file of JSON."""
    return dict(json.loads(file.read_text(encoding="utf-8")))


def save(file: Path, document: Document) -> None:
    """Write a plain file of JSON, a line for each verdict or change, so that a difference can be read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(_lines(document, "")) + "\n", encoding="utf-8")


def differences(expected: object, found: object, at: str = "") -> Iterator[str]:
    """Tell where two documents differ; numbers may differ in their last digits."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected.keys() | found.keys():
            if key in expected and key in found:
                yield from differences(expected[key], found[key], f"{at}/{key}")
            else:
                yield f"{at}/{key}: is only {'expected' if key in expected else 'found'}"
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{at}/{index}")
    elif not _same(expected, found):
        yield f"{at}: expected {expected!r}, found {found!r}"


def _same(expected: object, found: object) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (expected, found))
    if numbers:
        return math.isclose(float(str(expected)), float(str(found)), rel_tol=_RELATIVE, abs_tol=1e-15)
    return expected == found


def _lines(value: object, indent: str) -> Iterator[str]:
    """Indent what holds verdicts or further documents; what lies below a verdict stays on its line."""
    plain = json.dumps(value, ensure_ascii=False)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if "metric" in (value if isinstance(value, dict) else ()) or not any(
        isinstance(one, dict | list) for one in inside
    ):
        yield plain
        return
    deeper = indent + "  "
    items = value.items() if isinstance(value, dict) else ((None, one) for one in inside)
    yield "{" if isinstance(value, dict) else "["
    for index, (key, one) in enumerate(items):
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        yield f"{',' if index else ''}\n{deeper}{name}"
        yield from _lines(one, deeper)
    yield f"\n{indent}{'}' if isinstance(value, dict) else ']'}"
