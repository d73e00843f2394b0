"""Record what the guard replays: ``python -m tests.guard.record measure|judgements|expect [NAME...]``.

``measure`` measures the projects of comparisons.py and runs.py with the engine of this checkout, writes what was made
by hand in made.py, and keeps all of it in ``recorded/``: raw pairs in the order of measuring and those that confirm,
exact readings, and passes, in JSON that knows nothing of hivegate's types. It takes a quarter of an hour, less for
recordings that are named, and is seldom needed: recordings of an older engine stay true.

``judgements`` keeps what was measured and has it judged by what those modules hold now.

``expect`` judges the recordings as they are, and ``hivegate check`` the files of ``cases/``, and writes their outcomes,
numbers and exit statuses to ``expected/``. Run it where a change of them is meant, for the recordings and cases that
are named (``10-one-bad-value-refuses-the-file/go-zero.txt``), and look at the difference. What the suites of the cases
answer stands in ``expected/live-cases.json``, which is written by hand (tests/e2e/test_guard_cases.py).
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.guard import files, made, projects, replay
from tests.guard.comparisons import COMPARISONS
from tests.guard.judged import check, judged, result_files
from tests.guard.runs import RUNS
from tests.repository import Repository

from hivegate.flows.bench.measure import measure, open_suite
from hivegate.flows.compare.checkout import ComparisonSetup, two_trees
from hivegate.flows.plan import RevisionsPlan, SuitePlan
from hivegate.measure.instructions import InstructionReader
from hivegate.measure.memory import MemoryReader
from hivegate.measure.pairs.collect import PairCollector, collect_counters
from hivegate.measure.revisions import find_base
from hivegate.measure.subject import Subject
from hivegate.model.selection import is_selected
from hivegate.model.statistics import CONFIRMING_PAIRS, LOOKS
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.model.events import Event
    from hivegate.model.pairs import InstructionPair, MemoryPair

_MEASURED: dict[str, Mapping[str, projects.Comparison | projects.Measured]] = {
    "comparisons": COMPARISONS,
    "runs": RUNS,
}
# Plugins of the tests' own environment: rerunfailures, for one, starts a thread beside every benchmark.
_PLUGINS = ("hypothesispytest", "codspeed", "randomly", "rerunfailures", "timeout")
_PATHS = re.compile(r"(?:/[\w.+~-]+){2,}|0x[0-9a-f]+|\bpid \d+")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked; returns 2 for what it does not know."""
    order, *chosen = arguments or [""]
    if order == "measure":
        os.environ["PYTEST_ADDOPTS"] = " ".join(f"-p no:{name}" for name in _PLUGINS)
        _measure(set(chosen))
    elif order == "judgements":
        _judge_otherwise()
    elif order == "expect":
        _expect(set(chosen))
    else:
        print(__doc__, file=sys.stderr)  # noqa: T201  a command
        return 2
    return 0


def _measure(chosen: set[str]) -> None:
    for kind, known in _MEASURED.items():
        for name, project in known.items():
            if chosen and name not in chosen and f"{kind}/{name}" not in chosen:
                continue
            print(f"{kind}/{name}", file=sys.stderr, flush=True)  # noqa: T201  a command
            with tempfile.TemporaryDirectory(prefix="guard-") as folder:
                here = Path(folder)
                recording = _compare(here, project) if isinstance(project, projects.Comparison) else _run(here, project)
            files.save_recording(kind, name, {**recording, "judgements": _placed(project, recording)})
    _save_made()


def _judge_otherwise() -> None:
    for kind, known in _MEASURED.items():
        for name, project in known.items():
            recording = files.load_recording(kind, name)
            files.save_recording(kind, name, {**recording, "judgements": _placed(project, recording)})
    _save_made()


def _save_made() -> None:
    for kind, known in (("comparisons", made.COMPARISONS), ("runs", made.RUNS)):
        for name, (recording, judgements) in known.items():
            files.save_recording(kind, f"made-{name}", {**recording, "judgements": judgements})
    for name, history in made.HISTORIES.items():
        files.save_recording("histories", name, history)


def _expect(chosen: set[str]) -> None:
    for kind in files.KINDS:
        file = files.expectation(kind)
        known = files.load(file) if chosen and file.exists() else {}
        fresh = {name: judged(kind, name) for name in files.names(kind) if not chosen or name in chosen}
        files.save(file, dict(sorted((known | fresh).items())))
    file = files.expectation("cases")
    known = files.load(file) if chosen and file.exists() else {}
    files.save(file, known | {name: check(name) for name in result_files() if not chosen or name in chosen})


def _compare(folder: Path, project: projects.Comparison) -> dict[str, Any]:
    """Measure the two revisions of a project until every judgement has the pairs that it asks for."""
    repository = Repository.new(folder / "project")
    for head in (False, True):
        repository.commit({
            "pyproject.toml": projects.SETTINGS,
            ".gitignore": ".hivegate\n__pycache__\n",
            "toy.py": projects.TOY.format(head=head),
            "benches/bench_toy.py": projects.IMPORTS + ("import calm\n" if project.calms else "") + project.benches,
            **project.files,
            **{name: text for name, text in project.head.items() if head},
        })  # fmt: skip
    calm = folder / "calm"
    subject = _subject(repository.folder, GUARD_CALM=str(calm))
    order = RevisionsPlan(selectors=project.selectors, timeout=300.0)
    with two_trees(subject, find_base(repository.folder, "HEAD^1"), order, _watch) as ready:
        comparison = PairCollector(ready.setup, ready.chosen, _watch, singles=project.singles)
        ids = {one.id for one in ready.chosen}
        exact = _exact(ready, project.exact)
        done = 0
        for look in (look for look in LOOKS if look <= project.most):
            comparison.measure(ids, look - done, overdue=lambda: False)
            done = look
            confirming: dict[str, list[Any]] = {name: [None] * CONFIRMING_PAIRS for name in ids}
            recording = _recording(ready, comparison, confirming, exact, project)
            if _is_enough(recording, project):
                break
        if project.calms:
            calm.touch()
        confirming = dict(comparison.measure(ids, CONFIRMING_PAIRS, overdue=lambda: False, keep=False))
    return _recording(ready, comparison, confirming, exact, project)


def _recording(
    ready: ComparisonSetup,
    comparison: PairCollector,
    confirming: dict[str, list[Any]],
    exact: dict[str, dict[str, Any]],
    project: projects.Comparison,
) -> dict[str, Any]:
    benchmarks = []
    for one in ready.chosen:
        trouble = comparison.troubles.get(one.id)
        samples = comparison.samples[one.id]
        fresh = samples[-CONFIRMING_PAIRS:] if None in confirming[one.id] else confirming[one.id]
        benchmarks.append({
            "id": one.id,
            "in_base": None if ready.base_found is None else one.id in ready.base_found,
            "in_head": True,
            "trouble": trouble and {"base": _neutral(trouble.base), "head": _neutral(trouble.head)},
            "memory": exact.get("memory", {}).get(one.id, {}),
            "instructions": exact.get("instructions", {}).get(one.id, {}),
            "pairs": [replay.pair_record(sample) for sample in samples],
            "confirming": [replay.pair_record(sample) for sample in fresh],
        })  # fmt: skip
    gone = [one.id for one in ready.removed if is_selected(one, project.selectors)]
    absent: dict[str, Any] = {"in_base": True, "in_head": False, "trouble": None, "memory": {}, "instructions": {}}
    benchmarks += [{"id": name, **absent, "pairs": [], "confirming": []} for name in gone]
    chosen = {one.id for one in ready.chosen}
    left_out = [one.id for one in ready.head.found if one.id not in chosen]
    return {"benchmarks": benchmarks, "not_selected": left_out}


def _is_enough(recording: dict[str, Any], project: projects.Comparison) -> bool:
    """Try whether no judgement asks for more pairs; which of the pairs so far confirm does not matter yet."""
    filled = {
        **recording,
        "benchmarks": [
            {**one, "confirming": [*one["confirming"], *one["pairs"] * CONFIRMING_PAIRS][:CONFIRMING_PAIRS]}
            for one in recording["benchmarks"]
        ],
    }
    with contextlib.suppress(replay.ExhaustedError):
        for judgement in _timely(project).values():
            replay.judge_pairs(filled, judgement)
        return True
    return False


def _exact(ready: ComparisonSetup, sources: Sequence[str]) -> dict[str, dict[str, Any]]:
    read: dict[str, Mapping[str, MemoryPair | InstructionPair]] = {}
    if "memory" in sources:
        read["memory"] = collect_counters(MemoryReader(), ready.setup, ready.chosen, _watch)
    if "instructions" in sources:
        read["instructions"] = collect_counters(InstructionReader(), ready.setup, ready.chosen, _watch)
    return {
        source: {name: _without_paths(replay.exact_record(pair)) for name, pair in pairs.items()}
        for source, pairs in read.items()
    }


def _without_paths(record: dict[str, Any]) -> dict[str, Any]:
    trouble = record.get("trouble")
    return {**record, "trouble": {side: _neutral(said) for side, said in trouble.items()}} if trouble else record


def _run(folder: Path, project: projects.Measured) -> dict[str, Any]:
    repository = Repository.new(folder / "project")
    repository.commit({
        "pyproject.toml": projects.SETTINGS,
        ".gitignore": ".hivegate\n__pycache__\n",
        "toy.py": projects.TOY.format(head=True),
        "benches/bench_toy.py": projects.IMPORTS + project.benches,
    })  # fmt: skip
    wanted = next(iter(project.judgements.values()))["targets"].replace("MIDDLE", "10")
    order = SuitePlan(
        passes=project.passes, most_passes=project.passes, timeout=project.timeout, selectors=project.selectors
    )
    asked = parse_targets(wanted, "targets.yaml")
    suite = open_suite(_subject(repository.folder), order, asked, _watch)
    measure(suite, order, asked)
    return replay.run_record(suite.run())


def _timely(project: projects.Comparison | projects.Measured) -> dict[str, dict[str, Any]]:
    """Have the time be over, for every judgement, when the pairs of a comparison are."""
    if isinstance(project, projects.Measured):
        return project.judgements
    return {name: {"over": project.most, **one} for name, one in project.judgements.items()}


def _placed(project: projects.Comparison | projects.Measured, recording: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Put the limits that are to be near the middle there."""
    first = recording["benchmarks"][0].get("passes", ())
    times = [statistics.median(one["rounds"]) for one in first if one["rounds"]]
    middle = f"{statistics.median(times or [0.0]) * 1e6:.4f}"
    judgements = _timely(project)
    return {name: {**one, "targets": one["targets"].replace("MIDDLE", middle)} for name, one in judgements.items()}


def _subject(folder: Path, **variables: str) -> Subject:
    paths = ("benches",)
    return Subject(project=folder, python=sys.executable, paths=paths, roots=paths, variables=variables)


def _neutral(text: str) -> str:
    """Leave paths and addresses out of what went wrong."""
    return _PATHS.sub("…", text)


def _watch(event: Event) -> None:
    del event


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
