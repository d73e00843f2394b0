"""What was measured and simulated, kept as JSON beside the page that tells of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from detection.rates import Rate

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "performance" / "scale"
_DIGITS = 5
_NONE = 1e-12  # what is left of a subtraction


def save(name: str, found: Any) -> None:  # noqa: ANN401  structs, and lists of them
    """Keep one part's evidence."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(msgspec.to_builtins(found)), indent=1, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def load(name: str, kind: type[T]) -> T:
    """Read one part's evidence."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=kind)


def spelled(rate: Rate) -> str:
    """Spell a rare rate with its 95 % interval (Wilson), in percent."""
    low, high = rate.wilson()
    return f"{_short(rate.share)} % ({_short(low)} to {_short(high)}; {rate.hits:,} of {rate.n:,})"


def _short(share: float) -> str:
    percent = 100 * share if share > _NONE else 0.0
    return f"{percent:.1f}" if percent >= 10 else f"{percent:.2f}" if percent >= 1 else f"{percent:.2g}"


def _rounded(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
