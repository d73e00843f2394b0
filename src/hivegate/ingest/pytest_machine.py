"""Where and when a pytest-benchmark result was made.

Hooks of a project may write anything here, and no verdict rests on it: what is not of the known form is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.model.run import Commit, Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

# pytest-benchmark's words for a revision or a branch that it does not know.
_NO_REVISION = {"", "unversioned", "unknown"}
_LARGEST = 2**20  # bytes; what is longer tells nothing of a machine
_NO_BRANCH = {"", "(unknown)", "(detached head)"}


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The tool with its version, the time, the revision and the machine."""

    source: str
    created: str | None
    commit: Commit | None
    environment: Environment


def read_origin(members: Mapping[str, msgspec.Raw]) -> Origin:
    """Read what the top level tells beside the benchmarks."""
    version = _text(_loose(members.get("version")))
    return Origin(
        source=f"pytest-benchmark {version}" if version else "pytest-benchmark",
        created=_text(_loose(members.get("datetime"))),
        commit=_commit(_mapping(_loose(members.get("commit_info")))),
        environment=_environment(_mapping(_loose(members.get("machine_info")))),
    )


def _commit(info: dict[str, Any]) -> Commit | None:
    sha = _text(info.get("id"))
    if sha is None or sha in _NO_REVISION:
        return None
    branch = _text(info.get("branch"))
    return Commit(sha=sha, branch=None if branch in _NO_BRANCH else branch, dirty=info.get("dirty") is True)


def _environment(info: dict[str, Any]) -> Environment:
    cpu = _mapping(info.get("cpu"))
    cores = cpu.get("count")
    system = [text for key in ("system", "release") if (text := _text(info.get(key)))]
    return Environment(
        cpu=_text(cpu.get("brand_raw")) or _text(cpu.get("brand")),
        cores=cores if type(cores) is int and cores > 0 else None,
        os=" ".join(system) or None,
        python=_text(info.get("python_version")),
        implementation=_text(info.get("python_implementation")),
    )


def _loose(raw: msgspec.Raw | None) -> object:
    try:
        return None if raw is None or len(memoryview(raw)) > _LARGEST else msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
