"""Make `measured.json` of a real run: measure the suite by the claims, and judge it by the contract, too."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from guides.measured import GUIDES, ROOT, Measured, levels_of, save
from hivegate.flows.workspace import load_profiles, load_result
from hivegate.ingest import read
from hivegate.model.verdict import Outcome
from hivegate.report.messages import reason_text
from hivegate.report.view import view

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.model.profile import Cause

LATEST = ROOT / ".hivegate" / "latest"
CLAIMS = GUIDES / "claims.yaml"
PROFILES = ROOT / ".hivegate" / "profiles" / "profiles.json"
_CAUSES = 3


def measure() -> None:
    """Run the suite once, some five minutes, and profile what is closest to its limit in the contract."""
    load = os.getloadavg()[0]
    _hivegate("bench", "--all", "--targets", str(CLAIMS.relative_to(ROOT)))  # the results name the file so
    contract = LATEST / "contract.json"
    _hivegate("check", str(LATEST / "run.json"), "--json", str(contract))
    _hivegate("profile", "--tool", "py-spy", *[one.benchmark for one in view(load_result(contract)).closest])
    keep(LATEST, PROFILES, load=load)


def keep(latest: Path, profiles: Path, *, load: float | None) -> None:
    """Write `measured.json` from a folder with the run and both results, and the profiles made after it.

    Nothing is written where a benchmark of the seed is missing: the pages speak of all of them.
    """
    claims, contract = load_result(latest / "bench.json"), load_result(latest / "contract.json")
    missing = {one.benchmark: reason_text(one) for one in claims.verdicts if one.outcome is Outcome.MISSING}
    if missing:
        found = "\n".join(f"  {name}: {reason}" for name, reason in missing.items())
        raise SystemExit(f"the guides stay as they are, for this was not measured:\n{found}")
    levels = levels_of(
        read(latest / "run.json"), confidence=claims.run_statistics.confidence, looks=claims.run_statistics.looks
    )
    narrow = {one.benchmark for one in view(contract).closest}
    causes: dict[str, tuple[Cause, ...]] = {}
    for one in load_profiles(profiles).profiles:
        if one.benchmark in narrow and one.kind.startswith("py-spy"):
            causes[one.benchmark] = one.top[:_CAUSES]
    save(Measured(levels=levels, claims=claims, contract=contract, causes=causes, load=load))


def _hivegate(*words: str) -> None:
    """Run a command of hivegate; a broken target ends with 1, which is a result as good as any."""
    done = subprocess.run([sys.executable, "-m", "hivegate", *words], cwd=ROOT, check=False)  # noqa: S603  our own words
    if done.returncode not in {0, 1, 3}:
        raise SystemExit(done.returncode)
