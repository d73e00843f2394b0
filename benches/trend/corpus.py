"""Published histories and the change points published with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trend.generated import Labelled

if TYPE_CHECKING:
    from pathlib import Path


def read_corpus(folder: Path) -> list[Labelled]:
    """Read the series that labels.json names: Talos runs by push time, or a plain list of values."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    del labels["note"]
    return [_read_series(folder / name, places) for name, places in labels.items()]


def _read_series(file: Path, places: list[int]) -> Labelled:
    content = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return Labelled(name=file.stem, values=[float(one) for one in content], steps=places)
    runs = sorted(content["test_runs"], key=lambda run: run[2])
    pushed = [run[2] for run in runs]
    steps = [pushed.index(time) for time in places]
    return Labelled(name=file.stem, values=[float(run[3]) for run in runs], steps=steps)
