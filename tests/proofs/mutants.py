"""Prove that the tests would fail if the code were wrong: ``python -m tests.proofs.mutants``, or ``nox -s mutants``.

Sixty mutants of the deciding packages are drawn from the commit's hash and made by cosmic-ray's operators, in a
checkout of that commit. Each is run against the tests that cover its line, by contexts of a coverage run of the same
commit, and then against those of the commands. What came of them is added to docs/performance/mutants.jsonl, from which
MUTANTS.md is written. A mutant that does what the original does has its `outcome` changed to "equivalent" by hand
there, with a `why`, and a survivor that a later test kills keeps its outcome and gets that test's name as `since`;
``--write`` then renews the page.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import math
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Where verdicts are made, below src/hivegate.
PACKAGES = ("judge", "stats", "instruments", "flows", "measure")
# What must hold tighter: the statistics and the stopping rule.
STRICT = re.compile(r"src/hivegate/(stats/|flows/compare/sequential\.py)")
WANTED, WANTED_STRICT = 0.90, 0.95
COUNT = 60
TESTS = ("tests/unit", "tests/property", "tests/guard")
# Commands run in processes that no context follows, so all of these are tried on what the others let live.
COMMAND_TESTS = ("-n", "2", "--dist", "loadfile", "tests/cli")
EVIDENCE = Path("docs/performance/mutants.jsonl")
PAGE = Path("docs/performance/MUTANTS.md")

_PATIENCE = 60.0  # seconds beyond four times what the tests took unchanged: then the mutant hangs
_COMMAND_PATIENCE = 600.0  # seconds
_MOST_TESTS = 150  # of those that cover a line, the quickest
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly")


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """One mutant: where, by which operator, at which of the places where it can be used in the file."""

    file: str
    line: int
    operator: str
    occurrence: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a mutant: killed (`by` a test, or by hanging), survived, or equivalent; `tests` were run.

    By hand: `why` it is equivalent, and which test kills a survivor `since`.
    """

    commit: str
    seed: int
    mutant: Mutant
    diff: str
    outcome: str
    tests: int
    by: str = ""
    why: str = ""
    since: str = ""
    seconds: float = 0.0


class Tests(msgspec.Struct, frozen=True):
    """Which tests cover each line of each file, and how many seconds each test takes."""

    lines: dict[str, dict[int, set[str]]]
    seconds: dict[str, float]

    def of(self, mutant: Mutant) -> list[str]:
        """Choose the tests that cover a line, the quickest first; of a line that runs at import, those of its file."""
        lines = self.lines.get(mutant.file, {})
        chosen = lines.get(mutant.line) or set().union(*lines.values())
        return sorted(chosen, key=lambda test: (self.seconds.get(test, 1.0), test))[:_MOST_TESTS]


def draw(root: Path, seed: int) -> Iterator[tuple[Mutant, str, str]]:
    """Draw mutants without end: a place, then one of the operators that apply there; with the code before and after.

    What changes annotations alone, or nothing, is no mutant.
    """
    chance = random.Random(seed)  # noqa: S311  reproducible, no secret
    places: dict[tuple[str, int, int], list[tuple[str, int]]] = defaultdict(list)
    sources = {}
    for package in PACKAGES:
        for module in sorted((root / "src" / "hivegate" / package).rglob("*.py")):
            name, source = str(module.relative_to(root)), module.read_text(encoding="utf-8")
            sources[name] = source
            nodes = list(ast_nodes(get_ast(source)))
            for operator in sorted(operator_names()):
                kind = get_operator(operator)
                if kind.arguments():
                    continue
                found = (start for node in nodes for start, _ in kind().mutation_positions(node))
                for occurrence, (line, column) in enumerate(found):
                    places[name, line, column].append((operator, occurrence))
    keys = sorted(places)
    chance.shuffle(keys)
    for file, line, column in keys:
        operator, occurrence = chance.choice(places[file, line, column])
        changed = mutate_code(sources[file], get_operator(operator)(), occurrence)
        if changed is not None and _behaviour(changed) != _behaviour(sources[file]):
            yield Mutant(file=file, line=line, operator=operator, occurrence=occurrence), sources[file], changed


def _behaviour(source: str) -> str:
    """Take away what does nothing when it runs: annotations, docstrings, and what only a type checker reads."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        match node:
            case ast.arg() | ast.AnnAssign():
                node.annotation = ast.Constant(None)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                node.returns = None
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                node.body = [ast.Pass()]
            case ast.Expr(value=ast.Constant()):
                node.value = ast.Constant(None)
    return ast.dump(tree)


def cover(root: Path, kept: Path) -> Tests:
    """Run the tests once with a coverage context each, or read what such a run of the commit left in `kept`."""
    data, report = kept / "coverage", kept / "tests.xml"
    if not report.exists():
        kept.mkdir(parents=True, exist_ok=True)
        command = [*_PYTEST[:4], *_PYTEST[5:], *TESTS, "-n", "2", "--dist", "loadfile", "--cov=hivegate"]
        command += ["--cov-context=test", "--cov-report=", f"--junitxml={report}", "--cov-config=/dev/null"]
        ended = subprocess.run(command, cwd=root, env=_environment(root) | {"COVERAGE_FILE": str(data)}, check=False)
        if ended.returncode:
            report.unlink(missing_ok=True)
            raise SystemExit("the tests fail without a mutant")
    seconds: dict[str, float] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  pytest wrote it just now
        seconds[_node_id(root, case.attrib)] = float(case.attrib["time"])
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    with contextlib.closing(sqlite3.connect(data)) as database:
        query = """SELECT file.path, context.context, line_bits.numbits FROM line_bits
            JOIN file ON file.id = file_id JOIN context ON context.id = context_id WHERE context.context != ''"""
        for path, context, bits in database.execute(query):
            test = context.partition("|")[0]
            name = path[path.index("src/hivegate/") :]
            for number in range(len(bits) * 8):
                if bits[number // 8] & 1 << number % 8:
                    lines[name][number].add(test)
    return Tests({name: dict(numbers) for name, numbers in lines.items()}, seconds)


def _node_id(root: Path, case: dict[str, str]) -> str:
    """Find a test's node id from the dotted name of its module and class, and its own."""
    parts = case["classname"].split(".")
    for count in range(len(parts), 0, -1):
        file = Path(*parts[:count]).with_suffix(".py")
        if (root / file).is_file():
            return "::".join([str(file), *parts[count:], case["name"]])
    return case["name"]


def attempt(root: Path, mutant: Mutant, changed: str, tests: Tests) -> tuple[str, str, int]:
    """Run the tests that cover a mutant, then those of commands: the outcome, what killed it, and how many cover it."""
    chosen = tests.of(mutant)
    patience = _PATIENCE + 4 * sum(tests.seconds.get(test, 1.0) for test in chosen)
    file = root / mutant.file
    original = file.read_text(encoding="utf-8")
    file.write_text(changed, encoding="utf-8")
    try:
        by = (_killer(root, chosen, patience) if chosen else "") or _killer(root, COMMAND_TESTS, _COMMAND_PATIENCE)
    finally:
        file.write_text(original, encoding="utf-8")
    return "killed" if by else "survived", by, len(chosen)


def _killer(root: Path, tests: Sequence[str], patience: float) -> str:
    """Run tests: returns the first that fails, what else went wrong, or "" where all pass."""
    command, environment = [*_PYTEST, *tests], _environment(root)
    try:
        ended = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
    return failed[1] if failed else f"pytest's exit status {ended.returncode}" if ended.returncode else ""


def _environment(root: Path) -> dict[str, str]:
    sources = os.pathsep.join(str(root / name) for name in ("src", "hive/src"))
    return {**os.environ, "PYTHONPATH": sources, "PYTHONDONTWRITEBYTECODE": "1"}


def read_evidence() -> list[Outcome]:
    """Read what came of all mutants so far."""
    lines = EVIDENCE.read_bytes().splitlines() if EVIDENCE.exists() else []
    return [msgspec.json.decode(line, type=Outcome) for line in lines]


def rate(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Count the killed, and those that could be."""
    able = [one for one in outcomes if one.outcome != "equivalent"]
    return sum(one.outcome == "killed" for one in able), len(able)


def page(outcomes: Sequence[Outcome]) -> str:
    """Write the page of all runs."""
    runs: dict[str, list[Outcome]] = {}
    for one in outcomes:
        runs.setdefault(one.commit, []).append(one)
    lines = [
        "# Mutants",
        "",
        "Would the tests fail if the code were wrong? `nox -s mutants` draws mutants of the packages that decide, from",
        "the commit's hash, and runs the tests that cover each. Wanted: 90 % of the mutants that are not equivalent to",
        "the original die, of the statistics and the stopping rule 95 %. Behind each share is its 95 % interval: a run",
        "ends after an hour, with however many it had time for. The end-to-end tests are not run, so what they alone",
        "would kill counts as a survivor. Every mutant is in [mutants.jsonl](mutants.jsonl).",
        "",
        "| commit | drawn | equivalent | killed | of statistics and stopping rule |",
        "|---|---|---|---|---|",
    ]
    survivors = []
    for commit, run in runs.items():
        (dead, able), strict = rate(run), rate([one for one in run if STRICT.match(one.mutant.file)])
        lines.append(f"| `{commit[:10]}` | {len(run)} | {len(run) - able} | {_share(dead, able)} | {_share(*strict)} |")
        survivors += [one for one in run if one.outcome == "survived"]
    tested = sum(bool(one.since) for one in survivors)
    lines += ["", "## Survivors", "", f"{tested} of {len(survivors)} are killed by a test that was written since.", ""]
    for one in survivors:
        after = f"; since then `{one.since}` kills it" if one.since else ""
        lines += [*_shown(one, f"{one.tests} tests cover it{after}")]
    lines += ["## Equivalent", ""]
    for one in outcomes:
        if one.outcome == "equivalent":
            lines += [*_shown(one, one.why)]
    return "\n".join(lines).rstrip() + "\n"


def _share(dead: int, able: int) -> str:
    """Write how many of all died, with Wilson's interval of 95 %: a run may have had time for a few alone."""
    if not able:
        return "none"
    share, z = dead / able, 1.96
    middle, half = share + z * z / (2 * able), z * math.sqrt(share * (1 - share) / able + (z / (2 * able)) ** 2)
    low, high = ((middle + side * half) / (1 + z * z / able) for side in (-1, 1))
    return f"{dead} of {able}: {share:.0%} ({low:.0%} to {high:.0%})"


def _shown(one: Outcome, remark: str) -> tuple[str, ...]:
    place = f"`{one.mutant.file}:{one.mutant.line}` at `{one.commit[:10]}`: {remark}."
    return (
        *textwrap.wrap(place, 120, break_long_words=False, break_on_hyphens=False),
        "",
        "```text",
        one.diff,
        "```",
        "",
    )


def _diff(before: str, after: str) -> str:
    pairs = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[3:]
    return "\n".join(pairs)


@contextlib.contextmanager
def _checkout(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hivegate-mutants-") as folder:
        tree = Path(folder, "tree")
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], check=True)


def main() -> int:
    """Draw, run and record; 1 where too many survive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no mutant after so many")
    parser.add_argument("--write", action="store_true", help="write the page from the evidence, and run nothing")
    asked = parser.parse_args()
    if not asked.write:
        run(asked.count, time.monotonic() + 60 * asked.minutes)
    outcomes = read_evidence()
    PAGE.write_text(page(outcomes), encoding="utf-8")
    last = [one for one in outcomes if one.commit == outcomes[-1].commit]
    (dead, able), strict = rate(last), rate([one for one in last if STRICT.match(one.mutant.file)])
    print(f"{dead} of {able} killed; of statistics and stopping rule {strict[0]} of {strict[1]}")  # noqa: T201
    return int(dead < WANTED * able or strict[0] < WANTED_STRICT * strict[1])


def run(count: int, end: float) -> None:
    """Draw mutants of the last commit and add what comes of each to the evidence."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    seed = int(commit[:12], 16)
    known = {one.mutant for one in read_evidence() if one.commit == commit}
    with _checkout(commit) as root:
        drawn = [mutant for mutant, _ in zip(draw(root, seed), range(count), strict=False)]
        tests = cover(root, Path(".hivegate", "mutants", commit).resolve())
        for mutant, before, after in drawn:
            if mutant in known:
                continue
            begin = time.monotonic()
            if begin > end:
                break
            outcome, by, chosen = attempt(root, mutant, after, tests)
            record: dict[str, Any] = {"commit": commit, "seed": seed, "mutant": mutant, "diff": _diff(before, after)}
            record |= {"outcome": outcome, "by": by, "tests": chosen, "seconds": round(time.monotonic() - begin, 1)}
            with EVIDENCE.open("ab") as file:
                file.write(msgspec.json.encode(Outcome(**record)) + b"\n")
            print(f"{outcome:9} {mutant.file}:{mutant.line} {mutant.operator} {by}", flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
