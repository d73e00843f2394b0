"""Render the results of a project, or those that are named, in the format that is asked for."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.source.commit_urls import check_address
from hivegate.flows.source.definitions import find_places
from hivegate.flows.workspace import load_profiles, load_result, newest_result
from hivegate.report.bundle import Bundle
from hivegate.system.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hivegate.flows.project import Project


# Where each format is spelled: a function from a bundle to text, imported when it is asked for.
FORMATS = {
    "markdown": "hivegate.report.markdown:render_summary",
    "comment": "hivegate.report.comment:render_comment",
    "html": "hivegate.report.html:render_html",
    "json": "hivegate.report.jsondoc:render_only",
    "junit": "hivegate.report.junit:render_junit",
    "annotations": "hivegate.report.annotations:render_annotations",
}
_MOST_RESULTS = 8


class ReportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Say which results `render_report` renders, as what.

    Without `results` it is the newest of the project. `form` is a name of the formats; `quiet`, `width`, `color` and
    `grouped` are of the form text: one line a result, columns, escape sequences for a terminal, and folded groups of
    GitHub Actions. `profiles` is a file that explains causes, by default the project's, where it is younger than the
    results. `artifacts` is an https address to link. `out` is a file that the report is written to.
    """

    results: tuple[Path, ...] = ()
    form: str = "text"
    profiles: Path | None = None
    artifacts: str | None = None
    out: Path | None = None
    quiet: bool = False
    width: int = 80
    color: bool = False
    grouped: bool = False


def render_report(project: Project, options: ReportOptions | None = None) -> str:
    """Render results as text in one format, as ``hivegate report`` does; with `out` write it as well.

    Raises `ResultsError` for a file that is no result and `UsageError` for wrong options.
    """
    options = options or ReportOptions()
    if options.form not in {"text", *FORMATS}:
        raise UsageError(f"unknown format {options.form!r}", hint=f"allowed are text, {', '.join(FORMATS)}")
    bundle = load_bundle(project, options)
    if options.quiet and options.form != "text":
        raise UsageError(f"--quiet is of text, which is one line then; {options.form} is a whole document")
    text = _text(bundle, options) if options.form == "text" else render(bundle, options.form)
    if options.out is not None:
        write_atomic(options.out, text, error=UsageError)
    return text


def load_bundle(project: Project, options: ReportOptions) -> Bundle:
    """Read what a report is made of.

    Raises `ResultsError` for a file that is no result and `UsageError` for an address that is not plain https.
    """
    paths = options.results or (_newest(project.folder),)
    if len(paths) > _MOST_RESULTS:
        raise UsageError(f"{len(paths)} results were given; at most {_MOST_RESULTS} go into one report")
    if options.artifacts is not None:
        check_address(options.artifacts)
    results = tuple(load_result(path) for path in paths)
    profiles_path = options.profiles or _own_profiles(project.folder, paths)
    node_ids = dict.fromkeys(verdict.node_id for result in results for verdict in result.verdicts if verdict.node_id)
    prefix = _prefix(project.folder)
    return Bundle(
        results=results,
        profiles=load_profiles(profiles_path) if profiles_path else None,
        profiles_at=_as_seen(profiles_path.parent, options.out) if profiles_path else None,
        artifacts=options.artifacts,
        places=find_places(project.folder, node_ids, prefix=prefix),
        prefix=prefix,
    )


def render(bundle: Bundle, form: str) -> str:
    """Spell a bundle in one of `FORMATS`."""
    module, _, name = FORMATS[form].partition(":")
    spell: Callable[[Bundle], str] = getattr(importlib.import_module(module), name)
    return spell(bundle)


def _text(bundle: Bundle, options: ReportOptions) -> str:
    from hivegate.report.terminal import render_terminal, render_verdict  # noqa: PLC0415  not every report is text

    if options.quiet:
        return "".join(render_verdict(result, color=options.color) for result in bundle.results)
    return "\n".join(
        render_terminal(result, width=options.width, color=options.color, verbose=True, grouped=options.grouped)
        for result in bundle.results
    )


def _newest(project: Path) -> Path:
    path = newest_result(project)
    if path is None:
        folder = project / ".hivegate" / "latest"
        raise UsageError("there is no result yet", where=str(folder), hint="measure first: hivegate bench; or name one")
    return path


def _prefix(project: Path) -> str:
    """Name the project's folder in the repository that GitHub Actions checked out; "" elsewhere."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace or not project.is_relative_to(Path(workspace).resolve()):
        return ""
    folder = project.relative_to(Path(workspace).resolve()).as_posix()
    return "" if folder == "." else f"{folder}/"


def _own_profiles(project: Path, paths: Sequence[Path]) -> Path | None:
    """Find the project's profiles where they were made after the results: older ones are of other code."""
    path = project / ".hivegate" / "profiles" / "profiles.json"
    if not path.exists() or path.stat().st_mtime < max(one.stat().st_mtime for one in paths):
        return None
    return path


def _as_seen(folder: Path, out: Path | None) -> str | None:
    """Name a folder relative to a file's; None where no relative path leads there, as from drive to drive."""
    start = Path.cwd() if out is None else out.resolve().parent
    try:
        return Path(os.path.relpath(folder.resolve(), start)).as_posix()
    except ValueError:
        return None
