"""Completion as a user meets it: a real bash on a terminal of its own, and the words that it wrote."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.documents import ROOT

if TYPE_CHECKING:
    from tests.conftest import Project

IDS = ("sums/loop[n=5]", "sums/loop[a b]", "sums/formula", "votes/quorum", "votes/tie", "$(touch hacked)")
PATIENCE = 60.0  # seconds, on a machine that does much beside
# The completion starts the program of the PATH; the line that is run calls this function, which tells its last word.
LOAD = (
    'eval "$(_HIVEGATE_COMPLETE=bash_source hivegate)"; hivegate() { printf "<%s%s>%s" "<" "${@: -1}" ">"; };'
    ' echo "rea""dy"'
)


@pytest.fixture
def judged(project: Project) -> Project:
    """Give a project that has a result of some benchmarks, and ``hivegate`` on a path of its own."""
    verdicts = [{"benchmark": one, "outcome": "passed"} for one in IDS[:-2]]
    project.write(".hivegate/latest/bench.json", json.dumps({"verdicts": verdicts, "not_selected": IDS[-2:]}))
    project.write("bin/hivegate", f'#!/bin/sh\nexec {sys.executable} -m hivegate "$@"\n').chmod(0o755)
    return project


def ask(project: Project, *words: str, shell: str = "bash") -> list[str]:
    """Ask as a shell's script does; the last word is the one that is being written."""
    environment = {
        "COMP_WORDS": "\n".join(("hivegate", *words)) if shell == "bash" else " ".join(("hivegate", *words)),
        "COMP_CWORD": str(len(words)) if shell != "fish" else words[-1],
        "_HIVEGATE_COMPLETE": f"{shell}_complete",
    }
    answer = project.hivegate(env=environment)
    assert (answer.status, answer.err) == (0, "")
    return answer.out.split("\n")[:-1] if answer.out.strip() else []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(project: Project, shell: str) -> None:
    """What the reference says to put into a shell's configuration prints that shell's script."""
    answer = project.hivegate(env={"_HIVEGATE_COMPLETE": f"{shell}_source"})
    assert answer.status == 0
    assert f"_HIVEGATE_COMPLETE={shell}_complete" in answer.out
    assert f"_HIVEGATE_COMPLETE={shell}_source" in (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("exp",), {"explain"}),
        (("explain", "votes/"), {"votes/quorum", "votes/tie"}),
        (("profile", "votes/q"), {"votes/quorum"}),
        (("bench", "--select", "votes/"), {"votes/quorum", "votes/tie"}),
        (("compare", "--select", "none/"), set()),
        (("-C", "..", "explain", "votes/"), set()),
    ],
)
def test_ids_of_the_latest_result_are_offered(judged: Project, words: tuple[str, ...], wanted: set[str]) -> None:
    """Commands by name; behind SELECTOR, ID and --select the benchmarks of the result, selected or not."""
    assert {line.removeprefix("plain,") for line in ask(judged, *words)} == wanted


def test_a_file_is_offered_where_no_benchmark_begins_so(judged: Project) -> None:
    """``profile`` takes results as well, which bash itself knows how to complete."""
    assert ask(judged, "profile", "pypro") == ["file,pypro"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_quote_by_themselves(judged: Project, shell: str) -> None:
    """Zsh and fish get the bare id, which they quote."""
    assert any("sums/loop[n=5]" in line and "'" not in line for line in ask(judged, "explain", "sums/l", shell=shell))


@pytest.mark.parametrize(
    "broken", ["", "[]", "{", '{"verdicts": 3}', '{"verdicts": [{"benchmark": 3}]}', "[" * 100_000, None]
)
def test_what_cannot_be_read_offers_nothing(project: Project, broken: str | None) -> None:
    """Without a result, or with one that is none, there is no id, and no word on the terminal."""
    if broken is not None:
        project.write(".hivegate/latest/bench.json", broken)
    project.write("pyproject.toml", "[tool.hivegate]\npasses = 'many'\n" if broken is None else "")
    assert ask(project, "explain", "a") == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("hivegate explain vo\tq\t", "votes/quorum"),
        ("hivegate explain sums/lo\tn\t", "sums/loop[n=5]"),
        ("hivegate explain 'sums/loop[a\t", "sums/loop[a b]"),
        ('hivegate bench --select "sums/loop[a\t', "sums/loop[a b]"),
        ("hivegate explain \\$\t", "$(touch hacked)"),
    ],
)
def test_bash_writes_the_id(judged: Project, typed: str, written: str) -> None:
    """A tab completes to exactly the id, whatever characters it has, and nothing in it is run."""
    assert write_line(judged, typed) == written
    assert not (judged.folder / "hacked").exists()


def write_line(project: Project, typed: str) -> str:
    """Type into a real bash that has the completion, and run the line; returns its last word as a program gets it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [bash, "--norc", "--noprofile", "-i"],
        cwd=project.folder,
        env=os.environ | {"PATH": f"{project.folder / 'bin'}:{os.environ['PATH']}", "TERM": "dumb"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    ) as shell:
        os.close(follower)
        try:
            os.write(leader, f"{LOAD}\n".encode())
            read_until(leader, b"ready")
            os.write(leader, f"{typed}\n".encode())
            return read_until(leader, b">>").rpartition(b"<<")[2].removesuffix(b">>").decode()
        finally:
            shell.kill()
            os.close(leader)


def read_until(terminal: int, mark: bytes) -> bytes:
    """Read what is written on a terminal up to a mark."""
    written = b""
    while mark not in written:
        assert select.select([terminal], [], [], PATIENCE)[0], written
        written += os.read(terminal, 4096)
    return written[: written.index(mark) + len(mark)]
