"""A diagnosis for a person, and for a program."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import msgspec

from hivegate.model.diagnosis import State
from hivegate.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hivegate.model.diagnosis import Diagnosis, Noise

_MARKS = {State.GOOD: "ok", State.LIMITED: "limited", State.ABSENT: "absent"}
_INDENT = " " * 23


def render_diagnosis(found: Diagnosis, *, width: int) -> str:
    """Spell the findings one a line, what would improve them below, and last what a budget can see here."""
    return "\n".join(_lines(found, width)) + "\n"


def diagnosis_json(found: Diagnosis) -> str:
    """Spell a diagnosis as JSON; field names are those of `Diagnosis`."""
    return msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"


def _lines(found: Diagnosis, width: int) -> Iterable[str]:
    yield printable(found.system, 200)
    yield from textwrap.wrap(found.support, width)
    yield ""
    for one in found.findings:
        head = f"{_MARKS[one.state]:<9}{one.name:<14}"
        yield from textwrap.wrap(
            head + printable(one.found, 300),
            width,
            subsequent_indent=_INDENT,
            drop_whitespace=False,
            break_on_hyphens=False,
        )
        if one.remedy:
            yield from textwrap.wrap(
                f"-> {one.remedy}", width, initial_indent=_INDENT, subsequent_indent=_INDENT + "   "
            )
    yield ""
    if found.noise is not None:
        yield from textwrap.wrap(_of_noise(found.noise), width)
    elif found.trouble:
        yield from textwrap.wrap(f"What a budget can see is unknown: {printable(found.trouble, 600)}", width)
    else:
        yield "What a budget can see was not measured."


def _of_noise(noise: Noise) -> str:
    said = (
        f"{noise.pairs} {noise.manner} pairs of equal work differ by {noise.spread * 100:.2f} % (standard deviation). "
        f"A budget of {noise.budget * 100:g} % finds slowdowns from {noise.visible * 100:.1f} % here, in 95 of 100 "
        f"comparisons that use all pairs; the least budget that can be judged is {noise.least_budget * 100:.1f} %"
    )
    end = ", so a tighter one is inconclusive." if noise.least_budget <= noise.budget else ", so this one is too tight."
    return f"{said}{end} Your own benchmarks may be noisier: hivegate aa-test measures them."
