"""Trials: two revisions are made, and every judge is asked about them."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from detection import evidence
from detection.company import company
from detection.environments import version_of
from detection.judges import JUDGES
from detection.judges.opinion import Case
from detection.suites import SUITES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detection.environments import Environments
    from detection.judges.opinion import Opinion
    from detection.plan import Share
    from detection.suites import Suite


class Order(NamedTuple):
    """What is asked for: the suites and tools, each with the number of trials it is asked about; and until when.

    A tool is asked about every n-th trial; of all tools the same trials, so that they see the same revisions.
    """

    suites: tuple[str, ...]
    every: dict[str, int]
    trials: range
    end: float
    only: frozenset[str] = frozenset()
    company: str = ""


def run_trials(order: Order, environments: Environments, folder: Path) -> Iterator[evidence.Judged]:
    """Ask every tool about every trial that the folder's evidence lacks, until time is over; keep each answer."""
    known = evidence.answered(evidence.read(folder), order.company)
    for number in order.trials:
        suite = SUITES[order.suites[number % len(order.suites)]]
        asked = [
            tool
            for tool, every in order.every.items()
            if number % every == 0 and tool in suite.tools and (suite.name, number, tool) not in known
        ]
        random.Random(f"order {number}").shuffle(asked)  # noqa: S311  a simulation
        for judged in _ask(suite, number, asked, environments, order):
            evidence.append(folder, judged)
            yield judged
        if time.monotonic() > order.end:
            return


def _ask(
    suite: Suite, number: int, tools: Sequence[str], environments: Environments, order: Order
) -> Iterator[evidence.Judged]:
    shares = {name: share for name, share in suite.draw(number).items() if not order.only or name in order.only}
    for tool in tools:
        if time.monotonic() > order.end:
            return
        with tempfile.TemporaryDirectory(prefix="detection-") as name:
            project, scratch = Path(name) / "project", Path(name) / "scratch"
            scratch.mkdir()
            base, head = suite.make(project, number, shares, environments.folder)
            case = Case(project, scratch, environments, base, head, suite.paths)
            with company(order.company):
                judged = judge_case(case, tool, number, suite, shares)
            yield msgspec.structs.replace(judged, company=order.company)


def judge_case(case: Case, tool: str, number: int, suite: Suite, shares: dict[str, Share]) -> evidence.Judged:
    """Ask one tool about two revisions, and put its answers beside the truth."""
    load, when, start = os.getloadavg()[0], dt.datetime.now(dt.UTC), time.monotonic()
    opinions = JUDGES[tool](case)
    seconds = time.monotonic() - start
    per_weight = seconds / sum(one.weight for one in opinions.values())
    return evidence.Judged(
        trial=number,
        suite=suite.name,
        tool=tool,
        version=_version(tool, case.environments),
        when=when.isoformat(timespec="seconds"),
        load=round(load, 2),
        nice=os.getpriority(os.PRIO_PROCESS, 0),
        seconds=round(seconds, 1),
        said=tuple(
            _said(suite, name, opinion, suite.share_of(name, shares), per_weight) for name, opinion in opinions.items()
        ),
    )


def _said(suite: Suite, name: str, opinion: Opinion, share: Share, per_weight: float) -> evidence.Said:
    return evidence.Said(
        benchmark=suite.short(name),
        kind=suite.kind_of(name),
        dose=share.dose,
        budget=share.budget,
        verdicts=opinion.verdicts,
        ratio=_rounded(opinion.ratio),
        low=_rounded(opinion.low),
        high=_rounded(opinion.high),
        spread=_rounded(opinion.spread),
        pairs=opinion.pairs,
        clock=opinion.clock,
        seconds=round(per_weight * opinion.weight, 2),
    )


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 5)


def _version(tool: str, environments: Environments) -> str:
    if tool == "hivegate":
        return f"{version_of(Path(sys.executable), tool)} {_commit()}".strip()
    return version_of(environments.asv if tool == "asv" else environments.subject, tool)


@functools.cache
def _commit() -> str:
    """Tell of which commit hivegate is, for it changes from trial to trial while it is developed."""
    origin = json.loads(metadata.distribution("hivegate").read_text("direct_url.json") or "{}")
    if commit := origin.get("vcs_info", {}).get("commit_id"):
        return str(commit)[:7]
    described = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(described, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  an argument list
