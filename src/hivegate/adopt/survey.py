"""What there is to see in a project before anyone is asked."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hivegate.adopt.requirements import Requirements, find_requirements, read_toml
from hivegate.adopt.suites import Suites, find_suites
from hivegate.errors import UsageError
from hivegate.system import git

_OTHER_CI = {
    ".gitlab-ci.yml": "GitLab",
    "azure-pipelines.yml": "Azure Pipelines",
    "bitbucket-pipelines.yml": "Bitbucket",
    ".circleci": "CircleCI",
    "Jenkinsfile": "Jenkins",
}


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A project as it is: its folder, the repository around it, its suites, and what they need.

    `folder` and `repository` are resolved; `repository` is None outside one. `other_ci` names a service where the
    project uses one and not GitHub's. `configured` says that pyproject.toml has [tool.hivegate].
    """

    folder: Path
    repository: Path | None
    branch: str | None
    suites: Suites
    requirements: Requirements
    other_ci: str | None = None
    configured: bool = False

    @property
    def place(self) -> str:
        """The project's folder in its repository; "." at its root."""
        return self.folder.relative_to(self.repository).as_posix() if self.repository else "."


def survey(folder: Path) -> Survey:
    """Look at a project; raises `UsageError` for a pyproject.toml that is none."""
    folder = folder.resolve()
    repository = _repository(folder)
    return Survey(
        folder=folder,
        repository=repository,
        branch=git.default_branch(folder) if repository else None,
        suites=find_suites(folder),
        requirements=find_requirements(folder),
        other_ci=None if repository is None else _other_ci(repository),
        configured="hivegate" in read_toml(folder / "pyproject.toml").get("tool", {}),
    )


def _repository(folder: Path) -> Path | None:
    try:
        found = git.toplevel(folder).resolve()
    except UsageError:
        return None
    return found if folder.is_relative_to(found) else None


def _other_ci(repository: Path) -> str | None:
    if (repository / ".github").is_dir():
        return None
    return next((name for file, name in _OTHER_CI.items() if (repository / file).exists()), None)
