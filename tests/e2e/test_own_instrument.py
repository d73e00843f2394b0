"""An instrument that nobody but this test knows: registered, it is measured, compared, judged and reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner
from tests.repository import Repository

from hivegate.cli.main import hivegate
from hivegate.instruments import register, unregister
from hivegate.instruments.base import Definition, ExactInstrument, Mode
from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import Dimension, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hivegate.model.pairs import PassPair
    from hivegate.model.run import Benchmark, Sample

_TOY = "import time\n\ndef wait():\n    for _ in range({waits}):\n        time.sleep(0.0005)\n"
_BENCHES = "import toy\n\ndef bench_waiting(benchmark): benchmark(toy.wait)\n"
_TARGETS = """
schema: 1
targets:
  - {name: Waits once, benchmark: toy/waiting, metric: switches, max: 1.5}
budgets:
  - {benchmark: "*", budget: none}
  - {benchmark: "*", metric: switches, budget: 20 %}
"""


class Switches(ExactInstrument):
    """How often a call waits, by the voluntary context switches that the passes of time count anyway."""

    name = "switches"
    mode = Mode.TIME
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(
            metric=Metric(name="switches", dimension=Dimension.COUNT, readings="switches"),
            meaning="how often a call waits",
            divisible=True,
        ),
    )

    def value(self, sample: Sample, _metric: Metric, _benchmark: Benchmark) -> float | NoEstimate:
        """Divide the switches of a pass by its calls."""
        if sample.switches is None or not sample.wall:
            return NoEstimate(reason="nobody counted its switches", missing=True, hint="Linux and macOS count them")
        return sample.switches * sum(sample.rounds) / len(sample.rounds) / sample.wall

    def readings_of(self, pair: PassPair, side: str, metric: Metric) -> Sequence[float]:
        """List the switches of a call in the passes of a side."""
        benchmark: Any = None  # no metric here is divided by what one declares
        values = [self.value(sample, metric, benchmark) for sample in getattr(pair, side)]
        return [value for value in values if not isinstance(value, NoEstimate)]

    def blind_spots(self, _waiting: Sequence[str]) -> str:
        """Say what no switch shows."""
        return "switches do not tell how long a call waits"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a project whose head waits five times where its base waits once, with the instrument registered."""
    repository = Repository.new(tmp_path / "toy")
    repository.commit({
        "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n",
        ".gitignore": ".hivegate\n__pycache__\n",
        "toy.py": _TOY.format(waits=1),
        "benches/bench_toy.py": _BENCHES,
        "targets.yaml": _TARGETS,
    })  # fmt: skip
    repository.commit({"toy.py": _TOY.format(waits=5)})
    monkeypatch.chdir(tmp_path / "toy")
    switches = Switches()
    register(switches)
    yield tmp_path / "toy"
    unregister(switches)


def asked(*words: str) -> tuple[int, str]:
    """Ask a command; returns its exit status and what it printed, on one line."""
    answer = CliRunner().invoke(hivegate, words, env={"COLUMNS": "200"}, standalone_mode=False)
    assert answer.exception is None, answer.output
    return int(answer.return_value or 0), " ".join(answer.output.split())


def test_an_instrument_of_ones_own_is_measured_compared_and_reported(project: Path) -> None:
    """Bench, compare, both reports, the JSON and `explain` have it, and no other file knows of it."""
    status, text = asked("bench", "--passes", "3")
    assert status == 1
    assert "FAILED Waits once" in text
    assert "toy/waiting switches" in text
    [verdict] = json.loads((project / ".hivegate/latest/bench.json").read_text("utf-8"))["verdicts"]
    assert (verdict["metric"], verdict["dimension"], verdict["outcome"]) == ("switches", "count", "failed")
    assert verdict["estimate"]["low"] > 1.5
    assert "switches do not tell how long a call waits" in text

    status, text = asked("compare", "HEAD^1")
    assert status == 1
    assert "SLOWER toy/waiting" in text
    assert "2 processes each" in text
    result = json.loads((project / ".hivegate/latest/compare.json").read_text("utf-8"))
    [verdict] = result["verdicts"]
    change = verdict["change"]
    assert (verdict["metric"], change["instrument"], change.get("clock")) == ("switches", "switches", None)
    assert change["low"] > 2
    assert result["notes"] == ["switches do not tell how long a call waits"]

    _, markdown = asked(
        "report", "--format", "markdown", ".hivegate/latest/bench.json", ".hivegate/latest/compare.json"
    )
    assert markdown.count("switches") >= 2
    _, explained = asked("explain", "toy/waiting")
    assert "Waits once: switches, max 1.5" in explained
    assert "20.0 % of the switches" in explained


def test_a_limit_of_it_has_its_unit(project: Path) -> None:
    """A count has none, and whoever writes another is told so."""
    (project / "targets.yaml").write_text(_TARGETS.replace("max: 1.5", "max: 1.5 ms"), encoding="utf-8")
    status, text = asked("validate")
    assert status == 2
    assert "expected a count without a unit" in text
