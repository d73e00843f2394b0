"""Nox sessions for other projects: ``hivegate.sessions.register()`` in a noxfile.

hivegate runs where Nox runs, which is where the noxfile imported this module from; the session's environment holds the
project and pytest-benchmark, and its interpreter goes to hivegate as ``--python``. So what a project pins, numpy below
2 or a pytest of its own, never meets what hivegate needs, and one hivegate measures every Python.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import nox

from hivegate.flows.environments import SESSION_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["register"]

# Beside the project: scalene and memray run inside of the measured process, and py-spy is looked for on the PATH.
_PROFILERS = ("py-spy>=0.4", "scalene>=2.2", "memray>=1.11")


def register(  # noqa: PLR0913  each is an option of its own, all by name
    *,
    folder: str = ".",
    paths: Sequence[str] = (),
    targets: str | None = None,
    install: bool = True,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
    requirements: Sequence[str] = (),
    python: str | Sequence[str] | None = None,
    venv_backend: str | None = None,
    prefix: str = "",
    suffix: str = "",
) -> None:
    """Register the sessions bench, compare, profile, aa-test, report and verdict.

    Arguments after ``--`` go to the command of the same name. `folder` is the project's, relative to the noxfile's;
    `paths` and `targets` are from `folder`, and those of [tool.hivegate] without them. The environment holds
    pytest-benchmark, the project, editable, with `extras` unless `install` is false, the dependency `groups` of its
    pyproject.toml, and `requirements`, which are arguments of pip. With the backend none it is the environment
    around Nox, unchanged. `prefix` and `suffix` go around the sessions' names.

    Raises `ValueError` for a folder that is not there, for a name that is taken and for an unknown group.
    """
    project = Path(folder)
    if not project.is_dir():
        raise ValueError(f"hivegate.sessions.register: no folder {folder!r} next to the noxfile")
    words = _words(project, install=install, extras=extras, groups=groups, requirements=requirements)
    needs = {
        "install": install,
        "extras": [*extras],
        "groups": [*groups],
        "requirements": ["pytest-benchmark", *requirements],
    }
    where = [word for path in paths for word in ("--path", path)]
    which = [] if targets is None else ["--targets", targets]

    def measuring(command: str, given: Sequence[str]) -> Callable[[nox.Session], None]:
        def work(session: nox.Session) -> None:
            session.chdir(project)
            profiles = command == "profile" or any(word.startswith("--on-fail") for word in session.posargs)
            if session.virtualenv.is_sandboxed:
                session.install(*words, *(_PROFILERS if profiles else ()))
            subject = shutil.which("python", path=os.pathsep.join(session.bin_paths) if session.bin_paths else None)
            # What base gets where its environment has to differ from this one.
            variables = {SESSION_NEEDS: json.dumps(needs)} if session.virtualenv.is_sandboxed else {}
            _hivegate(session, command, "--python", subject or "python", *given, variables=variables)

        return work

    def reading(command: str) -> Callable[[nox.Session], None]:
        def work(session: nox.Session) -> None:
            session.chdir(project)
            _hivegate(session, command)

        return work

    at = f" of {folder}" if folder != "." else ""
    for command, work, does in (
        ("bench", measuring("bench", [*paths, *which]), "Run the benchmarks{} and check them against targets.yaml."),
        ("compare", measuring("compare", [*where, *which]), "Compare this revision{} with its base: -- [BASE]."),
        ("profile", measuring("profile", where), "Profile the benchmarks{} that failed, or -- SELECTOR."),
        (
            "aa-test",
            measuring("aa-test", [*where, *which]),
            "Compare this tree{} with itself: report the noise and what can be detected.",
        ),
    ):
        _register(f"{prefix}{command}{suffix}", work, does.format(at), python=python, venv_backend=venv_backend)
    for command, does in (
        ("report", "Render the latest result{}."),
        ("verdict", "Combine results{}: the worst decides the exit status."),
    ):
        _register(f"{prefix}{command}{suffix}", reading(command), does.format(at), python=False)


def _words(
    project: Path, *, install: bool, extras: Sequence[str], groups: Sequence[str], requirements: Sequence[str]
) -> list[str]:
    """Return the arguments for pip, relative to the project's folder."""
    words = ["pytest-benchmark", *requirements]
    if install:
        words += ["-e", f".[{','.join(extras)}]" if extras else "."]
    if groups:
        try:
            words += nox.project.dependency_groups(nox.project.load_toml(project / "pyproject.toml"), *groups)
        except (LookupError, FileNotFoundError) as fault:
            raise ValueError(f"hivegate.sessions.register: {project / 'pyproject.toml'}: {fault}") from fault
    return words


def _register(
    name: str,
    work: Callable[[nox.Session], None],
    does: str,
    *,
    python: str | Sequence[str] | bool | None,
    venv_backend: str | None = None,
) -> None:
    if name in nox.registry.get():
        raise ValueError(
            f"hivegate.sessions.register: a session named {name} already exists: pass a prefix or a suffix"
        )
    work.__doc__ = does
    nox.session(python=python, name=name, venv_backend=venv_backend, reuse_venv=True, default=False)(work)


def _hivegate(
    session: nox.Session, command: str, *words: str, variables: Mapping[str, str] = MappingProxyType({})
) -> None:
    # -P: the project's folder, where we are, must not lend hivegate its modules.
    session.run(sys.executable, "-P", "-m", "hivegate", command, *words, *session.posargs, external=True, env=variables)
