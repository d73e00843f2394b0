"""Results as workflow commands, which GitHub Actions shows beside the code.

Rules of escaping and limits: https://github.com/actions/runner, ActionCommand.cs
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Severity, Verdict
from hivegate.report.alterations import TITLE, alteration_lines
from hivegate.report.changed_line import changed_line
from hivegate.report.escape import printable, without_commands
from hivegate.report.untested import untested_line
from hivegate.report.view import Row, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.report.bundle import Bundle

_MOST = 9  # of a level: GitHub keeps ten of each a step, and the tenth tells how many more there are
_LEVELS = {Severity.BROKEN: "error", Severity.UNKNOWN: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_WHERE = re.compile(r"(?P<file>[^:]+)(?::(?P<line>\d{1,7})(?::\d+)?)?")
_UNSAFE_FILE = re.compile(r"^[/\\~]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_LONGEST_REASON = 1000
_LONGEST_CAUSE = 200
_LONGEST_PATH = 1000
_MOST_CAUSES = 3
_UNTESTED = "No benchmark runs it"


def render_annotations(bundle: Bundle) -> str:
    """Spell what needs a person as one command a line: the nine worst of each level, and how many more there are.

    A slowdown is shown where it was made, if a profile knows, else where its benchmark is defined; a target where
    targets.yaml states it. A function that the change touches and no benchmark runs is shown where it begins.
    """
    found: dict[str, list[Verdict]] = {}
    for verdict in sorted(bundle.verdicts, key=_weight):
        level = _LEVELS.get(verdict.severity)
        if level is not None:
            found.setdefault(level, []).append(verdict)
    lines = [line for level, verdicts in found.items() for line in _lines(level, verdicts, bundle)]
    untested = dict.fromkeys(function for result in bundle.results for function in result.untested)
    lines += [
        _command(
            "notice", {"file": one.file, "line": str(one.first), "title": "No benchmark runs it"}, untested_line(one)
        )
        for one in list(untested)[:_MOST]
        if not _UNSAFE_FILE.search(one.file)
    ]
    altered = dict.fromkeys(line for result in bundle.results for line in alteration_lines(result.alterations))
    if altered:
        listed = [*(printable(line, _LONGEST_CAUSE) for line in list(altered)[:_MOST])]
        more = [f"and {len(altered) - _MOST} more"] if len(altered) > _MOST else []
        lines.append(_command("notice", {"title": TITLE}, "\n".join([*listed, *more])))
    return "".join(f"{line}\n" for line in lines)


def _weight(verdict: Verdict) -> tuple[int, float]:
    headroom = row(verdict).headroom
    return -verdict.severity, float("inf") if headroom is None else headroom


def _lines(level: str, verdicts: Sequence[Verdict], bundle: Bundle) -> Iterable[str]:
    for verdict in verdicts[:_MOST]:
        spelled = row(verdict)
        title = f"{spelled.label.upper()} {printable(spelled.title)}"
        yield _command(level, {**_place(verdict, bundle), "title": title}, _message(spelled))
    if len(verdicts) > _MOST:
        more = f"{len(verdicts) - _MOST} more like these are in the summary and in the JSON result"
        yield _command(level, {"title": f"{len(verdicts) - _MOST} more"}, more)


def _message(spelled: Row) -> str:
    metric = printable(spelled.estimator)
    limit = ", ".join(
        part for part in ("" if spelled.value else metric, printable(spelled.limit), spelled.beyond) if part
    )
    lines = [
        printable(spelled.benchmark) if spelled.title != spelled.benchmark else "",
        f"{metric}: {spelled.value} ({spelled.interval}; {spelled.basis})" if spelled.value else "",
        f"limit: {limit}" if spelled.limit else "",
        printable(spelled.reason, _LONGEST_REASON),
        *(printable(cause, _LONGEST_CAUSE) for cause in spelled.causes[:_MOST_CAUSES]),
        printable(spelled.advice, _LONGEST_REASON),
    ]
    return "\n".join(line for line in lines if line)


def _place(verdict: Verdict, bundle: Bundle) -> dict[str, str]:
    """Find file and line: what was changed where it got slower, else a slowdown's benchmark or a target's entry.

    GitHub shows an annotation in the difference of a pull request only on what that touches.
    """
    changed = changed_line(verdict.key, bundle.profiles) if verdict.severity is Severity.BROKEN else None
    at = repository_file(f"{changed.file}:{changed.line}", bundle.prefix) if changed is not None else ("", None)
    known = bundle.places.get(verdict.node_id or "")
    if not at[0] and known is not None and (verdict.kind is RuleKind.BUDGET or verdict.where is None):
        at = known.file, known.line
    if not at[0]:
        at = repository_file(verdict.where or "", bundle.prefix)
    if at[1] is None:
        path = (verdict.node_id or "").partition("::")[0]
        at = repository_file(path if path.endswith(".py") else "", bundle.prefix)
    file, line = at
    return {key: value for key, value in (("file", file), ("line", str(line or ""))) if value}


def repository_file(where: str, prefix: str) -> tuple[str, int | None]:
    """Split FILE:LINE into the file in the repository and the line, None without one; "" for what lies outside."""
    found = _WHERE.fullmatch(where)
    if found is None or _UNSAFE_FILE.search(found["file"]):
        return "", None
    return prefix + found["file"], int(found["line"]) if found["line"] else None


def _command(level: str, properties: dict[str, str], message: str) -> str:
    spelled = ",".join(
        f"{key}={printable(value, _LONGEST_PATH).translate(_PROPERTY)}" for key, value in properties.items()
    )
    return f"::{level} {spelled}::{without_commands(message).translate(_DATA)}"
