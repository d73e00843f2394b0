"""A whole targets.yaml, and what is not one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hivegate.errors import TargetsError
from hivegate.model.targets import Effect, RuleKind, Targets
from hivegate.targets import load_targets, parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]


def test_the_least_file_has_the_documented_defaults() -> None:
    """99 % confidence, three tiers, warn where inconclusive, 15 % assumed spread; the same as the model's own."""
    assert parse_targets("schema: 1", "t.yaml") == Targets(source="t.yaml")


def test_every_setting_of_a_file_is_read() -> None:
    """A file that sets everything, with the byte order mark that Windows editors write."""
    text = (
        "\ufeffschema: 1\nconfidence: 95 %\ntiers: {hard: fail, soft: note}\ninconclusive: fail\nassumed_spread: 20 %\n"
        "targets: [{benchmark: a, max: 1 s}]\nbudgets: [{benchmark: a, budget: 2 %}]\n"
        "waivers: [{benchmark: a, reason: r, owner: o, expires: 2027-03-01}]\n"
    )
    found = parse_targets(text, "t.yaml")
    assert (found.confidence, found.assumed_spread, found.inconclusive) == (0.95, 0.2, Effect.FAIL)
    assert found.tiers == {"hard": Effect.FAIL, "soft": Effect.NOTE}
    assert (len(found.targets), len(found.budgets), len(found.waivers)) == (1, 1, 1)
    assert found.targets[0].tier == "hard"


def test_entries_keep_the_order_of_the_file() -> None:
    """The last match wins, so order carries meaning."""
    text = "schema: 1\nbudgets:\n" + "".join(f"- {{benchmark: b{n}, budget: {n} %}}\n" for n in range(1, 9))
    assert [one.slowdown for one in parse_targets(text, "t.yaml").budgets] == [n / 100 for n in range(1, 9)]


def test_the_files_of_this_repository_are_read() -> None:
    """The gate's own targets.yaml holds."""
    assert load_targets(ROOT / "targets.yaml").targets


KEYS = (
    "schema, confidence, tiers, inconclusive, mostly_inconclusive, assumed_spread, reference, speed, targets, budgets, "
    "waivers"
)
REFUSED = {
    "no schema": ("targets: []", "1:1: missing key 'schema'", "add schema: 1"),
    "a later schema": (
        "schema: 2",
        "1:9: schema: is '2'; this hivegate supports schema 1",
        "update hivegate, or use a file for this version",
    ),
    "an odd schema": ("schema: v1", "1:9: schema: is 'v1'; this hivegate supports schema 1", "write schema: 1"),
    "a list": ("- 1", "1:1: is a list; expected a mapping", f"allowed keys: {KEYS}"),
    "a text": ("schema", "1:1: is the text 'schema'; expected a mapping", f"allowed keys: {KEYS}"),
    "an unknown key": ("schema: 1\ntarget: []", "2:1: target: unknown key", "did you mean targets?"),
    "a merge key": ("schema: 1\n<<: {a: b}", "2:1: '<<': unknown key", f"allowed keys: {KEYS}"),
    "targets that are no list": (
        "schema: 1\ntargets: {benchmark: a}",
        "2:10: targets: is a mapping; expected a list",
        "begin each entry with a dash and a space: - ",
    ),
    "a confidence without a unit": (
        "schema: 1\nconfidence: 0.99",
        "2:13: confidence: is '0.99'; expected a share in %",
        "a unit is required; did you mean 99 %?",
    ),
    "certainty": (
        "schema: 1\nconfidence: 100 %",
        "2:13: confidence: is 100 %; expected 50 % to 99.99 %",
        "delete the key for the default, 99 %",
    ),
    "no spread at all": (
        "schema: 1\nassumed_spread: 0 %",
        "2:17: assumed_spread: is 0 %; expected 0.1 % to 200 %",
        "delete the key for the default, 15 %",
    ),
    "no tiers": (
        "schema: 1\ntiers: {}",
        "2:8: tiers: expected a mapping of 1 to 20 tiers to fail, warn or note",
        "tiers: {must: fail, should: warn}",
    ),
    "a tier that does nothing known": (
        "schema: 1\ntiers: {must: fails}",
        "2:15: tiers.must: is 'fails'; expected fail or warn or note",
        "did you mean fail?",
    ),
    "a tier without a name": (
        'schema: 1\ntiers: {"": fail}',
        "2:9: tiers.'': is not a valid tier name; use letters, digits, _ and -",
        "name it as in: should: warn",
    ),
    "more tiers than anyone can tell apart": (
        "schema: 1\ntiers: {" + ", ".join(f"t{number}: note" for number in range(21)) + "}",
        "2:8: tiers: expected a mapping of 1 to 20 tiers to fail, warn or note",
        "tiers: {must: fail, should: warn}",
    ),
    "an inconclusive gate that only notes": (
        "schema: 1\ninconclusive: note",
        "2:15: inconclusive: is 'note'; expected warn or fail",
        "for example inconclusive: warn",
    ),
}


@pytest.mark.parametrize(("text", "found", "hint"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_makes_no_sense_is_refused_where_it_stands(
    text: str, found: str, hint: str, refusal: Callable[[str], str]
) -> None:
    """File, line, column, key path, what was found, what is allowed, and the likely fix."""
    assert refusal(text) == f"t.yaml:{found}\n  {hint}"


def load_refusal(path: Path) -> str:
    """Give what loading a file is refused with."""
    with pytest.raises(TargetsError) as caught:
        load_targets(path)
    return str(caught.value)


def test_a_file_that_is_not_there_is_refused_with_its_neighbours(tmp_path: Path) -> None:
    """A misspelt name is the likely fault."""
    (tmp_path / "targets.yaml").write_text("schema: 1")
    path = tmp_path / "target.yaml"
    assert load_refusal(path) == f"{path}: no such file\n  {tmp_path} contains targets.yaml"
    assert load_refusal(tmp_path) == f"{tmp_path}: is not a regular file"


def test_a_file_that_is_not_utf8_is_refused_where_the_byte_stands(tmp_path: Path) -> None:
    """Columns count characters."""
    path = tmp_path / "targets.yaml"
    path.write_bytes("schema: 1\nname: ü".encode() + b"\xe9\n")
    assert load_refusal(path) == f"{path}:2:8: is not UTF-8: byte 18 is 0xe9\n  save it as UTF-8"


def test_a_file_above_a_mebibyte_is_refused_unread(tmp_path: Path) -> None:
    """Ten thousand targets have less."""
    path = tmp_path / "targets.yaml"
    path.write_bytes(b"#" * (2 * 2**20))
    assert load_refusal(path).startswith(f"{path}: has 2 MiB; at most 1 MiB are read")


def entries(line: str) -> str:
    """Fill a mebibyte with targets that differ by number."""
    head, count = "schema: 1\ntargets:\n", 0
    lines = [head]
    size = len(head)
    while size + len(line) + 8 < 2**20:
        lines.append(line.replace("#", f"{count:x}"))
        size += len(lines[-1])
        count += 1
    return "".join(lines)


HOSTILE = {
    "a billion laughs": "a: &a [x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
    "fifty levels": "targets: " + "[" * 50 + "]" * 50,
    "a million levels": "{a: " * 250_000,
    "a million levels of blocks": "- " * 500_000,
    "a million digits": "schema: " + "9" * 10**6,
    "a million digits in a limit": "schema: 1\ntargets: [{benchmark: a, max: " + "9" * 10**6 + "}]",
    "half a million values": "targets: [" + "1," * 500_000 + "]",
    "a hundred thousand keys": "".join(f"k{number}: 1\n" for number in range(95_000)),
    "one key again and again": "schema: 1\n" * 100_000,
    "a key of a mebibyte": '? "' + "k" * 10**6 + '"\n: 1',
    "an open quotation": 'schema: "' + "\\n" * 500_000,
    "anchors": "&a " * 300_000,
    "tags": "!" * 10**6,
    "colons": ": " * 500_000,
    "complex keys": "? " * 500_000,
    "thirty thousand targets": entries("- {benchmark: #,max: 1s}\n"),
    "one target by cores": entries("- {benchmark: a,max: 1s,min_cores: #}\n"),
    "stars": entries("- {benchmark: '*#*a*a*a*a*',max: 1s}\n"),
}
# The whole process is measured: interpreter, libraries, the text, and what is made of it. (VmHWM starts anew with a
# program; ru_maxrss would count the process that started it.)
MEASURE = """
import re, sys
from hivegate.errors import HivegateError
from hivegate.targets import parse_targets
text = sys.stdin.buffer.read().decode()
refused = 0
try:
    parse_targets(text, "t.yaml")
except HivegateError as fault:
    assert len(str(fault)) < 1000, len(str(fault))
    refused = 1
peak = int(re.search("VmHWM:[^0-9]*([0-9]+) kB", open("/proc/self/status").read())[1]) * 1024
print(refused, peak)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_costs_little_memory(text: str) -> None:
    """At most 64 MB and ten times the input. How long a refusal takes is measured in benches/bench_gate.py."""
    data = text.encode()
    command = [sys.executable, "-c", MEASURE]
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=120)
    assert done.stderr == b""
    refused, peak = map(int, done.stdout.split())
    assert peak <= 64e6 + 10 * len(data)
    assert refused or text == HOSTILE["stars"]


def test_former_names_are_still_read() -> None:
    """Names from before 0.1.0 mean what they meant, and a key and its former name cannot stand side by side."""
    text = (
        "schema: 1\n"
        "targets: [{benchmark: 'a[*]', metric: growth, max: 1.1}, {benchmark: a, metric: creep, max: 5 %},"
        " {benchmark: b, relative_to: calibration, max: 3}]\n"
        "regressions: [{benchmark: a, budget: 3 %}]\n"
        "waivers: [{benchmark: a, kind: regression, reason: r, owner: o, expires: 2030-01-01}]\n"
    )
    found = parse_targets(text, "t.yaml")
    assert [target.metric.name for target in found.targets] == ["complexity", "drift", "p50"]
    assert (found.targets[2].relative_to, found.budgets[0].slowdown, found.waivers[0].kind) == (
        "reference",
        0.03,
        RuleKind.BUDGET,
    )
    with pytest.raises(TargetsError, match="repeats budgets under its former name"):
        parse_targets(f"{text}budgets: []\n", "t.yaml")
