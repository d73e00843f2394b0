"""Compare hivegate's change points with Apache Otava's, side by side, and write the tables of CHANGE_POINTS.md.

    python benches/trend/compare.py --otava PYTHON [--corpus FOLDER] [--write docs/performance/CHANGE_POINTS.md]

PYTHON is the interpreter of an environment that has apache-otava; `nox -s trend` makes one and runs this.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hivegate.stats.changepoints import find_change_points

sys.path.insert(0, str(Path(__file__).parents[1]))

from trend.corpus import read_corpus
from trend.generated import KINDS, Labelled, generate
from trend.scores import TOLERANCE, Score, score, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = "hivegate"
# The thresholds of the method were chosen with other seeds: 1001 to 1003, and the corpus in sight.
SEEDS = (20270301, 4)
REPEATS = 4
DEFAULTS = "Otava, defaults"
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    DEFAULTS: {},
    "Otava, window 30": {"window_len": 30},
    "Otava, p 0.0001": {"max_pvalue": 0.0001},
    "Otava, window 30, p 0.0001": {"window_len": 30, "max_pvalue": 0.0001},
    "Otava, p 0.00001": {"max_pvalue": 0.00001},
    "Otava, p 0.0001, magnitude 1 %": {"max_pvalue": 0.0001, "min_magnitude": 0.01},
    "Otava, magnitude 5 %": {"min_magnitude": 0.05},
}
_LONG = 10_000
_REPETITIONS = 3
_TABLES = re.compile(r"(<!-- comparison -->\n).*?(<!-- end of comparison -->)", re.DOTALL)


def long_series() -> list[float]:
    """Make 10,000 points with twenty levels, noise of 3 %."""
    random = np.random.default_rng(5)
    logs = np.repeat(random.normal(0.0, 0.1, 20), _LONG // 20) + random.normal(0.0, 0.03, _LONG)
    return [float(one) for one in np.exp(logs)]


def find_here(series: Iterable[Labelled]) -> list[list[int]]:
    """Find change points with hivegate's default thresholds."""
    return [[step.index for step in find_change_points(one.values)] for one in series]


def time_here(values: list[float]) -> float:
    """Time one series in seconds of processor time, whoever else is at work: the least of three."""
    seconds = []
    for _ in range(_REPETITIONS):
        start = time.process_time()
        find_change_points(values)
        seconds.append(time.process_time() - start)
    return min(seconds)


def ask_otava(python: str, series: Sequence[Labelled], values: list[float]) -> dict[str, Any]:
    """Find change points with every configuration of Otava, in its own environment."""
    asked = {"configurations": CONFIGURATIONS, "series": [one.values for one in series], "long": values}
    command = [python, str(Path(__file__).with_name("otava_side.py"))]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  the interpreter that the caller named
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def table(title: str, groups: Sequence[str], scores: dict[str, dict[str, Score]]) -> list[str]:
    """Lay out precision and recall in percent: a row for each tool, a column for each group and one for all."""
    lines = [f"| {title}: precision / recall, % | {' | '.join(groups)} | all |", "|---" * (len(groups) + 2) + "|"]
    for name, by_group in scores.items():
        cells = [by_group[group] for group in groups] + [total(by_group.values())]
        shown = [f"{100 * one.precision:.1f} / {100 * one.recall:.1f}" for one in cells]
        bold = "**" if name == HERE else ""
        lines.append(f"| {bold}{name}{bold} | {' | '.join(f'{bold}{one}{bold}' for one in shown)} |")
    return lines


def scored(series: Sequence[Labelled], found: dict[str, list[list[int]]]) -> dict[str, dict[str, Score]]:
    """Score what each tool found, by the series' names."""
    scores: dict[str, dict[str, Score]] = {}
    for name, places in found.items():
        by_group: dict[str, Score] = {}
        for one, indices in zip(series, places, strict=True):
            by_group[one.name] = by_group.get(one.name, Score()) + score(indices, one.steps)
        scores[name] = by_group
    return scores


def main() -> int:
    """Run both tools over the same series; exit 1 where hivegate is below Otava's defaults on the made ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otava", required=True, metavar="PYTHON")
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[2] / "tests/corpus/changepoints")
    parser.add_argument("--write", type=Path, metavar="FILE")
    asked = parser.parse_args()
    made = [one for seed in SEEDS for one in generate(seed, REPEATS)]
    published = read_corpus(asked.corpus)
    series, values = [*made, *published], long_series()
    answer = ask_otava(asked.otava, series, values)
    found = {HERE: find_here(series), **answer["found"]}
    of_made = scored(made, {name: places[: len(made)] for name, places in found.items()})
    of_published = scored(published, {name: places[len(made) :] for name, places in found.items()})
    seeds, steps = " and ".join(map(str, SEEDS)), sum(len(one.steps) for one in made)
    lines = [
        f"{len(made)} synthetic series (seeds {seeds}) with {steps} steps. A step is found within ±{TOLERANCE} points.",
        "",
        *table("made", list(KINDS), of_made),
        "",
        *table("published", list(dict.fromkeys(one.name for one in published)), of_published),
        "",
        f"10,000 points with 20 levels, seconds of processor time, CPython {platform.python_version()}:",
        f"hivegate {time_here(values):.2f} s, Otava with its defaults {answer['seconds'][DEFAULTS]:.2f} s.",
    ]
    text = "\n".join(lines)
    print(text)  # noqa: T201  what was asked for
    if asked.write:
        page = asked.write.read_text(encoding="utf-8")
        asked.write.write_text(_TABLES.sub(lambda old: f"{old[1]}{text}\n{old[2]}", page), encoding="utf-8")
    ours, theirs = (total(of_made[name].values()) for name in (HERE, DEFAULTS))
    return int(ours.precision < theirs.precision or ours.recall < theirs.recall)


if __name__ == "__main__":
    sys.exit(main())
