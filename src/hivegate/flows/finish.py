"""What every flow does with its result at the end: since when, keep it, profile what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivegate.flows.history.regression_origin import with_since
from hivegate.flows.profile.flow import profile_failures
from hivegate.flows.workspace import save_result, save_run

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.flows.workspace import ResultName
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult


def finish(
    project: Project,
    name: ResultName,
    result: GateResult,
    on_progress: ProgressCallback,
    *,
    run: Run | None = None,
    subject: Subject | None = None,
    collection: Collection | None = None,
) -> GateResult:
    """Add since when to what failed, and keep the result, and its run, in .hivegate/latest; returns that result.

    With `subject` what failed is profiled at once; `collection` is its suite where it is collected already. A profile
    never changes a verdict.
    """
    result = with_since(result, project)
    if run is not None:
        save_run(project.folder, run)
    save_result(project.folder, name, result)
    return result if subject is None else profile_failures(project, subject, name, result, collection, on_progress)
