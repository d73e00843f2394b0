"""The evidence of what a cluster leaves as it is, for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = """\
# Verdicts from a cluster

Written by `nox -s proofs -- dask` from [dask.json](dask.json); do not edit. Four workers of one machine, each
restarted when it ends.
"""
_RECORDED = """
## On recorded pairs

{series} series: pairs of equal revisions recorded on a machine ([pairs.jsonl](scale/pairs.jsonl)), those of each of
14 benchmarks with five known changes added. They are judged whole, and in 24 parts by the workers, by
the same code; then again while workers die by SIGKILL, each in the middle of a part.

The verdicts of the whole: {verdicts}.

| workers that died | parts measured again | verdicts that differ in anything |
|---:|---:|---:|
| {alive[kills]} | {alive[lost]} | {alive[unlike]} |
| {dying[kills]} | {dying[lost]} | {dying[unlike]} |
"""
_MEASURED = """
## Measured

`hivegate compare HEAD^ --on dask://HOST:PORT` of a project of four benchmarks, of which two are as fast as before, one
takes twice as long and one half, with a budget of 40 %. The worker that measures is killed by SIGKILL up to four
seconds after it began, again and again.

| comparisons | workers killed | parts measured again | benchmarks without verdict | false verdicts |
|---:|---:|---:|---:|---:|
| {comparisons} | {kills} | {lost} | {missing} | {false} |

All verdicts: {verdicts}. False is *slower* of what is not, and *passed* of what is.
"""


def render(evidence: Mapping[str, Mapping[str, Any]]) -> str:
    """Spell the evidence as Markdown."""
    page = _HEAD
    for part, text in (("recorded", _RECORDED), ("measured", _MEASURED)):
        if part in evidence:
            page += text.format(**{**evidence[part], "verdicts": _counted(evidence[part]["verdicts"])})
    return page


def _counted(verdicts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(verdicts.items()))
