"""The one page that answers: written after every measurement, and again when profiles tell more."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hivegate.errors import HivegateError, ResultsError
from hivegate.flows.report.render import ReportOptions, render_report
from hivegate.flows.workspace import ResultName, load_result, page_of

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.flows.project import Project


def write_page(project: Project, name: str) -> str:
    """Write the page of the latest result of a flow, and of the other flow's where it is of the same commit.

    Returns why there is none, or "": a page that cannot be written takes nothing from the verdict. One of an earlier
    result never stays in its place.
    """
    page = page_of(project.folder)
    try:
        page.unlink(missing_ok=True)
        render_report(project, ReportOptions(results=_of_one_commit(project.folder, name), form="html", out=page))
    except (HivegateError, OSError) as fault:
        return str(fault)
    return ""


def _of_one_commit(project: Path, name: str) -> tuple[Path, ...]:
    paths = {each: project / ".hivegate" / "latest" / f"{each}.json" for each in get_args(ResultName)}
    commit = load_result(paths[name]).commit
    if commit is None or commit.dirty:
        return (paths[name],)
    return tuple(path for each, path in paths.items() if each == name or _is_of(path, commit.sha))


def _is_of(path: Path, sha: str) -> bool:
    try:
        commit = load_result(path).commit
    except ResultsError:
        return False
    return commit is not None and commit.sha == sha and not commit.dirty
