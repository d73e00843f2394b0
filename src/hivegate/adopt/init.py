"""hivegate init: from what is seen and measured to the files that a project needs."""

from __future__ import annotations

import datetime as dt
import platform
from typing import TYPE_CHECKING

import msgspec

from hivegate.adopt import documents
from hivegate.adopt.cures import cure
from hivegate.adopt.limits import Limits, Plan, derive_limits
from hivegate.adopt.targets_text import targets_text
from hivegate.adopt.writing import File, State, ignored_by_git, new_file, settings
from hivegate.instruments.estimates import estimate_targets
from hivegate.judge import judge
from hivegate.model.diagnosis import Noise
from hivegate.model.run import Run, TestOutcome
from hivegate.model.targets import SpeedReference
from hivegate.model.verdict import Outcome
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from pathlib import Path

    from hivegate.adopt.origin import Origin
    from hivegate.adopt.survey import Survey
    from hivegate.measure.subject import Subject

DEFAULT_PATHS = ("benches",)
_ENVIRONMENTS = (".venv", "venv")  # that a venv of Python before 3.13 does not hide from git itself


class FirstMeasurement(msgspec.Struct, frozen=True, kw_only=True):
    """A first run, how the suite will be judged, and the machine's noise and speed, where they could be measured."""

    run: Run
    noise: Noise | None
    plan: Plan
    reference: SpeedReference | None = None


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """The files in the order in which they are told, and what a person should know of them."""

    files: tuple[File, ...]
    notes: tuple[str, ...]


def adopt(seen: Survey, origin: Origin, subject: Subject, targets: Path, measured: FirstMeasurement | None) -> Adoption:
    """Plan everything; without a measurement targets.yaml is left as it is."""
    files, notes = list(_settings(seen, subject.paths)), list(_of_survey(seen))
    if measured is None:
        kept = "it is not as init wrote it, so nothing was measured"
        files.append(File(path=targets, text="", state=State.KEPT, why=kept))
    else:
        limits = derive_limits(measured.run, measured.plan, measured.reference)
        text = targets_text(measured.run, limits, measured.noise, measured.reference)
        files.append(new_file(targets, text))
        notes += [*_of_limits(limits), *_of_missing(seen, subject, limits), *_of_verdict(measured, text)]
    noxfile = _noxfile(seen, origin)
    workflows, why = _workflows(seen, origin, measured)
    files += [noxfile, *workflows]
    if seen.repository is not None:
        ours: tuple[str, ...] = (".hivegate/", ".nox/") if noxfile.state is State.NEW else (".hivegate/",)
        ours += tuple(f"{name}/" for name in _ENVIRONMENTS if (seen.folder / name / "pyvenv.cfg").is_file())
        # An editable install leaves one in the project, where its packages begin.
        ours += ("*.egg-info/",) if any(any((seen.folder / part).glob("*.egg-info")) for part in ("", "src")) else ()
        files.append(ignored_by_git(seen.folder / ".gitignore", ours))
    return Adoption(files=tuple(files), notes=(*notes, *_of_noxfile(seen, origin, noxfile), *why))


def _settings(seen: Survey, paths: tuple[str, ...]) -> list[File]:
    if paths == DEFAULT_PATHS:
        return []
    return [settings(seen.folder / "pyproject.toml", paths, configured=seen.configured)]


def _noxfile(seen: Survey, origin: Origin) -> File:
    return new_file(seen.folder / "noxfile.py", documents.noxfile_text(origin, seen.requirements))


def _workflows(seen: Survey, origin: Origin, measured: FirstMeasurement | None) -> tuple[list[File], list[str]]:
    """Plan the workflows, or return why there are none."""
    if seen.repository is None:
        return [], ["no workflow, because this is not a git repository. hivegate compare needs one, too: git init"]
    if seen.other_ci is not None:
        return [], [
            f"no workflow, because this project uses {seen.other_ci}. Run there: hivegate bench && hivegate compare"
        ]
    if origin.commit is None:
        return [], ["no workflow, because the commit of this hivegate is unknown, and an unpinned action is a risk"]
    python = measured.run.environment.python if measured else None
    minor = ".".join((python or platform.python_version()).split(".")[:2])
    text = documents.gate_text(origin, seen.requirements, python=minor, place=seen.place)
    folder = seen.repository / ".github" / "workflows"
    files = [new_file(folder / f"hivegate{documents.suffix_of(seen.place)}.yml", text)]
    notes = []
    if seen.place == ".":
        files.append(new_file(folder / "hivegate-comment.yml", documents.comment_text(origin)))
    if origin.repository is None and any(one.state is State.NEW for one in files):
        notes.append(
            f"the GitHub repository of hivegate is unknown. Replace {documents.UNKNOWN_OWNER} in the workflows "
            "before you push, or run init with --repository OWNER/NAME"
        )
    return files, notes


def _of_survey(seen: Survey) -> list[str]:
    return [f"{one} is a separate project. Set it up with: hivegate -C {one} init" for one in seen.suites.packages]


def _of_limits(limits: Limits) -> list[str]:
    notes = []
    skipped = [name for name, outcome, _ in limits.unmeasured if outcome is TestOutcome.SKIPPED]
    broken = [(name, outcome, detail) for name, outcome, detail in limits.unmeasured if name not in skipped]
    if skipped:
        notes.append(f"{len(skipped)} skipped, without a limit: {', '.join(skipped[:3])}{' ...' * (len(skipped) > 3)}")  # noqa: PLR2004  a few say which
    for name, outcome, detail in broken[:5]:
        notes.append(f"{name} {outcome.value}: {detail}".removesuffix(": "))
    if broken:
        notes.append(
            f"{len(broken)} could not be measured. hivegate bench fails until they are: fix them, or mark them with "
            "pytest.mark.skip"
        )
    if limits.unsteady:
        notes.append(
            f"{len(limits.unsteady)} vary too much for a limit. Delete targets.yaml and run init again when the "
            "machine is idle; hivegate doctor reports that"
        )
    if limits.passes < 3:  # noqa: PLR2004  as many as a spread needs
        notes.append(f"the time was up after {limits.passes} of 3 passes, so the limits are wide. Raise --max-time")
    return notes


def _of_missing(seen: Survey, subject: Subject, limits: Limits) -> list[str]:
    command = cure(seen.folder, subject.python, [detail for _, _, detail in limits.unmeasured])
    return [f"to measure them too, install what is missing, then run init again:\n    {command}"] if command else []


def _of_verdict(measured: FirstMeasurement, text: str) -> list[str]:
    """Judge the run by what is about to be written: what does not pass here would be red at once."""
    targets = parse_targets(text, "targets.yaml")
    answers = estimate_targets(targets, measured.run)
    result = judge(targets, measured.run, answers, today=dt.datetime.now(dt.UTC).date())
    failed = [one.benchmark for one in result.verdicts if one.outcome is Outcome.FAILED]
    return [f"{one} breaks its own limit: please report it" for one in failed]


def _of_noxfile(seen: Survey, origin: Origin, file: File) -> list[str]:
    if file.state is State.KEPT:
        lines = documents.noxfile_lines(origin, seen.requirements).replace("\n", "\n    ")
        return [
            f"to get the sessions bench, compare, profile, report, verdict and aa-test, add to noxfile.py:\n    {lines}"
        ]
    if origin.local:
        local = f"noxfile.py installs {origin.requirement}, a path on this machine"
        return [f"{local}. Replace it with a git URL before others use it"]
    return []
