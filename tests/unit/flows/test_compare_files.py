"""Two result files: a verdict where the passes of each allow one, and inconclusive where they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hivegate.cli.compare import command
from hivegate.errors import ResultsError, UsageError
from hivegate.flows.compare.files import FileComparisonOptions, compare_files
from hivegate.flows.project import Project
from hivegate.model.verdict import GateResult, Outcome
from hivegate.report.messages import advice_text, reason_text
from hivegate.report.terminal import render_terminal

if TYPE_CHECKING:
    from pathlib import Path

PASSES = (1.0, 1.01, 0.99, 1.005, 0.995, 1.0)


def hyperfine(path: Path, **commands: tuple[float, ...]) -> Path:
    """Write a result of hyperfine: each time is a pass."""
    path.write_text(json.dumps({"results": [{"command": name, "times": times} for name, times in commands.items()]}))
    return path


def compared(folder: Path, base: dict[str, tuple[float, ...]], head: dict[str, tuple[float, ...]]) -> GateResult:
    """Compare two such results, within 5 %."""
    files = hyperfine(folder / "old.json", **base), hyperfine(folder / "new.json", **head)
    options = FileComparisonOptions(base=files[0], head=files[1], budget=0.05)
    return compare_files(Project(folder=folder), options)


@pytest.mark.parametrize(
    ("factor", "passes", "outcome"),
    [
        (1.2, PASSES, Outcome.SLOWER),
        (0.8, PASSES, Outcome.FASTER),
        (1.001, PASSES, Outcome.PASSED),
        (1.05, PASSES, Outcome.INCONCLUSIVE),
        (1.2, PASSES[:1], Outcome.INCONCLUSIVE),
        (3.0, PASSES[:1], Outcome.SLOWER),
        (1.2, (1.0, 1.0), Outcome.INCONCLUSIVE),
        (1.2, (0.5, 2.0), Outcome.INCONCLUSIVE),
    ],
)
def test_a_verdict_rests_on_the_spread_of_the_passes(
    tmp_path: Path, factor: float, passes: tuple[float, ...], outcome: Outcome
) -> None:
    """One pass has the assumed spread, and so have passes that are all equal."""
    result = compared(tmp_path, {"a": passes}, {"a": tuple(factor * value for value in passes[::-1])})
    (verdict,) = result.verdicts
    assert verdict.outcome is outcome
    assert verdict.change is not None
    assert verdict.change.ratio == pytest.approx(factor)
    assert verdict.change.low < factor < verdict.change.high


def test_the_report_says_what_was_compared(tmp_path: Path) -> None:
    """Different times are a note; no words of pairs are said."""
    result = compared(tmp_path, {"a": PASSES}, {"a": tuple(1.5 * value for value in PASSES)})
    assert result.exit_status == 1
    assert "measured at different times" in result.notes[0]
    assert reason_text(result.verdicts[0]) == "the whole interval lies above the budget"
    assert "6 passes, what the two files hold" in " ".join(render_terminal(result).split())
    assert "pair" not in render_terminal(result)
    unsure = compared(tmp_path, {"a": (1.0,)}, {"a": (1.2,)}).verdicts[0]
    assert "several results" in advice_text(unsure)


def test_what_one_file_lacks_has_a_verdict(tmp_path: Path) -> None:
    """Removed is missing, new is new, and what was not measured on either side never passes."""
    base = {"gone": PASSES, "same": PASSES, "broken": (0.0,), "breaks": PASSES}
    head = {"new": PASSES, "same": tuple(1.001 * value for value in PASSES), "broken": PASSES, "breaks": (0.0, 1.0)}
    head["begun"] = (0.0,)
    result = compared(tmp_path, base, head)
    assert {verdict.benchmark: verdict.outcome for verdict in result.verdicts} == {
        "gone": Outcome.MISSING,
        "new": Outcome.NEW,
        "begun": Outcome.INVALID,
        "same": Outcome.PASSED,
        "broken": Outcome.INCONCLUSIVE,
        "breaks": Outcome.INVALID,
    }
    assert result.exit_status == 3


@pytest.mark.parametrize("end", ["--- FAIL: BenchmarkB\nFAIL\n", "PASS\nexit status 1\nFAIL\tm\t1s\n", "panic: no\n"])
def test_what_failed_in_the_new_file_alone_is_no_new_benchmark(tmp_path: Path, end: str) -> None:
    """A run of Go that failed never passes, although the old file knows nothing of what failed."""
    for name, rest in (("old", "PASS\n"), ("new", end)):
        (tmp_path / name).write_text(f"pkg: m\nBenchmarkA-4 100 11 ns/op\n{rest}", encoding="utf-8")
    options = FileComparisonOptions(base=tmp_path / "old", head=tmp_path / "new", budget=10.0)
    result = compare_files(Project(folder=tmp_path), options)
    assert {verdict.outcome for verdict in result.verdicts} & {Outcome.CRASHED, Outcome.MISSING}
    assert result.exit_status == 3


def test_a_selection_is_counted(tmp_path: Path) -> None:
    """What it leaves out is named, as in every comparison."""
    old, new = (
        hyperfine(tmp_path / "old.json", a=PASSES, b=PASSES),
        hyperfine(tmp_path / "new.json", a=PASSES, b=(1.0,)),
    )
    options = FileComparisonOptions(base=old, head=new, selectors=("a",))
    result = compare_files(Project(folder=tmp_path), options)
    assert [verdict.benchmark for verdict in result.verdicts] == ["a"]
    assert result.not_selected == ("b",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["old.json"], "is a result file, to be compared with another"),
        (["old.json", "new.json", "--fallback"], "--fallback does not apply to two result files"),
        (["old.json", "new.json", "--instrument", "instructions"], "--instrument does not apply"),
        (["old.json", "new.json", "--select", "x"], "x"),
    ],
)
def test_options_of_measuring_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Nothing that is asked for is left out in silence."""
    monkeypatch.chdir(tmp_path)
    hyperfine(tmp_path / "old.json", a=PASSES)
    hyperfine(tmp_path / "new.json", a=PASSES[:3])
    with pytest.raises(UsageError, match=said):
        command.main(arguments, standalone_mode=False)


def test_other_machines_and_copies_are_refused(tmp_path: Path) -> None:
    """Of two processors nothing of the code could be said, and a file is no other than itself."""
    with pytest.raises(ResultsError, match="is the same as"):
        compared(tmp_path, {"a": PASSES}, {"a": PASSES})
    for name, cpu in (("old", "one"), ("new", "two")):
        entry = {"fullname": "x.py::t", "stats": {"data": [0.1, 0.2]}}
        document = {"machine_info": {"cpu": {"brand_raw": cpu}}, "benchmarks": [entry]}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    options = FileComparisonOptions(base=tmp_path / "old.json", head=tmp_path / "new.json")
    with pytest.raises(ResultsError, match=r"was measured on two, .* on one"):
        compare_files(Project(folder=tmp_path), options)
