"""The pages: docs/performance/SCALE.md, all figures; and those that docs/explanation/scale.md explains."""

from __future__ import annotations

import re

from scale import alarm_tables, tables
from scale.evidence import FOLDER, ROOT

FIGURES = FOLDER.parent / "SCALE.md"
EXPLAINED = ROOT / "docs" / "explanation" / "scale.md"
MARK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
SECTIONS = {
    "The company": (tables.model,),
    "Storage": (tables.kept, tables.year),
    "Cost of a verdict": (tables.verdict,),
    "Large suites": (tables.merged,),
    "Real pairs": (alarm_tables.real_pairs,),
    "False alarms of a comparison": (
        alarm_tables.layers,
        alarm_tables.each_look,
        alarm_tables.equal,
        alarm_tables.changed,
    ),
    "False alarms a day": (alarm_tables.day,),
    "False changes and drift in histories": (alarm_tables.one_look, alarm_tables.a_year),
}
_HEAD = """\
# At the scale of a company: figures

Written by `nox -s scale` from the evidence in `docs/performance/scale`; do not edit. [The
explanation](../explanation/scale.md) says what they mean, and what breaks first. Rates are followed by their 95 %
interval (Wilson); a rate below a promise is safer than promised.
"""
_BLOCKS = {block.__name__: block for blocks in SECTIONS.values() for block in blocks}


def render() -> str:
    """Spell all figures."""
    sections = ("\n\n".join((f"## {heading}", *(block() for block in blocks))) for heading, blocks in SECTIONS.items())
    return "\n".join((_HEAD, "\n\n".join(sections), ""))


def filled(text: str) -> str:
    """Return the explanation with the figures between its markers made anew."""
    return MARK.sub(lambda found: f"{found[1]}{_BLOCKS[found[2]]()}\n{found[3]}", text)


def write_pages() -> None:
    """Write both."""
    FIGURES.write_text(render(), encoding="utf-8")
    EXPLAINED.write_text(filled(EXPLAINED.read_text(encoding="utf-8")), encoding="utf-8")
