"""`python -m hivemind compose` as a person or a program starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

VOCABULARIES = Path(__file__).parents[3] / "benches" / "vocabularies"
FOAF, SCHEMA, SKOS = (str(VOCABULARIES / f"{name}.json") for name in ("foaf", "schema", "skos"))


def compose(*arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the command with a hash seed."""
    return subprocess.run(
        [sys.executable, "-m", "hivemind", "compose", *arguments],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_a_person_sees_conflicts_votes_and_result() -> None:
    """FOAF and schema.org both have a Person, and names with different types."""
    done = compose(FOAF, SCHEMA, "--all")
    assert (done.returncode, done.stderr) == (0, "")
    for told in (
        "2 packs, 943 classes",
        "  Person  [foaf; schema]  ->  merge (agreement",
        "  name  [foaf: rdfs:Literal; schema: schema:Text]  ->",
        "version_resolver 0.3",
        "composed by union: 2 packs",
    ):
        assert told in done.stdout


def test_long_lists_are_cut_and_say_so() -> None:
    """Ten conflicts of a kind are shown unless --all is given."""
    done = compose(*map(str, sorted(VOCABULARIES.glob("*.json"))))
    assert done.returncode == 0
    assert "more; --all shows them" in done.stdout


def test_the_lock_is_byte_equal_under_every_hash_seed(tmp_path: Path) -> None:
    """The order in which Python lays out sets does not show."""
    locks = []
    for seed in ("0", "1", "4242"):
        file = tmp_path / f"{seed}.lock"
        assert compose(FOAF, SCHEMA, SKOS, "--lock", str(file), seed=seed).returncode == 0
        locks.append(file.read_bytes())
    assert locks[0] == locks[1] == locks[2]
    assert json.loads(locks[0])["classes"]["Person"] == ["foaf", "schema"]


def test_a_program_reads_the_lock_from_standard_output() -> None:
    """--json prints what --lock would write."""
    lock = json.loads(compose(FOAF, SKOS, "--json", "--strategy", "priority").stdout)
    assert (lock["lock"], lock["strategy"], len(lock["inputs"])) == (1, "priority", 2)


def test_a_weight_changes_the_outcome() -> None:
    """The conflict detector's doubts prevail when it counts more."""
    plain = json.loads(compose(FOAF, SCHEMA, "--json").stdout)
    weighed = json.loads(compose(FOAF, SCHEMA, "--json", "--weight", "analyzer=9").stdout)
    assert plain["classes"]["Person"] == ["foaf", "schema"]
    assert weighed["classes"]["Person"] == ["foaf"]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["missing.json"], 2, "missing.json: cannot be read"),
        ([], 2, "Missing argument"),
        ([FOAF, "--quorum", "7"], 2, "quorum is 7.0"),
        ([FOAF, "--weight", "boss=2"], 2, "the roles are analyzer"),
        ([FOAF, "--weight", "analyzer=nan"], 2, "has the weight nan"),
        ([FOAF, "--weight", "analyzer=-1"], 2, "has the weight -1.0"),
        ([FOAF, "--timeout", "0"], 2, "timeout is 0.0"),
        ([FOAF, SCHEMA, "--quorum", "0.99"], 1, "stayed below the quorum of 99%"),
        ([FOAF, "--lock", "/nowhere/at/all"], 1, "No such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(arguments: list[str], status: int, told: str) -> None:
    """The exit status tells bad input from a failed composition; there is never a traceback."""
    done = compose(*arguments)
    assert done.returncode == status
    assert told in done.stderr
    assert "Traceback" not in done.stderr
