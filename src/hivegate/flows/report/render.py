"""hivegate report: the results of this project, or those that are named, in the format that is asked for."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hivegate.errors import UsageError
from hivegate.flows.source.locations import find_places
from hivegate.flows.workspace import load_profiles, load_result
from hivegate.report.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


# Where each format is spelled: a function from a bundle to text, imported when it is asked for.
FORMATS = {
    "markdown": "hivegate.report.markdown:render_summary",
    "comment": "hivegate.report.markdown:render_comment",
    "html": "hivegate.report.html:render_html",
    "json": "hivegate.report.jsondoc:render_only",
    "junit": "hivegate.report.junit:render_junit",
    "annotations": "hivegate.report.annotations:render_annotations",
    "badge": "hivegate.report.badge:render_badge",
    "bencher": "hivegate.report.bencher:render_bencher",
    "github-action-benchmark": "hivegate.report.github_action_benchmark:render_smaller_is_better",
    "github-action-benchmark-bigger": "hivegate.report.github_action_benchmark:render_bigger_is_better",
}
LATEST = ("bench", "compare")
_MOST_RESULTS = 8
# Nothing in it can end a link of Markdown or an attribute of HTML.
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~%/?#=&+,:@-]*)?")
_LONGEST_ADDRESS = 2000


class ReportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which results, none for the latest; the profiles that explain them, None for those of the project.

    `out` is where the report will lie, so that it can link to the files of the profiles; None for the current folder.
    """

    results: tuple[Path, ...] = ()
    profiles: Path | None = None
    out: Path | None = None
    artifacts: str | None = None
    prefix: str = ""


def load_bundle(project: Path, options: ReportOptions) -> Bundle:
    """Read what a report tells of.

    Raises `ResultsError` for a file that is no result and `UsageError` for an address that is not plain https.
    """
    paths = options.results or (_latest(project),)
    if len(paths) > _MOST_RESULTS:
        raise UsageError(f"{len(paths)} results were given; at most {_MOST_RESULTS} go into one report")
    if options.artifacts is not None:
        _check_address(options.artifacts)
    results = tuple(load_result(path) for path in paths)
    profiles_path = options.profiles or _own_profiles(project, paths)
    node_ids = dict.fromkeys(one.node_id for result in results for one in result.verdicts if one.node_id)
    return Bundle(
        results=results,
        profiles=load_profiles(profiles_path) if profiles_path else None,
        profiles_at=_as_seen(profiles_path.parent, options.out) if profiles_path else None,
        artifacts=options.artifacts,
        places=find_places(project, node_ids, prefix=options.prefix),
        prefix=options.prefix,
    )


def render(bundle: Bundle, form: str) -> str:
    """Spell a bundle in one of `FORMATS`."""
    module, _, name = FORMATS[form].partition(":")
    spell: Callable[[Bundle], str] = getattr(importlib.import_module(module), name)
    return spell(bundle)


def _latest(project: Path) -> Path:
    """Choose the result that was written last, for either flow may be the one that the reader thinks of."""
    folder = project / ".hivegate" / "latest"
    there = [path for name in LATEST if (path := folder / f"{name}.json").exists()]
    if not there:
        raise UsageError("there is no result yet", where=str(folder), hint="measure first: hivegate bench; or name one")
    return max(there, key=lambda path: path.stat().st_mtime)


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


def _check_address(address: str) -> None:
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise UsageError(
            f"--artifacts {address!r} is no address that can be linked",
            hint="write https://HOST/PATH, other characters than letters, digits and ._~%/?#=&+,:@- in percent code",
        )
