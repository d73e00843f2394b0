"""The performance guides: their figures are those of the kept run, and no number of the seed is passed over."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.measured import words
from tests.real_files import unpacked

from guides.__main__ import MARK, filled
from guides.claims import Kind, find, gain, spelled, words_of
from guides.measured import GUIDES, load
from guides.seed import Claim, load_seed
from guides.store import store
from hivegate.errors import HistoryError
from hivegate.flows.history.store import read_document
from hivegate.flows.project import find_project
from hivegate.model.estimate import Estimate
from hivegate.model.metric import Dimension
from hivegate.model.targets import Limit, RuleKind
from hivegate.model.verdict import Outcome, Severity, Verdict
from hivegate.targets import load_targets

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = re.compile(r"\d+(?:,\d{3})*|²")
SEED_FILE = unpacked() / "seed" / "deliverables-summary.md"
MEASURED = load()
SEED = load_seed()


def test_the_store_holds_the_guides_under_the_seeds_keys(tmp_path: Path) -> None:
    """In a file where the seed has it; one that another program uses is not touched."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.hivegate]\nkey-prefix = 'hive/benchmarker'\nhistory = '.swarm/memory.db'\n", encoding="utf-8"
    )
    keys = [entry.key for entry in store(find_project(tmp_path))]
    assert keys == ["hive/benchmarker/results", "hive/benchmarker/optimizations"]
    assert (tmp_path / ".swarm" / "memory.db").is_file()
    kept = read_document(find_project(tmp_path), keys[0])
    assert kept.content == (GUIDES / "BENCHMARK_RESULTS.md").read_text(encoding="utf-8")
    other = tmp_path / "other"
    (other / ".swarm").mkdir(parents=True)
    (other / "pyproject.toml").write_text("[tool.hivegate]\nhistory = '.swarm/memory.db'\n", encoding="utf-8")
    with sqlite3.connect(other / ".swarm" / "memory.db") as connection:
        connection.execute("CREATE TABLE memory_entries (key TEXT)")
    connection.close()
    with pytest.raises(HistoryError, match="another application"):
        store(find_project(other))


@pytest.mark.parametrize("file", sorted(GUIDES.glob("*.md")), ids=lambda file: file.name)
def test_figures_are_those_of_the_run(file: Path) -> None:
    """Between its markers a guide holds what `nox -s guides` writes there; nothing was typed."""
    text = file.read_text(encoding="utf-8")
    assert text.count("<!-- figures: ") == len(MARK.findall(text))
    assert filled(text, MEASURED) == text


@pytest.mark.parametrize("guide", SEED.contents)
def test_a_guide_has_what_the_seed_announced(guide: str) -> None:
    """Every bullet that the seed lists as the contents of a guide is a heading there."""
    headings = re.findall(r"^#+ (.+)$", (GUIDES / f"{guide}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(SEED.contents[guide]) <= set(headings)


def test_every_number_of_a_line_claims_or_labels() -> None:
    """Each number in a line of the seed belongs to a claim that the line makes, or is named as no claim."""
    numbers = {claim.id: set(claim.numbers) for claim in SEED.claim}
    for line in SEED.line:
        known = set(line.labels).union(*(numbers[name] for name in line.claims))
        assert set(NUMBER.findall(line.text)) <= known, line


def test_every_claim_is_made_and_looked_at() -> None:
    """Each claim stands in a line of the seed; each that is to be measured has targets, and each target a claim."""
    assert {name for line in SEED.line for name in line.claims} == {claim.id for claim in SEED.claim}
    targets = load_targets(GUIDES / "claims.yaml").targets
    asked = {(target.name or "").partition(": ")[0] for target in targets}
    assert asked == {claim.id for claim in SEED.claim if claim.kind == "targets"}
    assert {target.name for target in targets} == {verdict.name for verdict in MEASURED.claims.verdicts}


def test_the_kept_lines_are_the_seeds() -> None:
    """The kept lines are all of the seed that hold a number, and the kept contents its own."""
    text = SEED_FILE.read_text(encoding="utf-8")
    assert {line.strip() for line in text.splitlines() if NUMBER.search(line)} == {line.text for line in SEED.line}
    for guide, contents in SEED.contents.items():
        section = text.split(f"(`docs/performance/{guide}.md`)", 1)[1].split("**Contents**:\n", 1)[1]
        bullets = re.split(r"^(?:####|---)", section, maxsplit=1, flags=re.MULTILINE)[0]
        assert tuple(line.strip()[2:].rstrip(":") for line in bullets.splitlines() if line.strip()) == contents


@pytest.mark.parametrize(
    ("low", "high", "outcome", "kind"),
    [
        (1.0, 2.0, Outcome.FAILED, Kind.BETTER),
        (20.0, 30.0, Outcome.FAILED, Kind.WORSE),
        (6.0, 7.0, Outcome.PASSED, Kind.HOLDS),
        (4.0, 12.0, Outcome.INCONCLUSIVE, Kind.OPEN),
    ],
)
def test_a_prediction_is_wrong_in_either_direction(low: float, high: float, outcome: Outcome, kind: Kind) -> None:
    """What is wholly below a predicted range of times was predicted too slow, and what is wholly above too fast."""
    verdict = Verdict(
        benchmark="a/b",
        kind=RuleKind.TARGET,
        outcome=outcome,
        severity=Severity.NOTE,
        reason=words(""),
        limit=Limit(minimum=5.0, maximum=10.0, dimension=Dimension.SECONDS, text="between 5 s and 10 s"),
        estimate=Estimate(value=(low + high) / 2, low=low, high=high, n=5),
    )
    assert words_of(verdict, Claim(id="a", said="", numbers=(), kind="targets"))[1] is kind


def test_a_part_tells_only_that_the_whole_takes_too_long() -> None:
    """What a part does not exceed the whole may still exceed."""
    benchmark = "hive_coordination/agent_spawning_sequential[8]"
    low = MEASURED.level(benchmark).low
    told, open_ = (
        find(Claim(id="a", said="", numbers=(), kind="part", benchmark=benchmark, most=most), MEASURED)
        for most in (low / 2, low * 2)
    )
    assert (told.kind, open_.kind) == (Kind.WORSE, Kind.OPEN)


def test_gains_are_spelled_as_the_seed_does() -> None:
    """A quarter of the time is 75 % less, four times as fast, and 300 % more throughput; a loss is called one."""
    assert [gain(shown, 0.25) for shown in ("less", "times", "more")] == ["75 % less", "4.0x", "300 % more"]
    assert [gain(shown, 1.25) for shown in ("less", "times", "more")] == ["25 % more", "0.8x", "20 % less"]


@pytest.mark.parametrize(
    ("low", "value", "high", "text"),
    [(0.2, 0.25, 0.5, "75 % less (50 % .. 80 %)"), (0.9, 1.1, 1.2, "10 % more (-10 % .. 20 %)")],
)
def test_an_interval_is_spelled_in_the_words_of_its_value(low: float, value: float, high: float, text: str) -> None:
    """The smaller end comes first, and an end on the other side of nothing has a sign."""
    estimate = Estimate(value=value, low=low, high=high, n=5)
    verdict = Verdict(
        benchmark="a/b",
        kind=RuleKind.TARGET,
        outcome=Outcome.PASSED,
        severity=Severity.NOTE,
        reason=words(""),
        estimate=estimate,
    )
    assert spelled(Claim(id="a", said="", numbers=(), kind="targets", shown="less"), verdict) == text


def test_every_claim_has_a_finding() -> None:
    """Nothing that the seed claims is left without an answer in the table."""
    table = (GUIDES / "CLAIMS.md").read_text(encoding="utf-8")
    for claim in SEED.claim:
        finding = find(claim, MEASURED)
        assert finding.measured
        assert f"| {claim.said} |" in table
        assert (finding.kind is Kind.UNKNOWN) == finding.verdict.startswith("not measured: ")
