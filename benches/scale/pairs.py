"""Real pairs of equal revisions, kept one by one: their shape, their memory, and what benchmarks share."""

from __future__ import annotations

import itertools
import math
import statistics
import sys
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hivegate.flows.compare.checkout import two_trees
from hivegate.flows.plan import RevisionsPlan
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import Base
from hivegate.measure.subject import Subject
from hivegate.stats.centre import centre
from hivegate.stats.pairs import clock_of, logs_by
from hivegate.system import git
from scale.evidence import FOLDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.events import Event

PAIRS = 48
_FEWEST = 6
_BENCHMARKS = (
    "hive_coordination/agent_spawning[8]",
    "hive_coordination/conflict_detection[20]",
    "hive_coordination/configuration_analysis[10]",
    "hive_coordination/memory_overhead[100]",
    "swarm_coordination/artifact_conversion[100]",
    "swarm_coordination/dependency_resolution[8]",
    "swarm_coordination/timeout_overhead[100]",
    "swarm_primitives/commutative_aggregation[500]",
    "swarm_primitives/conditional_aggregation[200]",
    "swarm_primitives/conflict_detection[500]",
    "swarm_primitives/priority_scheduling[1000]",
    "swarm_primitives/scheduler_enqueue",
    "swarm_primitives/snapshot_reads[100]",
    "swarm_primitives/snapshot_writes[100]",
)


class RecordedPairs(msgspec.Struct, frozen=True, kw_only=True):
    """The log ratios of one benchmark's pairs of equal revisions, in the order of measuring."""

    benchmark: str
    clock: str
    logs: tuple[float, ...]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the pairs are like: excess kurtosis of all, the mean correlation of neighbours, and of two benchmarks.

    Each correlation is followed by its standard error where there is none. `bias` is the root mean square of how many
    standard errors a benchmark's trimmed mean is from none: 1 where nothing but chance moves it; `farthest` is the
    mean, as a share, that is farthest.
    """

    benchmarks: int
    pairs: int
    excess: float
    neighbours: tuple[float, float]
    together: tuple[float, float]
    bias: float
    farthest: float


def record() -> None:
    """Measure this tree against a copy of itself: fourteen benchmarks, 48 pairs each, some five minutes."""
    subject = Subject(project=ROOT, python=sys.executable, paths=("benches",), roots=("benches",))
    head = git.describe(ROOT)
    copy = Base(sha=git.snapshot(ROOT) or (head.sha if head else None), name="a copy of this tree", why="equal")
    with two_trees(subject, copy, RevisionsPlan(selectors=_BENCHMARKS), _ignored) as ready:
        comparison = PairCollector(ready.setup, ready.chosen, _ignored, singles={})
        comparison.measure({one.id for one in ready.chosen}, PAIRS, overdue=lambda: False)
    lines = []
    for name, samples in comparison.samples.items():
        if len(samples) >= _FEWEST:
            clock = clock_of(samples)
            logs = tuple(round(float(one), 6) for one in logs_by(samples, clock))
            lines.append(msgspec.json.encode(RecordedPairs(benchmark=name, clock=clock.value, logs=logs)))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "pairs.jsonl").write_bytes(b"\n".join(lines) + b"\n")


def recorded() -> list[RecordedPairs]:
    """Read the pairs that were kept."""
    lines = (FOLDER / "pairs.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=RecordedPairs) for line in lines]


def standardised(known: Sequence[RecordedPairs]) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Centre each benchmark's pairs and give them a standard deviation of one."""
    rows = [np.array(one.logs) for one in known]
    return [(row - row.mean()) / row.std() for row in rows]


def seen() -> Seen:
    """Describe the recorded pairs."""
    known = recorded()
    rows = standardised(known)
    pooled = np.concatenate(rows)
    couples = list(itertools.combinations([row for row in rows if len(row) == PAIRS], 2))
    centres = [centre(np.array(one.logs)) for one in known]
    return Seen(
        benchmarks=len(rows),
        pairs=len(pooled),
        excess=float((pooled**4).mean() - 3),
        neighbours=(
            float(np.mean([row[1:] @ row[:-1] / len(row) for row in rows])),
            1 / math.sqrt(len(pooled)),
        ),
        together=(
            float(np.mean([one @ other / PAIRS for one, other in couples])),
            1 / math.sqrt(PAIRS * len(couples)),
        ),
        bias=math.sqrt(statistics.fmean((one.mean / one.error) ** 2 for one in centres)),
        farthest=max((math.expm1(one.mean) for one in centres), key=abs),
    )


def _ignored(event: Event) -> None:
    del event
