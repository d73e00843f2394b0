"""The cases of the guard that are suites, measured live: outcomes and exit statuses that hang on no speed.

What they answer today stands in tests/guard/expected/live-cases.json: not what is right, which each case's README says,
but what must not change unseen. A case that is mended gets its new answer there by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.conftest import Project
from tests.guard import files
from tests.guard.replay import recorded
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

_PLUGINS = ("hypothesispytest", "codspeed", "randomly", "rerunfailures", "timeout")
_WIDE = ("compare", "HEAD~1", "--budget", "1000%")
_MEMORY = "schema: 1\ntargets:\n  - {benchmark: '*', metric: peak_memory, max: 1 GB}\n"
# The device's clock says 2 ms and that of the machine 5 us: far from the limit, whoever else works there.
_DEVICE = """schema: 1
targets:
  - {benchmark: kernel/device, metric: p50, max: 100 us}
  - {benchmark: kernel/waits, metric: p50, max: 3 s}
  - {benchmark: kernel/waits, metric: p90, max: 3 s}
"""


class Live(msgspec.Struct, frozen=True):
    """A case, the command that is given to it, and what is replaced in its files for the commit of head.

    `files` are written before anything is committed; `plugins` of pytest are those that the case is about.
    """

    case: str
    command: tuple[str, ...]
    files: dict[str, str] = {}
    head: dict[str, tuple[str, str]] = {}
    plugins: tuple[str, ...] = ()
    builds: bool = False
    exports: bool = False


LIVE = {
    "stats asserted, memory": Live("1-stats-assert", ("bench", "--passes", "3"), files={"targets.yaml": _MEMORY}),
    "stats asserted, compared": Live("1-stats-assert", _WIDE),
    "coroutines": Live("2-coroutine-never-run", ("bench", "--passes", "3")),
    "coroutines, compared": Live("2-coroutine-never-run", _WIDE, head={"work.py": ("n=100000", "n=10000000")}),
    "frozen clock": Live("3-frozen-clock", ("bench", "--passes", "3")),
    "frozen clock, compared": Live("3-frozen-clock", ("compare", "HEAD~1", "--budget", "1000%", "--max-time", "120s")),
    "own timer": Live("4-own-timer-ignored-by-compare", ("bench", "--passes", "3"), files={"targets.yaml": _DEVICE}),
    "own timer, compared": Live(
        "4-own-timer-ignored-by-compare", _WIDE, head={"device.py": ("STEP = 0.002", "STEP = 0.2")}
    ),
    "size as text": Live("5-extra-info-size-text", ("bench", "--passes", "3")),
    "size as text, a file": Live("5-extra-info-size-text", ("check", "out.json"), exports=True),
    "deselected": Live("6-options-that-deselect", ("run", "--collect-only")),
    "random order": Live("7-own-arguments-break-suites", ("run", "--collect-only"), plugins=("randomly",)),
    "no coverage": Live(
        "7-own-arguments-break-suites",
        ("run", "--collect-only"),
        files={"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p no:cov'\n"},
    ),
    "number of calls": Live("11-pedantic-number-of-calls", ("bench", "--passes", "3")),
    "number of calls, compared": Live("11-pedantic-number-of-calls", _WIDE),
    "timeout of the suite": Live("14-pytest-timeout", _WIDE, plugins=("timeout",)),
    "retries": Live("15-rerun-marker-desynchronises", ("bench", "--passes", "3"), plugins=("rerunfailures",)),
    "retries, compared": Live("15-rerun-marker-desynchronises", _WIDE, plugins=("rerunfailures",)),
    "compiled": Live(
        "16-compiled-extension", _WIDE, head={"_fast.c": ("#define N 6000", "#define N 12000")}, builds=True
    ),
    "other threads": Live(
        "18-other-threads-per-call",
        ("profile", "latency/pack_item", "--tool", "py-spy"),
        plugins=("rerunfailures",),
    ),
    "slow": Live("21-slow-is-no-hang", ("bench", "--passes", "3")),
}


def answer_of(live: Live, folder: Path) -> dict[str, object]:
    """Give a case its command, in a repository of two commits; returns the exit status and the outcomes."""
    shutil.copytree(files.CASES / live.case, folder)
    repository = Repository.new(folder)
    repository.write({".gitignore": ".hivegate\n__pycache__\n*.so\n", **live.files})
    _commit(repository, live)
    for name, (old, new) in live.head.items():
        file = folder / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old} in {name}"
        file.write_text(text.replace(old, new), encoding="utf-8")
    _commit(repository, live)
    blocked = [name for name in _PLUGINS if name not in live.plugins]
    environment = {"PYTEST_ADDOPTS": " ".join(f"-p no:{name}" for name in blocked)}
    if live.exports:
        command = [sys.executable, "-m", "pytest", "-q", "benches", "--benchmark-json=out.json"]
        subprocess.run(command, cwd=folder, env=os.environ | environment, check=True, capture_output=True, timeout=300)
    project = Project(folder)
    answer = project.hivegate(*live.command, env=environment)
    kept = folder / ".hivegate" / "latest" / f"{live.command[0]}.json"
    verdicts = project.result(live.command[0])["verdicts"] if kept.exists() else []
    return {
        "exit status": answer.status,
        "outcomes": {f"{one['benchmark']}, {one['metric']}": recorded(one["outcome"]) for one in verdicts},
    }


def _commit(repository: Repository, live: Live) -> None:
    if live.builds:
        include = sysconfig.get_path("include")
        built = ["gcc", "-shared", "-fPIC", f"-I{include}", "_fast.c", "-o", "_fast.so"]
        subprocess.run(built, cwd=repository.folder, check=True, timeout=120)
    repository.commit()


@pytest.mark.parametrize("name", LIVE)
def test_a_case_answers_as_it_did(name: str, tmp_path: Path) -> None:
    """A suite that was met in the wild has the outcomes and the exit status that it had."""
    assert answer_of(LIVE[name], tmp_path / "project") == files.load(files.LIVE)[name]


def test_every_answer_has_its_case() -> None:
    """An answer is not kept longer than its case, nor a case without an answer."""
    assert files.load(files.LIVE).keys() == LIVE.keys()
