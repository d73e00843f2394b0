"""Laws of shards: disjoint, whole, balanced, stable, and judged as one machine's run would be."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measured import TODAY, benchmark, gate, run, target, targets

from hivegate.errors import ResultsError
from hivegate.flows.shard import Division
from hivegate.ingest import read_any, write_comparison, write_run
from hivegate.ingest.shards import join_shards
from hivegate.instruments import METRICS
from hivegate.judge import judge_changes
from hivegate.measure.shards import divide
from hivegate.model.change import Change, Clock
from hivegate.model.comparison import BenchmarkComparison, Comparison
from hivegate.model.pairs import PairTrouble
from hivegate.model.run import Commit, Run
from hivegate.model.targets import Budget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAMES = st.lists(st.text("abc[]/é", min_size=1, max_size=8), min_size=1, max_size=40, unique=True)
_BUDGET = Budget(benchmark="*", slowdown=0.02, metric=METRICS["mean"], where="targets.yaml:3:5")


@given(
    names=_NAMES,
    count=st.integers(1, 12),
    durations=st.dictionaries(st.text("abc[]/é", min_size=1, max_size=8), st.floats(), max_size=40),
)
def test_every_benchmark_is_in_one_part(names: list[str], count: int, durations: dict[str, float]) -> None:
    """Whatever the durations say, and in whatever order the suite is told."""
    parts = divide(names, count, durations)
    assert len(parts) == count
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert divide(reversed(names), count, durations) == parts


@given(names=_NAMES, count=st.integers(1, 6), data=st.data())
def test_what_is_bound_together_stays_together(names: list[str], count: int, data: st.DataObject) -> None:
    """Through others too."""
    bonds = data.draw(st.lists(st.frozensets(st.sampled_from(names), max_size=3), max_size=10))
    parts = divide(names, count, {}, bonds)
    assert all(sum(bool(part & bond) for part in parts) <= 1 for bond in bonds)


@pytest.mark.parametrize("kind", ["equal", "skewed", "mixed"])
def test_ten_thousand_in_thirty_two_parts_differ_by_less_than_five_percent(kind: str) -> None:
    """And of a suite of which one in a hundred is new and one in a hundred gone, nearly all stay where they were."""
    chance = random.Random(3)  # noqa: S311  reproducible input, no secret
    kinds: dict[str, Callable[[], float]] = {
        "equal": lambda: 1.0,
        "skewed": lambda: chance.lognormvariate(0.0, 1.0),
        "mixed": lambda: 0.3 if chance.random() < 0.9 else chance.uniform(0.3, 8),
    }
    seconds = kinds[kind]
    durations = {f"suite{number % 40}/bench{number}[{number % 7}]": seconds() for number in range(10_000)}
    parts = divide(durations, 32, durations)
    sums = [sum(durations[name] for name in part) for part in parts]
    assert (max(sums) - min(sums)) / (sum(sums) / 32) <= 0.05
    later = {name: value for number, (name, value) in enumerate(durations.items()) if number % 100}
    later |= {f"new/bench{number}": seconds() for number in range(100)}
    place = {name: number for number, part in enumerate(parts) for name in part}
    moved = sum(
        place.get(name, number) != number for number, part in enumerate(divide(later, 32, later)) for name in part
    )
    assert moved < 0.05 * len(durations)


def _compared(number: int, chance: random.Random) -> BenchmarkComparison:
    name = f"suite/bench[{number}]"
    if number % 11 == 0:
        return BenchmarkComparison(id=name, node_id=name, trouble=PairTrouble(head="failed: boom"))
    if number % 13 == 0:
        return BenchmarkComparison(id=name, node_id=name, in_head=False)
    low = chance.uniform(0.9, 1.1)
    change = Change(
        ratio=low + 0.01, low=low, high=low + 0.02, n=8, spread=0.01, instrument="time",
        clock=Clock.CPU, base_value=1e-3, head_value=1e-3, ratios=(low, low + 0.02),
    )  # fmt: skip
    return BenchmarkComparison(id=name, node_id=name, change=change, confirmed=chance.choice([True, False]))


@settings(max_examples=20)
@given(seed=st.integers(0, 99), count=st.integers(1, 5))
def test_a_comparison_in_shards_is_judged_as_the_whole(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    """On the same recorded pairs every verdict is equal, whatever the order of the files."""
    folder = tmp_path_factory.mktemp("shards")
    chance = random.Random(seed)  # noqa: S311  reproducible input, no secret
    known = [_compared(number, chance) for number in range(30)]
    whole = Comparison(base="main", base_sha="b" * 40, commit=Commit(sha="a" * 40), benchmarks=tuple(known))
    asked = targets(budgets=(_BUDGET,))
    files = []
    for number in range(1, count + 1):
        part, shard = Division(number=number, count=count).part([one.id for one in known], asked)
        held = tuple(one for one in known if one.id in part)
        file = folder / f"{number}.json"
        file.write_bytes(write_comparison(msgspec.structs.replace(whole, benchmarks=held, shard=shard)))
        files.append(file)
    chance.shuffle(files)
    joined, _ = join_shards([(file.name, read_any(file)) for file in files])
    assert isinstance(joined, Comparison)
    alone = {one.benchmark: one for one in judge_changes(asked, whole, today=TODAY).verdicts}
    assert {one.benchmark: one for one in judge_changes(asked, joined, today=TODAY).verdicts} == alone


_RELATIVE = targets(
    target("suite/fast[*]", relative_to="suite/slow[*]", maximum=0.5), target("suite/slow[*]", maximum=1.0)
)


def _shards(folder: Path, count: int = 3) -> tuple[Run, list[Path]]:
    names = [f"suite/{kind}[{number}]" for number in range(8) for kind in ("fast", "slow")]
    known = [benchmark(name, [0.4 + len(name) / 100] * 3) for name in names]
    whole = run(*known, commit=Commit(sha="a" * 40))
    files = []
    for number in range(1, count + 1):
        bonds = [frozenset({f"suite/fast[{index}]", f"suite/slow[{index}]"}) for index in range(8)]
        part, shard = Division(number=number, count=count).part(names, _RELATIVE, bonds=bonds)
        others = tuple(name for name in names if name not in part)
        held = tuple(one for one in known if one.id in part)
        file = folder / f"{number}.json"
        file.write_bytes(write_run(msgspec.structs.replace(whole, benchmarks=held, not_selected=others, shard=shard)))
        files.append(file)
    return whole, files


def test_a_run_in_shards_is_judged_as_the_whole(tmp_path: Path) -> None:
    """Ratios between benchmarks too, and nothing is left out for being in another shard."""
    whole, files = _shards(tmp_path)
    joined, _ = join_shards([(file.name, read_any(file)) for file in files])
    assert isinstance(joined, Run)
    assert joined.not_selected == ()
    alone = {one.benchmark: one for one in gate(_RELATIVE, whole).verdicts}
    assert {one.benchmark: one for one in gate(_RELATIVE, joined).verdicts} == alone


def _changed(file: Path, **fields: object) -> None:
    found = read_any(file)
    assert isinstance(found, Run)
    file.write_bytes(write_run(msgspec.structs.replace(found, **fields)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shard": None}, "is a whole run, not a shard"),
        ({"commit": Commit(sha="c" * 40)}, "was measured with the commit cccc"),
        ({"number": 1}, "is shard 1/3, like 1.json"),
        ({"count": 4}, "is one of 4 shards, but 1.json is one of 3"),
        ({"suite": "x"}, "was split from another suite or selection than 1.json"),
        ({"targets": "x"}, "was measured with another targets.yaml than 1.json"),
        ({"durations": "x"}, "was split with other durations than 1.json"),
    ],
)
def test_unlike_shards_are_refused_by_name(tmp_path: Path, fields: dict[str, object], message: str) -> None:
    """Which file, what of it, and what would mend it."""
    _, files = _shards(tmp_path)
    found = read_any(files[1])
    assert found.shard is not None
    own = {key: value for key, value in fields.items() if key in Run.__struct_fields__}
    rest = {key: value for key, value in fields.items() if key not in own}
    _changed(files[1], **(own or {"shard": msgspec.structs.replace(found.shard, **rest)}))
    with pytest.raises(ResultsError, match=message) as fault:
        join_shards([(file.name, read_any(file)) for file in files])
    assert fault.value.where == "2.json"
    assert fault.value.hint


def test_missing_and_overlapping_shards_are_refused_by_name(tmp_path: Path) -> None:
    """A machine that died, a file named twice, a benchmark in two files."""
    _, files = _shards(tmp_path)
    read = [(file.name, read_any(file)) for file in files]
    with pytest.raises(ResultsError, match="of 3, shard 2 is missing"):
        join_shards([read[0], read[2]])
    with pytest.raises(ResultsError, match="of 3, shards 2, 3 are missing"):
        join_shards([read[0]])
    with pytest.raises(ResultsError, match=r"1\.json is passed twice"):
        join_shards([read[0], *read])
    first = read[0][1]
    assert isinstance(first, Run)
    second = read_any(files[1])
    assert isinstance(second, Run)
    _changed(files[1], benchmarks=(*second.benchmarks, first.benchmarks[0]))
    with pytest.raises(ResultsError, match=r"contains suite/.*, like 1\.json"):
        join_shards([(file.name, read_any(file)) for file in files])
