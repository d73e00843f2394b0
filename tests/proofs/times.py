"""The result that a comparison would leave, from a quick look: what a proof needs of it are the times of a call."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.measured import words
from tests.repository import Repository

from hivegate.flows.workspace import save_result
from hivegate.model.change import Change, Clock
from hivegate.model.run import Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict

BENCHMARK = "known/run"
_PAIRS = 4
_TIMED = """
import time
from known.all import run
run()
best = 9.0
for _ in range(30):
    start = time.process_time()
    for _ in range(5):
        run()
    best = min(best, (time.process_time() - start) / 5)
print(best)
"""


def measure(project: Path) -> None:
    """Time the project's last two commits in turns, and leave the result as the latest comparison."""
    repository = Repository(project)
    with tempfile.TemporaryDirectory(prefix="hivegate-proof-") as folder:
        base = Path(folder, "base")
        repository.git("worktree", "add", "-q", "--detach", str(base), "HEAD^1")
        pairs = [(_time(base), _time(project)) for _ in range(_PAIRS)]
        repository.git("worktree", "remove", "--force", str(base))
    logs = [math.log(head / base) for base, head in pairs]
    change = Change(
        ratio=math.exp(statistics.mean(logs)),
        n=_PAIRS,
        spread=statistics.stdev(logs),
        instrument="time",
        clock=Clock.CPU,
        base_value=statistics.median(base for base, _ in pairs),
        head_value=statistics.median(head for _, head in pairs),
    )
    verdict = Verdict(
        benchmark=BENCHMARK,
        kind=RuleKind.BUDGET,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.WARNING,
        reason=words("only timed"),
        metric="mean",
        change=change,
    )
    result = GateResult(
        outcome=Outcome.INCONCLUSIVE,
        exit_status=0,
        partial=False,
        verdicts=(verdict,),
        environment=Environment(),
        base="HEAD^1",
        base_sha=repository.git("rev-parse", "HEAD^1"),
    )
    save_result(project, "compare", result)


def _time(tree: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    timed = subprocess.run([sys.executable, "-c", _TIMED], env=environment, capture_output=True, text=True, check=True)
    return float(timed.stdout)
