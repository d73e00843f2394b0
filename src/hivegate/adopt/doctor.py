"""hivegate doctor: what this machine can measure, and what would improve it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hivegate.adopt.noise import measure_noise
from hivegate.errors import HivegateError
from hivegate.model.diagnosis import Diagnosis, Finding, Noise, State
from hivegate.system import machine
from hivegate.system.programs import find_postgresql, find_program, find_pythons, has_package
from hivegate.system.quota import processor_quota
from hivegate.system.tracing import why_not_traced

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = 8
_CROWDED = 0.1  # share of the time; from here on hivegate takes a wall time back by what others may have added
_UNTRACED = (
    "py-spy then reads running processes, and rare stacks may be wrong. Allow ptrace: "
    "docker run --cap-add SYS_PTRACE, or sysctl kernel.yama.ptrace_scope=1"
)
_SUPPORT = {
    "linux": "Linux is fully supported.",
    "darwin": (
        "macOS is not tested. Comparisons start two processes instead of forking one, so changes below about 3 to 10 % "
        "are not detected; py-spy needs root; hivegate reads no governor and no quota there, and pins to no core."
    ),
    "win32": (
        "Windows is not tested, and benchmarks cannot be run there, because hivegate starts process groups: use Linux "
        "or WSL. `check`, `explain` and `report` only read files."
    ),
}


def examine(*, budget: float, pairs: int = PAIRS, platform: str = sys.platform) -> Diagnosis:
    """Look at everything; with `pairs` above 1 also measure the machine's noise, about 0.3 s a pair."""
    noise, trouble = None, ""
    fork = _can_fork(platform)
    if pairs > 1 and os.name == "posix":
        try:
            noise = measure_noise(pairs, fork=fork, budget=budget)
        except HivegateError as fault:
            trouble = str(fault)
    elif pairs > 1:
        trouble = "the noise cannot be measured, because this system does not start process groups"
    return Diagnosis(
        system=f"{machine.operating_system()}, {machine.cpu_model() or 'unknown processor'}",
        support=_SUPPORT.get(platform, f"{platform} is not tested."),
        findings=(*_processor(noise), *_abilities(platform, fork=fork), *_programs()),
        noise=noise,
        trouble=trouble,
    )


def _can_fork(platform: str) -> bool:
    return hasattr(os, "fork") and platform != "darwin"


def _processor(noise: Noise | None) -> Iterator[Finding]:
    ours, all_of_them = machine.cores() or 1, os.cpu_count() or 1
    few = ours < 2  # noqa: PLR2004  one to measure, one for everything else
    yield Finding(
        name="cores",
        state=State.LIMITED if few else State.GOOD,
        found=f"{ours} of {all_of_them} available" if ours < all_of_them else str(ours),
        remedy="add a second core: one runs the benchmarks alone, and parallel benchmarks become meaningful"
        if few
        else "",
    )
    quota = processor_quota()
    tight = quota is not None and quota < ours
    yield Finding(
        name="quota",
        state=State.LIMITED if tight else State.GOOD,
        found="none" if quota is None else f"{quota:g} cores",
        remedy="a quota pauses processes in the middle of a round: use whole cores (--cpuset-cpus, static CPU manager)"
        if tight
        else "",
    )
    governor = machine.governor()
    slow = governor not in {None, "performance"}
    yield Finding(
        name="governor",
        state=State.LIMITED if slow else State.GOOD,
        found=governor or "not available, as on most virtual machines",
        remedy="pin the CPU frequency: cpupower frequency-set -g performance" if slow else "",
    )
    where = machine.container() or machine.runner()
    yield Finding(name="container", state=State.GOOD, found=where or "none seen")
    if noise is not None:
        contended = noise.busy >= _CROWDED
        yield Finding(
            name="neighbours",
            state=State.LIMITED if contended else State.GOOD,
            found=f"other processes used the core {noise.busy * 100:.0f} % of the time",
            remedy="wait until they finish, or measure elsewhere; limits as ratios (relative_to) are not affected"
            if contended
            else "",
        )


def _abilities(platform: str, *, fork: bool) -> Iterator[Finding]:
    yield Finding(
        name="fork",
        state=State.GOOD if fork else State.LIMITED,
        found="yes" if fork else "no",
        remedy="" if fork else "compare on Linux: without fork, only changes of 3 to 10 % or more are detected",
    )
    if platform != "linux":
        yield Finding(
            name="ptrace", state=State.LIMITED, found="not checked on this system", remedy="run py-spy as root"
        )
        return
    refused = why_not_traced()
    yield Finding(
        name="ptrace",
        state=State.GOOD if refused is None else State.LIMITED,
        found="allowed" if refused is None else f"refused: {refused}",
        remedy="" if refused is None else _UNTRACED,
    )


def _programs() -> Iterator[Finding]:
    for name, why, remedy in (
        ("git", "compares revisions", "install git"),
        (
            "valgrind",
            "counts instructions where times are too noisy",
            "install valgrind, for: hivegate compare --instrument instructions",
        ),
        ("setarch", "starts processes without random addresses", "install util-linux"),
    ):
        yield _there(name, find_program(name), why, remedy)
    yield _there("PostgreSQL", find_postgresql(), "a history shared by many machines", "SQLite serves a single machine")
    for name, package, extra in (
        ("py-spy", "py_spy", "profile"),
        ("scalene", "scalene", "profile"),
        ("memray", "memray", "memory"),
        ("SQLAlchemy", "sqlalchemy", "history"),
        ("psycopg", "psycopg", "postgres"),
    ):
        found = find_program("py-spy") if name == "py-spy" else "installed" if has_package(package) else None
        yield _there(name, found, f"extra {extra}", f"pip install 'hivegate[{extra}]'")
    yield Finding(name="Pythons", state=State.GOOD, found=", ".join(find_pythons()))


def _there(name: str, found: str | None, why: str, remedy: str) -> Finding:
    if found is not None:
        return Finding(name=name, state=State.GOOD, found=found)
    return Finding(name=name, state=State.ABSENT, found=f"not found ({why})", remedy=remedy)
