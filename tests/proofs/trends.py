"""Count what is found in histories of known truth: ``python -m tests.proofs.trends`` appends to trends.jsonl.

Generated ones need nothing. Real ones are read from folders that are named: `--asv` of results as asv stores them (such
as pv/scipy-bench, results/i7), `--labelled` of series with annotations (alan-turing-institute/TCPD).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from tests.proofs.trends_page import Count, render

from hivegate.instruments import metric_named
from hivegate.model.trend import ChangeCause, Point, Series
from hivegate.stats.changepoints import find_change_points
from hivegate.stats.environments import learn_offsets, make_factor
from hivegate.stats.trend import find_trends
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from hivegate.model.trend import Trend

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "trends.jsonl"
YEAR, MODES, SHUFFLED, INJECTED = 20261201, 20261202, 20261203, 20261204
_RUNS = 260
_NEAR = 5
_TO_BLAME = frozenset({ChangeCause.CODE, ChangeCause.EITHER})
_LEAST = 60  # values of a history
_FEWEST_DIFFERENT = 10
_RESIDUAL_LEAST = 100
_INJECTED_INTO = 48


def year(random: np.random.Generator, step: float, *, at_kernel: bool) -> tuple[tuple[Trend, ...], int]:
    """Draw a year on hosted runners and find its trends; also returns the run at which one benchmark got slower."""
    cpu = random.choice(3, _RUNS, p=[0.6, 0.3, 0.1])
    kernels, pythons = (np.sort(random.choice(np.arange(15, _RUNS - 15), count, replace=False)) for count in (7, 5))
    inner = kernels[(kernels >= 20) & (kernels <= _RUNS - 20)]
    place = int(random.choice(inner)) if at_kernel and len(inner) else int(random.integers(20, _RUNS - 20))
    runs = np.arange(_RUNS)
    factors = [
        make_factor("processor", [f"cpu {one}" for one in cpu]),
        make_factor("system", [f"kernel {one}" for one in np.searchsorted(kernels, runs, side="right")]),
        make_factor("Python", [f"3.12.{one}" for one in np.searchsorted(pythons, runs, side="right")]),
    ]
    series = []
    for number in range(12):
        logs = random.normal(0.0, 0.02, _RUNS) + np.array([0, 0.25, -0.15])[cpu] * random.uniform(0.6, 1.4)
        logs += (random.random(_RUNS) < 0.04) * random.exponential(0.2, _RUNS)
        logs[place:] += math.log1p(step) * (number == 0)
        offsets = learn_offsets(logs, runs, factors, _RUNS - 1)
        values = np.exp(logs if offsets is None else logs - offsets)
        points = tuple(Point(run=run, value=float(value)) for run, value in enumerate(values))
        series.append(Series(benchmark=f"b{number}", environment="e", metric=metric_named("p50"), points=points))
    boundaries = sorted((one for factor in factors for one in factor.boundaries()), key=lambda one: one.run)
    return find_trends(series, boundaries=boundaries), place


def count_years(n: int) -> Iterator[Count]:
    """Count what is found of a step and what is invented, in all twelve benchmarks."""
    for step, at_kernel in ((0.1, False), (0.1, True), (0.05, False), (0.05, True), (0.0, False)):
        random, found, invented, called = np.random.default_rng(YEAR), 0, 0, 0
        for _ in range(n):
            trends, place = year(random, step, at_kernel=at_kernel)
            changes = [one for trend in trends for one in trend.changes]
            hit = step > 0 and any(
                one.worse and one.cause in _TO_BLAME and abs(one.index - place) <= _NEAR for one in trends[0].changes
            )
            found, invented, called = found + hit, invented + len(changes) - hit, called + (len(changes) > hit)
        case = f"+{step:.0%}{', at a kernel' if at_kernel else ''}" if step else "nothing changes"
        yield Count(
            trial="year",
            case=case,
            seed=YEAR,
            histories=n,
            steps=n if step else 0,
            found=found,
            invented=invented,
            called=called,
        )


def count_modes(n: int) -> Iterator[Count]:
    """Count still histories in two modes that are called changed."""
    for stay in (1, 4):
        random = np.random.default_rng(MODES)
        for share in (0.05, 0.1, 0.2, 0.3, 0.5):
            called = invented = 0
            for size in (0.03, 0.05, 0.1, 0.2):
                for _ in range(n // 4):
                    slow = _slow(random, share, stay)
                    logs = random.normal(0.0, 0.01, len(slow)) + math.log1p(size) * slow
                    steps = len(find_change_points(np.exp(logs)))
                    called, invented = called + bool(steps), invented + steps
            yield Count(
                trial="modes",
                case=f"{share:.0%} slow, stays of {stay}",
                seed=MODES,
                histories=n // 4 * 4,
                points=n // 4 * 4 * 300,
                invented=invented,
                called=called,
            )


def _slow(random: np.random.Generator, share: float, stay: int) -> npt.NDArray[np.bool_]:
    if stay == 1:
        return random.random(300) < share
    slow, now = np.zeros(300, dtype=np.bool_), bool(random.random() < share)
    for place in range(300):
        slow[place] = now
        now = random.random() >= 1 / stay if now else random.random() < share / ((1 - share) * stay)
    return slow


def read_asv(folder: Path) -> dict[str, npt.NDArray[np.float64]]:
    """Read what asv stored: of each benchmark its first parameters in its longest environment, by commit date."""
    results = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json")) if path.name != "machine.json"]
    found: dict[str, dict[str, list[float]]] = {}
    for result in sorted(results, key=lambda one: (one["date"], one["env_name"])):
        for name, told in result["results"].items():
            value = _first(told)
            if value is not None:
                found.setdefault(name, {}).setdefault(result["env_name"], []).append(value)
    histories = {name: np.array(max(several.values(), key=len)) for name, several in found.items()}
    return {
        name: one
        for name, one in histories.items()
        if len(one) >= _LEAST and one.min() > 0 and len(np.unique(one)) > _FEWEST_DIFFERENT
    }


def _first(told: Any) -> float | None:  # noqa: ANN401  asv's
    while isinstance(told, (list, dict)) and told:
        told = told.get("result") if isinstance(told, dict) else told[0]
    return float(told) if isinstance(told, (int, float)) and math.isfinite(told) else None


def chosen(histories: dict[str, npt.NDArray[np.float64]], count: int) -> list[npt.NDArray[np.float64]]:
    """Choose histories by the hash of their names."""
    names = sorted(histories, key=lambda name: hashlib.sha256(name.encode()).digest())
    return [histories[name] for name in names[:count]]


def count_shuffled(histories: Sequence[npt.NDArray[np.float64]], source: str) -> Count:
    """Count changes in real histories that have none, for their order is random."""
    random = np.random.default_rng(SHUFFLED)
    steps = [len(find_change_points(random.permutation(one))) for one in histories]
    return Count(
        trial="shuffled",
        case="once",
        seed=SHUFFLED,
        source=source,
        histories=len(histories),
        points=sum(map(len, histories)),
        invented=sum(steps),
        called=sum(map(bool, steps)),
    )


def count_injected(histories: Sequence[npt.NDArray[np.float64]], source: str) -> Iterator[Count]:
    """Count what is found of steps put into the residuals of real histories."""
    residuals = [residual(np.log(one)) for one in histories if len(one) >= _RESIDUAL_LEAST][:_INJECTED_INTO]
    for size in (0.05, 0.1, 0.2):
        random, steps, found, invented = np.random.default_rng(INJECTED), 0, 0, 0
        for one in residuals:
            logs, places = one.copy(), list[int]()
            for _ in range(int(random.integers(1, 3))):
                place = int(random.integers(15, len(logs) - 15))
                if all(abs(place - other) >= 25 for other in places):
                    places.append(place)
                    logs[place:] += random.choice([-1, 1]) * math.log1p(size)
            told = [step.index for step in find_change_points(np.exp(logs))]
            hits = sum(any(abs(index - place) <= _NEAR for index in told) for place in places)
            steps, found, invented = steps + len(places), found + hits, invented + max(0, len(told) - hits)
        yield Count(
            trial="injected",
            case=f"{size:.0%}",
            seed=INJECTED,
            source=source,
            histories=len(residuals),
            steps=steps,
            found=found,
            invented=invented,
        )


def residual(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Take the levels out of a history, by a partition that is not hivegate's: least squares, ten times log n a cut."""
    n, shortest = len(logs), 8
    noise = max(1.4826 * float(np.median(np.abs(np.diff(logs)))) / math.sqrt(2), 1e-4)
    middle = np.median(sliding_window_view(np.pad(logs, 3, mode="edge"), 7), axis=1)
    calm = np.clip(logs, middle - 3 * noise, middle + 3 * noise) / noise
    sums, squares = (np.concatenate(([0.0], np.cumsum(one))) for one in (calm, calm**2))
    cost, came = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    cost[0] = 0.0
    for end in range(shortest, n + 1):
        starts = np.arange(end - shortest + 1)
        within = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        total = cost[starts] + within + 10 * math.log(n)
        came[end] = int(np.argmin(total))
        cost[end] = total[came[end]]
    rest, end = logs.copy(), n
    while end > 0:
        start = int(came[end])
        rest[start:end] -= np.median(rest[start:end])
        end = start
    return rest


def count_labelled(folder: Path, source: str) -> Iterator[Count]:
    """Score series that people labelled, in two halves by the hash of their names."""
    labels = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    scores: dict[int, list[float]] = {0: [], 1: []}
    for path in sorted(folder.glob("datasets/*/*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("n_dim") != 1 or told["name"] not in labels:
            continue
        values = [math.nan if one is None else float(one) for one in told["series"][0]["raw"]]
        places = {step.index for step in find_change_points(values)}
        half = int(hashlib.sha256(told["name"].encode()).hexdigest(), 16) % 2
        scores[half].append(f1(places, [set(one) for one in labels[told["name"]].values()]))
    for half, name in ((0, "tuned"), (1, "kept back")):
        if scores[half]:
            mean = sum(scores[half]) / len(scores[half])
            yield Count(trial="labelled", case=name, source=source, histories=len(scores[half]), score=mean)


def f1(found: set[int], labels: Sequence[set[int]]) -> float:
    """Score as van den Burg & Williams (2020) do: precision against all annotators together, recall their mean."""
    told = {0, *found}
    precision = _met({0}.union(*labels), told) / len(told)
    recall = sum(_met({0, *one}, told) / len({0, *one}) for one in labels) / len(labels)
    return 2 * precision * recall / (precision + recall)


def _met(labels: set[int], told: set[int]) -> int:
    left, met = set(told), 0
    for label in sorted(labels):
        near = [one for one in left if abs(one - label) <= _NEAR]
        if near:
            left.discard(min(near, key=lambda one: (abs(one - label), one)))
            met += 1
    return met


def main() -> int:
    """Count what is asked for, append it and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=100, metavar="N")
    parser.add_argument("--modes", type=int, default=100, metavar="N", help="histories a case")
    parser.add_argument("--asv", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--name", action="append", default=[], help="what a folder is called on the page, in turn")
    parser.add_argument("--labelled", type=Path, metavar="FOLDER")
    parser.add_argument("--most", type=int, default=400, metavar="N", help="histories of a folder")
    given = parser.parse_args()
    # The newest commit that touched what is counted.
    commit = git.ask(Path(__file__).parents[2], "log", "-1", "--format=%H", "--", "src/hivegate/stats") or ""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    with EVIDENCE.open("ab") as kept:
        for counted in _counts(given):
            one = msgspec.structs.replace(counted, commit=commit[:10], day=day)
            kept.write(msgspec.json.encode(one) + b"\n")
            kept.flush()
            print(one, flush=True)  # noqa: T201  what was asked for
    counts = [msgspec.json.decode(line, type=Count) for line in EVIDENCE.read_bytes().splitlines()]
    EVIDENCE.with_name("TRENDS.md").write_text(render(counts), encoding="utf-8")
    return 0


def _counts(given: argparse.Namespace) -> Iterator[Count]:
    if given.years:
        yield from count_years(given.years)
    if given.modes:
        yield from count_modes(given.modes)
    for number, folder in enumerate(given.asv):
        source = given.name[number] if number < len(given.name) else folder.name
        histories = chosen(read_asv(folder), given.most)
        yield count_shuffled(histories, source)
        yield from count_injected(histories, source)
    if given.labelled is not None:
        yield from count_labelled(given.labelled, "TCPD")


if __name__ == "__main__":
    sys.exit(main())
