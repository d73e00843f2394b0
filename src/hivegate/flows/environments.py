"""An environment for each side of a comparison, made as the project makes its own: locked where there is a lock."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from hivegate.adopt.requirements import find_requirements, members, read_toml
from hivegate.decode import decode_json
from hivegate.errors import MeasureError, UsageError
from hivegate.measure.inputs import missing_data
from hivegate.model.diagnosis import Finding, State
from hivegate.model.events import Started
from hivegate.system import git, process
from hivegate.system.files import scratch_folder, write_atomic
from hivegate.system.programs import find_program
from hivegate.system.wheels import built_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hivegate.flows.project import Project
    from hivegate.model.events import ProgressCallback

SESSION_NEEDS = "HIVEGATE_SESSION_NEEDS"  # a variable: by it a Nox session hands on what its noxfile registers
_PATIENCE = 1800.0  # seconds of one step
_LAST = 12  # lines that tell why
_NEEDED = "pytest-benchmark"
_TOOK = "seconds"  # a file: how long the last two took
_FOREIGN = ("poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "conda-lock.yml", "environment.yml")
# What else says what is installed, where it is what a change alters; beside uv.lock it says nothing.
_FOREIGN_IF_CHANGED = re.compile(r"Pipfile|pixi\.toml|pylock\.(?:.*\.)?toml|environment.*\.ya?ml|requires\.txt")
_FOLDER = re.compile(r"(?:base|head)-(\d+)")


class SessionNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What is installed beside the project: `extras`, dependency `groups`, and `requirements`, as arguments of pip.

    A Nox session hands on what its noxfile registers; without one that is found in the project's files. Without
    `install` the project is run from its tree.
    """

    install: bool = True
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()

    @classmethod
    def find(cls, tree: Path) -> SessionNeeds:
        """Take what the session says, else what the tree's own files say. Raises `UsageError` for a broken variable."""
        given = os.environ.get(SESSION_NEEDS)
        if given is not None:
            return decode_json(given.encode(), cls, where=SESSION_NEEDS, error=UsageError)
        found = find_requirements(tree)
        return cls(
            extras=(found.extra,) if found.extra else (),
            groups=(found.group,) if found.group else (),
            requirements=(*(("-r", found.file) if found.file else ()), *(() if found.complete else (_NEEDED,))),
        )

    @property
    def extra(self) -> str:
        """Spell the extras behind a name."""
        return f"[{','.join(self.extras)}]" if self.extras else ""


class Environments(msgspec.Struct, frozen=True, kw_only=True):
    """The interpreters of both sides, and the `distribution` that was built for them; "" where none was."""

    pythons: dict[str, str]
    distribution: str = ""


class Installer(msgspec.Struct, frozen=True, kw_only=True):
    """How environments are made here: by uv where it is, which takes seconds, else by venv and pip."""

    python: str
    uv: str | None

    @classmethod
    def find(cls, python: str) -> Installer:
        """Find what there is, for environments of an interpreter."""
        return cls(python=python, uv=find_program("uv"))

    def build_command(self, python: str) -> list[str]:
        """Make the command that builds a wheel of the folder it runs in, into the folder named behind."""
        if self.uv is not None:
            return [self.uv, "build", "--quiet", "--wheel", "--python", python, "--out-dir"]
        return [python, "-m", "pip", "wheel", "--quiet", "--no-deps", ".", "--wheel-dir"]

    def build_requirements(self, tree: Path) -> str:
        """Resolve what builds a tree: another Cython makes another binary. Without uv those of today stand for it."""
        declared = read_toml(tree / "pyproject.toml").get("build-system", {}).get("requires", ["setuptools"])
        asked = "\n".join(word for word in declared if isinstance(word, str))
        if self.uv is None:
            return f"{asked}\n{dt.datetime.now(dt.UTC).date()}"
        with scratch_folder() as folder:
            file = folder / "build.txt"
            file.write_text(asked, encoding="utf-8")
            options = ("--quiet", "--no-header", "--no-annotate", "--python", self.python)
            return _run([self.uv, "pip", "compile", *options, str(file)], tree)

    def create(self, folder: Path, tree: Path) -> str:
        """Make an empty environment; returns its interpreter."""
        if self.uv is not None:
            _run([self.uv, "venv", "--quiet", "--python", self.python, str(folder)], tree)
        else:
            _run([self.python, "-m", "venv", str(folder)], tree)
        return str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")

    def install(self, python: str, words: Sequence[str], tree: Path) -> None:
        """Install into an environment what the words ask for, from the index that is configured."""
        if self.uv is not None:
            _run([self.uv, "pip", "install", "--quiet", "--python", python, *words], tree)
        else:
            _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words], tree)


def lock_of(tree: Path) -> Path | None:
    """Find the uv.lock of a project, or of the workspace that it is a member of."""
    top = git.root_of(tree).resolve()
    for folder in (tree.resolve(), *tree.resolve().parents):
        if (folder / "uv.lock").is_file():
            return folder / "uv.lock"
        if folder == top:
            break
    return None


def make_environments(
    trees: Mapping[str, Path],
    folder: Path,
    python: str,
    build: Sequence[str],
    on_progress: ProgressCallback,
    *,
    changed: Sequence[str] = (),
) -> Environments:
    """Make an environment of each side with what its own tree asks for, and the project built from it.

    They stay in `folder` for a profile, until the next are made. With `build` the trees are run in place, and so the
    project itself is not installed. `changed` are files of which the two sides hold different ones. Raises
    `MeasureError` with the last words of what failed, and for what nothing is installed from.
    """
    _remove_stale(folder)
    installer = Installer.find(python)
    unlocked = [tree for tree in trees.values() if lock_of(tree) is None]
    foreign = [name for tree in unlocked for name in _FOREIGN if (tree / name).exists()]
    foreign += [name for name in changed if unlocked and _FOREIGN_IF_CHANGED.fullmatch(PurePosixPath(name).name)]
    if foreign:
        raise MeasureError(f"hivegate does not install from {foreign[0]}")
    pythons, built, begin = {}, "", time.monotonic()
    for side, tree in trees.items():
        on_progress(Started(stage=f"installing {side}'s environment"))
        pythons[side], built = _make(side, tree, folder, installer, build=build)
    write_atomic(folder / _TOOK, f"{time.monotonic() - begin:.0f}", error=MeasureError)
    return Environments(pythons=pythons, distribution=built)


def make_release_environments(
    project: Path,
    releases: Mapping[str, tuple[str, str]],
    python: str,
    on_progress: ProgressCallback,
    *,
    replaces_project: bool,
) -> dict[str, str]:
    """Make an environment of each side with what the suite at hand asks for, and in it a release from the index.

    `releases` have a name and a version, by side. The project at hand is installed, editable, unless the release
    `replaces_project`. Returns the interpreters by side. Raises `MeasureError` with the last words of what failed.
    """
    folder = project / ".hivegate" / "environments"
    _remove_stale(folder)
    installer, pythons = Installer.find(python), {}
    needs = SessionNeeds.find(project)
    for side, (name, version) in releases.items():
        on_progress(Started(stage=f"installing {name} {version}"))
        place = _emptied(folder, side)
        pythons[side] = made = installer.create(place, project)
        words = _dependencies(project, place, needs, installer)
        if needs.install and _is_packaged(project) and not replaces_project:
            words += ["-e", f".{needs.extra}"]
        installer.install(made, words, project)
        wanted = f"{name}{needs.extra if replaces_project else ''}=={version}"
        try:
            installer.install(made, [wanted], project)  # last, whatever the suite's own files ask for
        except MeasureError as fault:
            raise MeasureError(
                f"{wanted} cannot be installed: {fault.message}",
                where=side,
                hint=f"{fault.hint}\n  the releases that the index has: pip index versions {name}",
            ) from fault
    return pythons


def what_base_gets(project: Project) -> Finding:
    """Say what a base gets whose environment must differ from head's, and how long that took here the last time."""
    needs = find_requirements(project.folder)
    lock, installer = lock_of(project.folder), Installer.find("python")
    took = project.folder / ".hivegate" / "environments" / _TOOK
    last = f"both took {took.read_text()} s here the last time" if took.is_file() else "none was made here yet"
    if project.settings.build:
        built = f"runs {shlex.join(project.settings.build)} in each tree"
    else:
        built = (
            "builds a wheel of each tree, kept by content" if _is_packaged(project.folder) else "installs no project"
        )
    named = (needs.group and f"the group {needs.group}", needs.extra and f"the extra {needs.extra}", needs.file)
    what = "what uv.lock says" if lock is not None else next(filter(None, named), _NEEDED)
    foreign = [name for name in _FOREIGN if lock is None and (project.folder / name).exists()]
    if foreign or (lock is not None and installer.uv is None):
        remedy = "compare with --base-python" if foreign else "pip install uv, or compare with --base-python"
        found = f"cannot be made from {foreign[0] if foreign else 'uv.lock without uv'}; what needs it is inconclusive"
        return Finding(name="base", state=State.LIMITED, found=found, remedy=remedy)
    tool = "uv" if installer.uv is not None else "venv and pip"
    slow = "" if installer.uv is not None else "pip install uv: it makes both environments in seconds"
    found = f"where its dependencies or build differ, {tool} installs {what} and {built}; {last}"
    return Finding(name="base", state=State.GOOD, found=found, remedy=slow)


def head_beside(base_python: str | None) -> str | None:
    """Find the interpreter of head's environment that was made together with base's; None where none was."""
    if base_python is None:
        return None
    place = Path(base_python).parents[1]
    named = _FOLDER.fullmatch(place.name)
    made = named is not None and place.parent.name == "environments" and place.parent.parent.name == ".hivegate"
    head = place.with_name(place.name.replace("base", "head")) / Path(base_python).relative_to(place)
    return str(head) if made and head.exists() else None


def _make(side: str, tree: Path, folder: Path, installer: Installer, *, build: Sequence[str]) -> tuple[str, str]:
    """Make one side's environment; returns its interpreter, and the name of the distribution that was built."""
    needs = SessionNeeds.find(tree)
    if missing := missing_data(tree):
        raise MeasureError(f"git does not hold {missing[0]} in a checkout (a submodule, or Git LFS)", where=side)
    place = _emptied(folder, side)
    python = installer.create(place, tree)
    words = _dependencies(tree, place, needs, installer)
    packaged, built = needs.install and _is_packaged(tree), ""
    if packaged and not build:
        made_of = f"{installer.build_requirements(tree)}\n{installer.python}"
        wheel = built_wheel(tree, python, installer.build_command(python), made_of)
        built = wheel.name.partition("-")[0]  # which setup.py may compute
        words.append(f"{wheel}{needs.extra}")
    elif packaged:
        words += ["-e", f".{needs.extra}"]
    installer.install(python, words, tree)
    return python, built


def _emptied(folder: Path, side: str) -> Path:
    """Name the place of a side's environment, with nothing there."""
    place = folder / f"{side}-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    return place


def _is_packaged(tree: Path) -> bool:
    """Tell whether a project says how it is built; one that does not is run from its folder."""
    return "build-system" in read_toml(tree / "pyproject.toml") or any(
        (tree / name).is_file() for name in ("setup.py", "setup.cfg")
    )


def _dependencies(tree: Path, place: Path, needs: SessionNeeds, installer: Installer) -> list[str]:
    """List what is installed beside the project: of the lock where there is one, else what its files ask for."""
    lock = lock_of(tree)
    if lock is not None:
        if installer.uv is None:
            raise MeasureError("uv.lock is read by uv, which is not installed", hint="pip install uv")
        exported = place / "locked.txt"
        chosen = [
            *(word for group in needs.groups for word in ("--group", group)),
            *(word for extra in needs.extras for word in ("--extra", extra)),
        ]
        options = (
            "--quiet",
            "--frozen",
            "--no-hashes",
            "--no-header",
            "--no-emit-project",
            "--python",
            installer.python,
        )
        _run([installer.uv, "export", *options, *chosen, "--output-file", str(exported)], tree)
        has = f"{_NEEDED}==" in exported.read_text()
        return ["-r", str(exported), *(word for word in needs.requirements if not (has and word == _NEEDED))]
    document = read_toml(tree / "pyproject.toml")
    table = document.get("dependency-groups", {})
    words = [*needs.requirements, *(word for group in needs.groups for word in members(group, table))]
    if not (needs.install and _is_packaged(tree)):  # what it asks for comes with no wheel of it
        declared = document.get("project", {}).get("dependencies", [])
        words += [word for word in declared if isinstance(word, str)]
        if "-r" not in needs.requirements and (tree / "requirements.txt").is_file():
            words += ["-r", "requirements.txt"]
    return words


def build_in_place(tree: Path, command: Sequence[str], python: str) -> None:
    """Run the project's own build command in a tree, with an environment's programs before all others.

    Raises `MeasureError` with its last words.
    """
    scripts = str(Path(python).parent) if Path(python).name != python else ""
    path = os.pathsep.join(part for part in (scripts, os.environ.get("PATH", "")) if part)
    _run(list(command), tree, {**os.environ, "PATH": path})


def _run(command: list[str], tree: Path, environment: Mapping[str, str] | None = None) -> str:
    ended = process.run(command, cwd=tree, env=environment, overdue=process.deadline(_PATIENCE))
    if ended.returncode != 0:
        last = "\n  ".join(ended.output.strip().splitlines()[-_LAST:])
        raise MeasureError(
            f"{Path(command[0]).name} {' '.join(command[1:3])} {ended.cause}", where=str(tree), hint=last
        )
    return ended.output


def _remove_stale(folder: Path) -> None:
    write_atomic(folder / ".gitignore", "*\n", error=MeasureError)
    for place in folder.iterdir():
        named = _FOLDER.fullmatch(place.name)
        if named is not None and (int(named[1]) == os.getpid() or not process.is_alive(int(named[1]))):
            shutil.rmtree(place, ignore_errors=True)
