"""What every flow does with its result at the end: since when, keep it, profile what failed, write the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import HivegateError
from hivegate.flows.history.regression_origin import with_since
from hivegate.flows.profile.flow import profile_failures
from hivegate.flows.report.page import write_page
from hivegate.flows.workspace import save_result, save_run
from hivegate.system.leftovers import take_leftovers

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.flows.workspace import ResultName
    from hivegate.measure.collect import Collection
    from hivegate.measure.subject import Subject
    from hivegate.model.events import ProgressCallback
    from hivegate.model.run import Run
    from hivegate.model.verdict import GateResult

_MOST = 5  # leftover commands in a note


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
    """Add since when to what failed, keep the result, its run and its page in .hivegate/latest; returns that result.

    With `subject` what failed is profiled at once; `collection` is its suite where it is collected already. Neither a
    profile, nor a page, nor a history that cannot be read, nor a folder that cannot be written changes a verdict or
    loses it: the result's notes say so.
    """
    if left := take_leftovers():
        result = _noted(result, f"what was measured left processes behind, which were ended: {'; '.join(left[:_MOST])}")
    try:
        result = with_since(result, project)
    except HivegateError as fault:
        result = _noted(result, f"since when is not known: {fault}")
    try:
        if run is not None:
            save_run(project.folder, run)
        save_result(project.folder, name, result)
    except HivegateError as fault:
        return _noted(result, f"the result is not kept in .hivegate: {fault}")
    if subject is not None:
        result = profile_failures(project, subject, name, result, collection, on_progress)
    unwritten = write_page(project, name)
    return _noted(result, f"the page is not written: {unwritten}") if unwritten else result


def _noted(result: GateResult, note: str) -> GateResult:
    return msgspec.structs.replace(result, notes=(*result.notes, note))
