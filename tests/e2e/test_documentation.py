"""Everything that the documents show is run or parsed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from tests.documents import FILES, ROOT, Block, Command, blocks, commands, first_cells, lacks, prose
from tests.refresh_documents import commands as listed
from tests.refresh_documents import metrics_table

from hivegate.cli.main import hivegate
from hivegate.errors import TargetsError
from hivegate.flows.project import Settings
from hivegate.model.declaration import DIRECTIONS
from hivegate.model.targets import Budget, Target, Targets, Waiver
from hivegate.model.verdict import GateResult, Verdict
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.system.worker import start_command
from hivegate.targets import parse_targets
from hivegate.targets.schema import json_schema

HERE = Path(__file__).parent
REFERENCE = ROOT / "docs" / "reference"
LANGUAGES = {"bash", "console", "json", "python", "sql", "text", "toml", "yaml"}
COMMANDS = set(hivegate.list_commands(click.Context(hivegate)))
# The tests' own environment was made by such a command, and the worker's is run by a test of its own below.
RUN = [one for one in commands() if not " ".join(one.words).startswith(("pip install", "cd PROJECT"))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the small project, for the commands of the documents."""
    folder = tmp_path_factory.mktemp("documents") / "project"
    return Path(shutil.copytree(HERE / "small_project", folder))


def test_no_block_is_of_a_kind_that_nobody_checks() -> None:
    """Each fenced block says its language, one that a test below or the README's executes or parses."""
    assert {block.language for block in blocks()} <= LANGUAGES


@pytest.mark.parametrize("command", RUN, ids=str)
def test_commands_do_what_is_shown(command: Command, project: Path) -> None:
    """A command of a console block ends well, and prints exactly what the document shows where it shows something."""
    done = subprocess.run(
        [sys.executable, "-m", *command.words],
        cwd=project,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if command.output.strip():
        assert done.stdout == command.output


@pytest.mark.parametrize(
    "block", [one for one in blocks("yaml") if not re.search(r"^(jobs|repos):", one.text, re.MULTILINE)], ids=str
)
def test_targets_can_be_read(block: Block) -> None:
    """A YAML block is a whole targets.yaml, or what test_workflows.py or test_sessions.py executes."""
    assert parse_targets(block.text, block.file.name).targets


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_results_can_be_read(block: Block) -> None:
    """A JSON block is a whole result, without a field that the format does not have."""
    result = parse_json(block.text.encode(), where=block.file.name)
    assert lacks(json.loads(render_json(result)), json.loads(block.text)) == []


@pytest.mark.parametrize("block", [one for one in blocks("python") if '["metrics"]' in one.text], ids=str)
def test_benchmarks_pass(block: Block, tmp_path: Path) -> None:
    """A benchmark that declares all there is passes, and that is understood; test_site.py has what declares less."""
    (tmp_path / "bench_shown.py").write_text(block.text, encoding="utf-8")
    ran = read_worker(tmp_path, "measure", benchmarks={"bench_shown.py::" + name: 0 for name in names_in(block)})
    finished = [event for event in ran if event["event"] == "finished"]
    assert [event["outcome"] for event in finished] == ["measured"]
    assert set(finished[0]["extra_info"]) == {"operations", "size", "parallelism", "metrics", "subject"}
    assert finished[0]["extra_info"]["metrics"]["agreement"]["better"] in DIRECTIONS


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_settings_are_the_defaults(block: Block) -> None:
    """The settings that the reference shows are all that have a default, with it; others stand there as a comment."""
    shown = tomllib.loads(block.text)["tool"]["hivegate"]
    fields = msgspec.structs.fields(Settings)
    known = {field.encode_name for field in fields if field.default is not None}
    assert all(f"\n# {field.encode_name} = " in block.text for field in fields if field.default is None)
    assert set(shown) == known
    assert msgspec.convert(shown, Settings) == Settings()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    """A link leads to a file of the repository, or outward by https."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(file)):
        if "://" in target:
            assert target.startswith("https://"), target
        else:
            assert (file.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_commands_in_the_text_exist(file: Path) -> None:
    """Where the text names a command of hivegate, it exists, or its paragraph says that it is planned."""
    for paragraph in re.split(r"\n\s*\n", prose(file)):
        named = set(re.findall(r"`hivegate ([a-z][a-z-]*)", paragraph))
        assert named <= COMMANDS or re.search(r"planned|not built", paragraph), paragraph


@pytest.mark.parametrize("page", ["security", "odd-suites"])
def test_each_attack_and_oddity_is_tried_by_the_test_that_is_named(page: str) -> None:
    """What is said of an attack, or of an odd suite, is what a test does."""
    text = (ROOT / "docs" / "explanation" / f"{page}.md").read_text(encoding="utf-8")
    named = re.findall(r"\[(test_\w+)\]\(\.\./\.\./(tests/[^)]+)\)", text)
    assert len(named) > 15
    for name, file in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), name


def test_the_house_is_as_drawn() -> None:
    """Each file and folder in the design's drawing exists, and each part of hivegate is in it."""
    drawing = next(block.text for block in blocks("text") if "src/hivegate/\n" in block.text)
    drawn = set()
    for line in drawing.splitlines():
        base, width = (ROOT / "src" / "hivegate", 22) if line.startswith("  ") else (ROOT, 19)
        for name in line[:width].split():
            assert (base / name).exists(), name
            drawn.add(base / name)
    parts = (ROOT / "src" / "hivegate").glob("[!_]*")
    assert {part for part in parts if part.name != "py.typed"} <= drawn


def test_every_command_has_its_help_in_the_reference() -> None:
    """The reference shows the help of hivegate and of each of its commands."""
    shown = {tuple(one.words) for one in commands() if one.block.file == REFERENCE / "cli.md"}
    assert shown == {("hivegate", "--help"), *((*words, "--help") for words in listed())}


@pytest.mark.parametrize(
    ("section", "kind", "also"),
    [
        ("## Top level", Targets, {"schema", "speed"}),
        ("## A target", Target, {"max", "min", "between", "per"}),
        ("## A budget (`budgets`)", Budget, {"budget"}),
        ("## A waiver", Waiver, set()),
    ],
)
def test_the_keys_of_targets_are_all_described(section: str, kind: type[msgspec.Struct], also: set[str]) -> None:
    """Each part of targets.yaml has its keys in a table: those of the type that it becomes, no more and no less."""
    text = (REFERENCE / "targets.md").read_text(encoding="utf-8").split(section + "\n", 1)[1].split("\n## ", 1)[0]
    rows = [row.split(" |")[0] for row in text.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    fields = {field.name for field in msgspec.structs.fields(kind)}
    assert named == (fields - {"where", "source", "limit", "per_operation", "slowdown"} | also) | (fields & named)


def test_metrics_are_described_as_their_instruments_define_them() -> None:
    """When this fails, run: python -m tests.refresh_documents."""
    assert f"<!-- metrics -->\n{metrics_table()}\n<!-- end" in (REFERENCE / "targets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "metric"),
    [
        ("time", "p50"),
        ("memory", "peak_memory"),
        ("rate", "throughput"),
        ("share", "cv"),
        ("ratio", "p50, relative_to: c/d"),
    ],
)
def test_units_are_all_described(heading: str, metric: str) -> None:
    """Each unit of the reference can be written, and each that an error offers is in the reference."""
    target = f"schema: 1\ntargets:\n  - {{benchmark: a/b, metric: {metric}, max: 1 %s}}\n"
    text = (REFERENCE / "targets.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {heading} \| (`[^|]*) \|$", text, re.MULTILINE)
    assert row
    units = set(re.findall(r"`([^`]+)`", row[1]))
    for unit in units:
        assert parse_targets(target % unit, "units.yaml").targets
    with pytest.raises(TargetsError) as refused:
        parse_targets(target % "parsec", "units.yaml")
    offered = re.search(r"expected [a-z ]+ in ([^\n;]+)", str(refused.value))
    assert offered, str(refused.value)
    alike = {"\N{GREEK SMALL LETTER MU}s"}  # the other character for micro
    assert set(re.split(r",? or |, ", offered[1])) - {"without a unit"} - alike == units


def test_the_schema_is_the_parsers() -> None:
    """The JSON Schema beside the reference is the one that the parser's tables make."""
    kept = json.loads((REFERENCE / "targets.schema.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(json_schema()))


def test_the_fields_of_a_result_are_all_described() -> None:
    """The reference of the JSON has every field of a result and of a verdict, and no other."""
    for heading, kind in (("field", GateResult), ("field of a verdict", Verdict)):
        fields = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert set(first_cells(REFERENCE / "json.md", heading)) & fields == fields


@pytest.mark.parametrize("mode", ["collect", "measure", "memory", "profile"])
def test_the_worker_speaks_as_described(mode: str, project: Path) -> None:
    """Each mode of a plan that has only described keys writes only described events with described fields."""
    described = {
        row.split("|")[1].strip(): set(re.findall(r"`(\w+)`", row.split("|", 3)[3]))
        for row in (REFERENCE / "worker.md").read_text(encoding="utf-8").splitlines()
        if row.startswith("| `")
    }
    node = "benches/bench_totals.py::test_total"
    rest: dict[str, Any] = {} if mode == "collect" else {"benchmarks": {node: 5 if mode == "measure" else 0}}
    if mode == "profile":
        rest |= {"seconds": 0.1, "profiler": "cprofile"}
    keys = set(first_cells(REFERENCE / "worker.md", "key"))
    assert {"mode", "record", "paths", "rootdir", *rest} <= keys
    events = read_worker(project, mode, **rest)
    assert (events[0]["event"], events[-1]["event"]) == ("subject", "ended")
    for event in events:
        names = next(names for kinds, names in described.items() if f"`{event['event']}`" in kinds)
        assert set(event) - {"event"} <= names, event


def read_worker(folder: Path, mode: str, **rest: Any) -> list[dict[str, Any]]:  # noqa: ANN401  what a plan holds
    """Start the worker as its reference says, on a project's folder, and return its events."""
    (folder / ".plan").mkdir(exist_ok=True)
    paths = ["benches"] if (folder / "benches").is_dir() else ["bench_shown.py"]
    plan, record = folder / ".plan" / "plan.json", folder / ".plan" / "record.jsonl"
    record.unlink(missing_ok=True)
    plan.write_text(json.dumps({"mode": mode, "record": str(record), "paths": paths, "rootdir": None, **rest}))
    done = subprocess.run(
        start_command(sys.executable, plan), cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in {0, 5}, done.stdout + done.stderr
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def names_in(block: Block) -> list[str]:
    """Name the tests of a Python block."""
    return re.findall(r"^def (test_\w+)", block.text, re.MULTILINE)
