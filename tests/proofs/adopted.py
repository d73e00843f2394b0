"""The evidence of the trials on public suites, for a reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLACE = re.compile(r"(?:file://)?(?:/[\w.+-]+)*/([\w.+-]+)")  # of the machine that made the evidence
_COUNTED = ("passed", "faster", "slower", "failed", "inconclusive", "missing", "invalid", "new")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command: how long it took, how it ended, and what it said of how many benchmarks."""

    name: str
    seconds: float
    status: int
    benchmarks: int = 0
    outcomes: dict[str, int] = {}
    oddities: tuple[str, ...] = ()


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """One public suite, in two releases of its package."""

    package: str
    head: str
    base: str
    style: str
    steps: tuple[Step, ...]

    @property
    def sound(self) -> bool:
        """Tell whether no command was misused or broke, and equal code was not called slower."""
        equal = [one for one in self.steps if one.name == "compare with itself"]
        return all(one.status in {0, 1, 3} for one in self.steps) and not any("slower" in one.outcomes for one in equal)


def without_places(text: str) -> str:
    """Cut absolute paths down to their last name: they are of one machine."""
    return " ".join(_PLACE.sub(r"\1", word) if word.startswith(("/", "file:")) else word for word in text.split())


def render(trials: Sequence[Adopted]) -> str:
    """Spell the evidence as Markdown."""
    return "\n".join(_lines(trials)) + "\n"


def _lines(trials: Sequence[Adopted]) -> Iterable[str]:
    yield "# Public suites, unchanged"
    yield ""
    yield "Written by `nox -s adopt` from [adopted.json](adopted.json); do not edit. Each suite is that of the source"
    yield "distribution of a package's newer release. Both releases are installed into separate environments, and"
    yield "every command runs as a user would run it: `init`, `bench`, `check` of a file that the suite wrote itself,"
    yield "`compare . --base-python` of the two releases, `profile` of one benchmark in both, and a comparison of the"
    yield "newer release with itself, in which nothing may be slower."
    for one in trials:
        yield ""
        yield f"## {one.package} {one.base} -> {one.head}: {one.style}"
        yield ""
        yield f"| step | seconds | exit | benchmarks | {' | '.join(_COUNTED)} |"
        yield f"|---|---:|---:|---:|{'---:|' * len(_COUNTED)}"
        for step in one.steps:
            counts = " | ".join(str(step.outcomes.get(name, "") if step.name != "profile" else "") for name in _COUNTED)
            yield f"| {step.name} | {step.seconds:.0f} | {step.status} | {step.benchmarks or ''} | {counts} |"
        yield ""
        yield from _oddities(one)


def _oddities(one: Adopted) -> Iterable[str]:
    for step in one.steps:
        if step.name == "profile":
            made = ", ".join(f"{kind}: {number}" for kind, number in step.outcomes.items())
            yield f"- profile: {made or 'none was made'}"
        for oddity in step.oddities:
            yield f"- {step.name}: {oddity}"
