"""A recorded run of a machine with two speeds: 15 passes of unchanged code, most of them in its slow state.

tests/golden/two_speeds/run.json.xz is what ``nox -s bench`` once wrote on an idle machine, thinned out: the benchmarks
that a target asks for, some hundred rounds of each pass, four digits. The reference loop, which was read twice a pass,
took 93 ns a turn in the fast state and 170 to 180 ns in the slow one. The targets are those of then.

scaling.csv are ten kinds of code on such a machine, every third block of a longer recording: processor seconds of a
call, and of a fixed number of turns of the loop around it.
"""

from __future__ import annotations

import csv
import datetime as dt
import lzma
import math
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.measured import sample

from hivegate.adopt.limits import WALL_ROOM, Kind, Plan, derive_limits
from hivegate.adopt.targets_text import targets_text
from hivegate.ingest import read
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.targets import SpeedReference
from hivegate.model.verdict import Outcome
from hivegate.stats.speed import ASSUMED, learn_slope, slope_factor
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.adopt.limits import Limits
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult

_FILES = Path(__file__).parents[2] / "golden" / "two_speeds"
_TARGETS = (_FILES / "targets.yaml").read_text(encoding="utf-8")
_READING = """reference:
  - {{loop: 1, python: CPython 3.11, date: 2026-11-01, turn: {turn} ns, between: [{turn} ns, {turn} ns], passes: 10}}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Read the run."""
    file = tmp_path_factory.mktemp("two_speeds") / "run.json"
    file.write_bytes(lzma.decompress((_FILES / "run.json.xz").read_bytes()))
    return read(file)


def judged(run: Run, turn: float | None) -> GateResult:
    """Judge the run as measured, or at the speed of a reference."""
    reading = "" if turn is None else _READING.format(turn=turn)
    targets = parse_targets(_TARGETS.replace("\ntargets:\n", f"\n{reading}targets:\n", 1), "targets.yaml")
    return judge(targets, run, estimate_targets(targets, run, looks=3), today=dt.date(2026, 11, 1), looks=3)


def test_as_measured_the_machine_is_judged(recorded: Run) -> None:
    """Three limits are broken, one of them a must: nothing is wrong with the code."""
    result = judged(recorded, None)
    assert result.outcome is Outcome.FAILED
    assert Counter(verdict.outcome for verdict in result.verdicts)[Outcome.FAILED] == 3


@pytest.mark.parametrize("turn", [93, 50])
def test_at_the_speed_of_the_reference_nothing_fails(recorded: Run, turn: float) -> None:
    """At the speed of the fast state, and of a machine twice as fast as that."""
    result = judged(recorded, turn)
    assert Counter(verdict.outcome for verdict in result.verdicts)[Outcome.FAILED] == 0
    assert result.exit_status == 0


@pytest.mark.parametrize(
    ("first", "later"),
    [((0, 1, 2), range(5, 10)), ((3, 4, 5), range(8, 13)), ((10, 11, 12), range(5)), ((0, 5, 10), (1, 2, 3, 4, 6))],
)
def test_limits_of_a_first_run_fail_nothing_later(recorded: Run, first: tuple[int, ...], later: Sequence[int]) -> None:
    """What init writes after three passes holds in five others of the same code, and is not far from it."""
    begun, after = passes(recorded, first), passes(recorded, later)
    turn = median(sample.reference or 0.0 for benchmark in begun.benchmarks for sample in benchmark.samples)
    reading = speed_of(turn)
    limits = derive_limits(begun, Plan(passes=5, looks=3), reading)
    assert median((one.maximum or math.inf) / one.value for one in limits.derived) < 4
    outcomes = held(begun, limits, after, reading)
    assert outcomes[Outcome.PASSED] > 0.75 * outcomes.total()
    assert set(outcomes) <= {Outcome.PASSED, Outcome.INCONCLUSIVE}


def held(begun: Run, limits: Limits, after: Run, reading: SpeedReference | None) -> Counter[Outcome]:
    """Hold limits against other passes of what was measured in both."""
    measured = {benchmark.id for benchmark in after.benchmarks}
    kept = tuple(one for one in limits.derived if one.benchmark in measured)
    text = targets_text(begun, msgspec.structs.replace(limits, derived=kept, unmeasured=()), None, reading)
    targets = parse_targets(text, "targets.yaml")
    result = judge(targets, after, estimate_targets(targets, after, looks=3), today=dt.date(2026, 11, 1), looks=3)
    return Counter(verdict.outcome for verdict in result.verdicts if verdict.metric is not None)


def test_limits_of_waiting_code_hold_in_both_states_of_the_machine(recorded: Run) -> None:
    """What is not taken to another speed has the headroom for it: fast passes' limits hold in slow ones."""
    plan = Plan(passes=5, looks=3)
    reading = speed_of(93e-9)
    waiting = {one.benchmark for one in derive_limits(recorded, plan, reading).derived if one.kind is Kind.WALL}
    assert len(waiting) > 10
    outcomes: Counter[Outcome] = Counter()
    for benchmark in (one for one in recorded.benchmarks if one.id in waiting):
        medians = [median(sample.rounds) for sample in benchmark.samples]
        assert max(medians) / min(medians) < WALL_ROOM
        turns = {sample.pass_index: sample.reference or 0.0 for sample in benchmark.samples}
        fast = [number for number, turn in turns.items() if turn < 1.2 * min(turns.values())][:3]
        slow = [number for number, turn in turns.items() if turn > 1.5 * min(turns.values())]
        if min(len(fast), len(slow)) > 1:
            own = msgspec.structs.replace(recorded, benchmarks=(benchmark,))
            begun = passes(own, fast)
            outcomes += held(begun, derive_limits(begun, plan), passes(own, slow), None)
    assert outcomes.total() == outcomes[Outcome.PASSED] > 2


def speed_of(turn: float) -> SpeedReference:
    """Make the reading of a machine where the loop takes so long."""
    day = dt.date(2026, 11, 1)
    return SpeedReference(
        loop=1, python="CPython 3.11", turn=turn, low=turn, high=turn, passes=10, date=day, where="here"
    )


def passes(run: Run, chosen: Sequence[int]) -> Run:
    """Take some passes of a run, and the benchmarks that were measured in all of them."""
    benchmarks = [
        msgspec.structs.replace(
            benchmark, samples=tuple(sample for sample in benchmark.samples if sample.pass_index in chosen)
        )
        for benchmark in run.benchmarks
    ]
    return msgspec.structs.replace(
        run, benchmarks=tuple(benchmark for benchmark in benchmarks if len(benchmark.samples) == len(chosen))
    )


def blocks() -> dict[str, list[tuple[float, float]]]:
    """Read the recorded blocks by kind: logarithms of the loop's time and of the call's."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with (_FILES / "scaling.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["function"]].append((math.log(float(row["loop"])), math.log(float(row["seconds"]))))
    return found


@pytest.mark.parametrize("kind", blocks())
def test_a_learned_slope_takes_the_slow_state_to_the_fast_one(kind: str) -> None:
    """Learned on one half of the blocks it is off by less than 4 % on the other; the assumption, by what it allows."""
    known = blocks()[kind]
    teaching, told = known[: len(known) // 2], known[len(known) // 2 :]
    slope = learn_slope(
        sample([math.exp(seconds)], index, reference=math.exp(loop)) for index, (loop, seconds) in enumerate(teaching)
    )
    middle = (min(loop for loop, _ in told) + max(loop for loop, _ in told)) / 2
    states = ([each for each in told if each[0] <= middle], [each for each in told if each[0] > middle])
    (fast, quick), (slow, long) = ([median(column) for column in zip(*state, strict=True)] for state in states)
    assert slow - fast > 0.3
    assert abs((long - quick) - slope.value * (slow - fast)) < 0.04
    assumed = (long - quick) - ASSUMED.value * (slow - fast)
    assert abs(assumed) < math.log(slope_factor(ASSUMED, slow - fast, 0.99))
