"""Try a change while it is written: a few benchmarks in the pairs of `compare`, shown after two and refined."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hivegate.errors import HivegateError, UsageError
from hivegate.flows.compare.checkout import ComparisonSetup, singles_needed, two_trees
from hivegate.flows.compare.sequential import changes_so_far
from hivegate.flows.plan import RevisionsPlan
from hivegate.flows.project import SuiteOptions
from hivegate.flows.workspace import own_folder
from hivegate.judge import BudgetTable
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import Base, find_base, overlay_benchmarks, refuse_equal
from hivegate.model.attempt import Attempt
from hivegate.model.events import ignore_progress
from hivegate.model.statistics import USUAL
from hivegate.system import git
from hivegate.system.files import read_bytes, write_atomic
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback
    from hivegate.model.targets import Budget

_LOOKS = (2, *USUAL.looks[:4])  # pairs; after two there is a first line, which says nothing of how sure it is
_SECONDS = 30.0  # who waits for an answer has gone on by then
_LONGEST_NAME = 100


class TryOptions(SuiteOptions, frozen=True, kw_only=True):
    """Say what `attempting` measures: against the revision `base`, or with `last` against the tree as last tried."""

    base: str = "HEAD"
    last: bool = False


class Attempts:
    """The benchmarks that are tried, against one base, as often as the tree changes."""

    def __init__(self, ready: ComparisonSetup, budgets: dict[str, Budget], project: Project, base: Base) -> None:
        self.base = base
        self._ready = ready
        self._budgets = budgets
        self._project = project

    def measure(self, is_over: Callable[[], bool]) -> Iterator[tuple[Attempt, ...]]:
        """Measure the tree as it is now, look by look, until all is clear, `is_over`, or half a minute has passed.

        Raises `MeasureError` where nothing can be started.
        """
        ready, setup = self._ready, self._ready.setup
        folder = self._project.folder
        tree = git.snapshot(folder) or git.resolve(folder, "HEAD") or ""
        write_atomic(_last_file(self._project), tree, error=UsageError)
        if self.base.sha is not None:  # benchmarks that were saved since are laid over base as well
            overlay_benchmarks(self._project.folder, setup.trees.base, setup.subject)
        pairs = PairCollector(setup, ready.chosen, ignore_progress, singles=singles_needed(self._budgets))
        overdue, done = deadline(_SECONDS), 0
        for look in _LOOKS:
            pairs.measure({one.id for one in ready.chosen}, look - done, overdue=is_over)
            if is_over():
                return
            done = look
            changes = changes_so_far(pairs, self._budgets, USUAL)
            doubts = tuple(doubt.text for doubt in (*ready.doubts, *ready.doubts_of(pairs.loaded)))
            attempts = tuple(
                Attempt(
                    benchmark=one.id,
                    change=changes.get(one.id),
                    trouble=ready.explained(pairs.troubles.get(one.id)),
                    doubts=doubts,
                )
                for one in ready.chosen
            )
            yield attempts
            if all(one.is_clear for one in attempts) or overdue():
                return


@contextlib.contextmanager
def attempting(
    project: Project, options: TryOptions, on_progress: ProgressCallback = ignore_progress
) -> Iterator[Attempts]:
    """Make ready what is tried against its base; what was made is removed on every way out.

    Raises `UsageError` where nothing differs from the base, or no benchmark is named so.
    """
    targets = project.load_targets(options.targets)
    base = _last_try(project) if options.last else find_base(project.folder, options.base)
    refuse_equal(project.folder, base)
    plan = RevisionsPlan(
        selectors=options.selectors,
        excluded=options.excluded,
        timeout=project.timeout(options),
        build=project.settings.build,
        base_build=project.settings.build,
        base_arguments=project.settings.pytest_args,
        thorough=False,
    )
    known = BudgetTable(targets)
    with two_trees(project.subject(options.paths, options.python), base, plan, on_progress) as ready:
        yield Attempts(ready, {one.id: known.of(one.id) for one in ready.chosen}, project, base)


def _last_file(project: Project) -> Path:
    return own_folder(project.folder) / "latest" / "try"


def _last_try(project: Project) -> Base:
    try:
        sha = read_bytes(_last_file(project), limit=_LONGEST_NAME, error=UsageError).decode(errors="replace").strip()
    except HivegateError as fault:
        raise UsageError("nothing was tried yet", hint="try it against HEAD first: hivegate try ID") from fault
    if git.resolve(project.folder, sha) is None:
        raise UsageError("git has cleaned up what was tried last", hint="try it against HEAD: hivegate try ID")
    return Base(sha=sha, name="the last try", why="as requested")
