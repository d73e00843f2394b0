"""The rules that judge a change: those of its base, read from git, and its own; and what it alters of them."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.errors import HivegateError, TargetsError, UsageError
from hivegate.flows.project import Project, Settings, read_settings
from hivegate.judge import altered_rules, judge_by_both
from hivegate.measure.revisions import find_base
from hivegate.model.alteration import Alteration, AlterationKind, LoosenedRules
from hivegate.model.targets import Targets
from hivegate.system import git
from hivegate.system.files import MEBIBYTE, read_bytes
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hivegate.model.verdict import GateResult

_SHORT = 7  # characters of a sha that a reader sees
# A pyproject.toml that is not the project's own is pytest's where it lies above or below.
_PYTEST_FILES = frozenset(
    {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg", "pyproject.toml"}
)
_STARTUP_FILES = frozenset({"sitecustomize.py", "usercustomize.py", "setup.py"})
_WORKFLOWS = (".github/workflows/", ".github/actions/", ".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile", ".ci/")
# How code asks whether it is measured: by our worker, by base's tree, or by pytest.
_ASKING = re.compile(
    r"_hivegate_worker|\.hivegate\b|PYTEST_(?:CURRENT_TEST|VERSION)"
    r"|[\"']_?pytest[\"'].{0,40}sys\.modules|sys\.modules.{0,40}[\"']_?pytest[\"']"
)
# Tables of pyproject.toml that decide what is measured, and by what.
_PYPROJECT = (("tool", "pytest"), ("project", "entry-points"), ("build-system",))


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what judges: head's targets, base's where a base is known and has some, and what head alters.

    `base_text` is the text of base's targets.yaml; `paths` are where base's settings say that benchmarks are, and
    `exclude` what they leave out, None where head's own settings count; `settings` are base's, where a base is
    known; `loosened` is base's policy, never head's.
    """

    head: Targets
    base: Targets | None = None
    base_text: str | None = None
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] | None = None
    settings: Settings | None = None
    loosened: LoosenedRules = LoosenedRules.REVIEW
    alterations: tuple[Alteration, ...] = ()

    @property
    def measured(self) -> Targets:
        """What is to be measured: whatever either asks for."""
        if self.base is None:
            return self.head
        asked = (*self.head.targets, *self.base.targets)
        return msgspec.structs.replace(self.head, targets=asked, confidence=self.confidence)

    @property
    def confidence(self) -> float:
        """The higher confidence of the two."""
        return self.head.confidence if self.base is None else max(self.head.confidence, self.base.confidence)

    def judging(self, project: Project) -> Project:
        """Give a project the settings that it is judged by: base's history, and as many passes as either asks for."""
        head, base = project.settings, self.settings or project.settings
        settings = msgspec.structs.replace(
            head,
            history=base.history,
            passes=max(head.passes, base.passes),
            max_passes=max(head.max_passes, base.max_passes),
        )
        return msgspec.structs.replace(project, settings=settings)

    def judge(self, judge: Callable[[Targets], GateResult]) -> GateResult:
        """Judge by both; the stricter counts."""
        return judge_by_both(self.head, self.base, judge, loosened=self.loosened, alterations=self.alterations)

    def judges(self, change: Callable[[Targets], Targets]) -> Rules:
        """Change both targets alike."""
        base = None if self.base is None else change(self.base)
        return msgspec.structs.replace(self, head=change(self.head), base=base)


def rules_of_revision(project: Project, targets: Targets, given: Path | None, revision: str | None) -> Rules:
    """Read the rules of a revision as `--base-rules` names it; without one head's own judge.

    Raises `UsageError` for what is no revision and `MeasureError` for one that this clone lacks.
    """
    if revision is None:
        return Rules(head=targets)
    return rules_of_base(project, targets, given, find_base(project.folder, revision).sha)


def rules_of_measured(project: Project, targets: Targets, given: Path | None, revision: str | None) -> Rules:
    """Read the same of what was measured elsewhere; where this is no repository head's judge, and that is said."""
    if revision is None or git.describe(project.folder) is not None:
        return rules_of_revision(project, targets, given, revision)
    said = "this folder is in no git repository, so base's are unknown and this change's own limits judge"
    return Rules(head=targets, alterations=(Alteration(kind=AlterationKind.NO_BASE_RULES, name="base", after=said),))


def rules_of_base(project: Project, targets: Targets, given: Path | None, sha: str | None) -> Rules:
    """Read the rules of a base's commit: its settings, its targets, and what is no longer as there.

    `given` is a targets file that was asked for by name; one outside the repository is whoever asked's, not head's.
    """
    if sha is None:
        return Rules(head=targets)
    found = _read_toml(project.folder, sha)
    settings, alterations = _settings(found, sha)
    file = _targets_path(project, settings, given)
    text, missing = (None, ()) if file is None else _targets(project, sha, file, given)
    base = None if text is None else parse_targets(text, f"{sha[:_SHORT]}:{file}")
    altered = () if base is None else altered_rules(base, targets)
    own = _Altered(project, settings, found, sha)
    return Rules(
        head=targets,
        base=base,
        base_text=text,
        paths=settings.paths,
        exclude=None if text is None else settings.exclude,
        settings=settings,
        loosened=settings.loosened_rules,
        alterations=(*missing, *altered, *alterations, *own.settings(), *own.files(file)),
    )


def _read_toml(folder: Path, sha: str) -> dict[str, Any] | None:
    """Read base's pyproject.toml; None where there is none, or none that can be read."""
    try:
        text = git.read_file(folder, sha, "pyproject.toml")
        return None if text is None else tomllib.loads(text)
    except (UsageError, ValueError, RecursionError):
        return None


def _settings(document: dict[str, Any] | None, sha: str) -> tuple[Settings, tuple[Alteration, ...]]:
    try:
        return (Settings() if document is None else read_settings(document, f"{sha[:_SHORT]}:pyproject.toml")), ()
    except HivegateError as fault:
        unread = Alteration(kind=AlterationKind.NO_BASE_RULES, name="[tool.hivegate] of base", after=str(fault))
        return Settings(), (unread,)


def _targets_path(project: Project, settings: Settings, given: Path | None) -> str | None:
    """Name the targets file of base, from the project's folder; None for one that is outside the repository."""
    if given is None:
        return settings.targets
    file, top = Path(given).resolve(), git.root_of(project.folder).resolve()
    return Path(os.path.relpath(file, project.folder)).as_posix() if file.is_relative_to(top) else None


def _targets(project: Project, sha: str, file: str, given: Path | None) -> tuple[str | None, tuple[Alteration, ...]]:
    """Read the text of base's targets; where there are none head's judge, and that is said if it has some."""
    where = f"{sha[:_SHORT]}:{file}"
    try:
        text = git.read_file(project.folder, sha, file)
        if text is not None:
            parse_targets(text, where)
            return text, ()
        if project.find_targets_file(given) is None:
            return None, ()
        said = "base has no such file, so this change's own limits judge"
    except (TargetsError, UsageError) as fault:
        said = f"base's cannot be read, so this change's own limits judge: {fault.message}"
    return None, (Alteration(kind=AlterationKind.NO_BASE_RULES, name=file, after=said),)


class _Altered:
    """What is no longer as in a base: settings, and the files that measure."""

    def __init__(self, project: Project, settings: Settings, document: dict[str, Any] | None, sha: str) -> None:
        self._project = project
        self._base = settings
        self._document = document or {}
        self._sha = sha

    def settings(self) -> Iterable[Alteration]:
        """List the settings of hivegate that differ."""
        for field in msgspec.structs.fields(Settings):
            before, after = (getattr(each, field.name) for each in (self._base, self._project.settings))
            if before != after:
                was, now = ("" if value is None else _shown(value) for value in (before, after))
                name = f"[tool.hivegate] {field.encode_name}"
                yield Alteration(kind=AlterationKind.SETTING, name=name, before=was, after=now)

    def files(self, targets: str | None) -> Iterable[Alteration]:
        """List the changed files that measure, by kind; targets.yaml is listed by its entries instead."""
        folder, top = self._project.folder.resolve(), git.root_of(self._project.folder).resolve()
        inside = PurePosixPath(folder.relative_to(top).as_posix())
        benches = tuple(inside / path for path in dict.fromkeys((*self._base.paths, *self._project.settings.paths)))
        altered: list[Alteration] = []
        for name in git.changed_files(folder, self._sha):
            path = PurePosixPath(name)
            kind = None if targets is not None and path == inside / targets else _kind(path, benches)
            if path == inside / "pyproject.toml":
                altered += self._tables(name)
            elif kind is not None:
                altered.append(Alteration(kind=kind, name=name))
            elif path.suffix == ".py" and self._asks(top, name):
                altered.append(Alteration(kind=AlterationKind.ASKING, name=name))
        kinds = list(AlterationKind)
        return sorted(altered, key=lambda alteration: kinds.index(alteration.kind))

    def _asks(self, top: Path, name: str) -> bool:
        """Tell whether a file asks for signs of a measurement more often than in base; who hides that is not found."""
        try:
            text = read_bytes(top / name, limit=MEBIBYTE, error=UsageError).decode(errors="replace")
            here = len(_ASKING.findall(text))
            return here > 0 and here > len(_ASKING.findall(git.read_file(top, self._sha, name) or ""))
        except UsageError:  # it was removed, or is too large for a source
            return False

    def _tables(self, name: str) -> Iterable[Alteration]:
        try:
            head = tomllib.loads((self._project.folder / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):  # it was read before, so somebody is writing it
            head = {}
        for keys in _PYPROJECT:
            before, after = (_table(document, keys) for document in (self._document, head))
            if before != after:
                kind = AlterationKind.PYTEST if "pytest" in keys else AlterationKind.STARTUP
                yield Alteration(kind=kind, name=f"{name} [{'.'.join(keys)}]")


def _shown(value: object) -> str:
    if isinstance(value, LoosenedRules):
        return value.value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _table(document: object, keys: Sequence[str]) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _kind(path: PurePosixPath, benches: Sequence[PurePosixPath]) -> AlterationKind | None:
    kinds = {
        # Of other folders pytest loads none when it runs the benchmarks.
        AlterationKind.CONFTEST: path.name == "conftest.py"
        and any(one.is_relative_to(path.parent) or path.is_relative_to(one) for one in benches),
        AlterationKind.PYTEST: path.name in _PYTEST_FILES,
        AlterationKind.STARTUP: path.name in _STARTUP_FILES or path.suffix == ".pth",
        AlterationKind.NOXFILE: path.name == "noxfile.py",
        AlterationKind.SETTING: ".hivegate" in path.parts,  # results and a history that nobody measured here
        AlterationKind.WORKFLOW: str(path).startswith(_WORKFLOWS),
        AlterationKind.BENCHMARK: any(path.is_relative_to(folder) for folder in benches),
    }
    return next((kind for kind, applies in kinds.items() if applies), None)
