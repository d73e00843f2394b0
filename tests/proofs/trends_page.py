"""What was found in histories of known truth, as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = """\
# Histories whose truth is known

Written by `nox -s proofs -- trends` from what it counted, [trends.jsonl](trends.jsonl); do not edit. Each line says its
seed and how many histories it is over, so it can be run again. A step is *found* if a change for the code, or for
either, lies within five runs of it; every other change is *invented*. How changes are found: [change
points](CHANGE_POINTS.md).

- **year**: 260 runs on hosted runners, three processors in turns, seven new kernels and five new Pythons, one after the
  other; 12 benchmarks with a noise of 2 % and strays, of which one gets slower. *At a kernel*: exactly where it
  changes.
- **modes**: 300 values with a noise of 1 %, slow in 5 to 50 % of the runs, by 3 to 20 %, for the run alone or for
  stays of 4 runs in the mean; nothing changes.
- **shuffled**: real histories in random order, one parameter of each benchmark, the longest environment.
- **injected**: one or two steps in what is left of real histories without their levels, in their own order.
- **labelled**: series that people labelled, met within five values, F1 as the authors of the data compute it;
  thresholds were looked at on the half *tuned*, chosen by hash.
"""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What one trial counted: in so many histories, with so many points, what was asked and what was told."""

    trial: str
    case: str
    seed: int | None = None
    source: str = "generated"
    histories: int
    points: int = 0
    steps: int = 0
    found: int = 0
    invented: int = 0
    called: int = 0
    score: float | None = None
    commit: str = ""
    day: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a later count of the same takes the place of."""
        return self.trial, self.case, self.source


def render(counts: Iterable[Count]) -> str:
    """Write the newest count of each case."""
    newest = {one.key: one for one in counts}
    lines = [_HEAD]
    for trial in dict.fromkeys(one.trial for one in newest.values()):
        lines += [f"## {trial.capitalize()}", ""]
        lines += ["| case | histories | found | invented | histories called | precision | seed | source | commit |"]
        lines += ["|---|---:|---:|---:|---:|---:|---:|---|---|"]
        lines += [_row(one) for one in newest.values() if one.trial == trial]
        lines.append("")
    return "\n".join(lines)


def _row(one: Count) -> str:
    found = f"{one.found} of {one.steps} ({one.found / one.steps:.0%})" if one.steps else ""
    if one.score is not None:
        found = f"F1 {one.score:.3f}"
    rate = f", {1000 * one.invented / one.points:.2f} per 1000 points" if one.points and not one.steps else ""
    called = f"{one.called} ({one.called / one.histories:.1%})" if one.score is None and not one.steps else ""
    precision = f"{one.found / (one.found + one.invented):.0%}" if one.steps and one.found else ""
    invented = "" if one.score is not None else f"{one.invented}{rate}"
    cells = (one.case, one.histories, found, invented, called, precision, "" if one.seed is None else one.seed)
    return f"| {' | '.join(map(str, cells))} | {one.source} | `{one.commit}`, {one.day} |"
