"""Where this hivegate came from, as its installer wrote it down: what others have to install and to call."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from hivegate.system import git

_GITHUB = re.compile(r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


class _Vcs(msgspec.Struct):
    vcs: str
    commit_id: str


class _DirectUrl(msgspec.Struct):
    """What PEP 610 records of an installation that came from no index."""

    url: str
    vcs_info: _Vcs | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """How to install this hivegate again, and its repository on GitHub and commit where they are known.

    `local` says that the requirement is a folder of this machine.
    """

    requirement: str
    repository: str | None = None
    commit: str | None = None
    local: bool = False


def find_origin() -> Origin:
    """Ask the installed distribution and, where it is a checkout, git."""
    distribution = metadata.distribution("hivegate")
    text = distribution.read_text("direct_url.json")
    try:
        told = msgspec.json.decode(text, type=_DirectUrl) if text else None
    except msgspec.DecodeError:
        told = None
    return origin_of(told.url, told.vcs_info, distribution.version) if told else _indexed(distribution.version)


def origin_of(url: str, vcs: _Vcs | None, version: str) -> Origin:
    """Derive the origin from what an installer recorded."""
    if vcs is not None:
        requirement = f"hivegate @ {vcs.vcs}+{url}@{vcs.commit_id}"
        return Origin(requirement=requirement, repository=_repository(url), commit=vcs.commit_id)
    parts = urlsplit(url)
    if parts.scheme != "file":
        return Origin(requirement=f"hivegate @ {url}")
    folder = Path(unquote(parts.path))
    if not folder.is_dir():
        return msgspec.structs.replace(_indexed(version), requirement=f"hivegate @ {url}", local=True)
    revision, remote = git.describe(folder), git.remote(folder)
    shared = git.ask(folder, "remote", "get-url", remote) if remote else None
    return Origin(
        requirement=f"hivegate @ {url}",
        repository=_repository(shared) if shared else None,
        commit=revision.sha if revision else None,
        local=True,
    )


def published(origin: Origin, repository: str) -> Origin:
    """Give the origin that hivegate has once it is in a repository on GitHub, at the same commit."""
    if origin.commit is None:
        return msgspec.structs.replace(origin, repository=repository)
    requirement = f"hivegate @ git+https://github.com/{repository}@{origin.commit}"
    return Origin(requirement=requirement, repository=repository, commit=origin.commit)


def _indexed(version: str) -> Origin:
    return Origin(requirement=f"hivegate=={version}")


def _repository(url: str) -> str | None:
    found = _GITHUB.match(url)
    return found[1] if found else None
