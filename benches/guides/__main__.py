"""Write the figures of the guides anew: ``nox -s guides``, with ``-- --measure`` of a new run of the whole suite.

With ``-- --store`` the results and the recommendations are also kept in the project's store.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from guides import tables
from guides.claims import find
from guides.measure import measure
from guides.measured import GUIDES, ROOT, Measured, load
from guides.seed import load_seed
from guides.spelling import table
from guides.store import store
from guides.timed import record, timed
from hivegate.flows.project import find_project

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = re.compile(r"(<!-- figures: (.+?) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
FIGURES: dict[str, Callable[..., str]] = {
    made.__name__: made
    for made in (
        tables.about,
        tables.closest,
        tables.complexity,
        tables.contract,
        tables.coverage,
        tables.gains,
        tables.goals,
        tables.predictions,
        tables.resources,
        tables.scenarios,
        tables.sizes,
        tables.spread,
    )
}


def claims(measured: Measured) -> str:
    """Every claim of the seed beside what was measured, and what becomes of it."""
    lines = Counter(name for line in load_seed().line for name in line.claims)
    return table(
        ("claimed", "measured", "verdict", "lines"),
        [
            (one.claim.said, "<br>".join(one.measured), one.verdict, str(lines[one.claim.id]))
            for one in (find(claim, measured) for claim in load_seed().claim)
        ],
    )


def summary(measured: Measured) -> str:
    """Count what became of the claims."""
    found = Counter(find(claim, measured).kind for claim in load_seed().claim)
    return table(("of the claims", ""), [(kind.value, str(count)) for kind, count in found.most_common()])


def finding(measured: Measured, name: str) -> str:
    """List what was measured of one claim."""
    claim = next(one for one in load_seed().claim if one.id == name)
    return "\n".join(f"- {line}" for line in find(claim, measured).measured)


def filled(text: str, measured: Measured) -> str:
    """Return a guide with the figures between its markers made anew; a marker names a table and its arguments."""
    known = FIGURES | {"timed": timed, "claims": claims, "summary": summary, "finding": finding}

    def fill(found: re.Match[str]) -> str:
        name, *words = found[2].split()
        return f"{found[1]}{known[name](measured, *words)}\n{found[3]}"

    return MARK.sub(fill, text)


def main() -> None:
    """Measure where asked, and fill all guides; those that count lines of others come last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="run the whole suite first, some five minutes")
    parser.add_argument("--store", action="store_true", help="keep the guides in the project's store, too")
    given = parser.parse_args()
    if given.measure:
        measure()
        record()
    measured = load()
    files = sorted(GUIDES.glob("*.md"), key=lambda file: file.name == "CLAIMS.md")
    for file in files:
        text = file.read_text(encoding="utf-8")
        if "<!-- figures: " in text:
            file.write_text(filled(text, measured), encoding="utf-8")
    for entry in store(find_project(ROOT)) if given.store else ():
        sys.stdout.write(f"stored {entry.key}, version {entry.version}\n")


if __name__ == "__main__":
    main()
