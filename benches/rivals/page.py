"""docs/performance/RIVALS.md, from its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rivals.record import FLOOR, HASHED, OURS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rivals.record import Record

_NEAR = 1.5
_HEAD = """# The primitives beside C and Rust

Written by `nox -s rivals` from [rivals.json](rivals.json); do not edit. Measured {date} on {machine}, load {before} to
{after}; {tools}.

The contenders of a row ran on this machine in {turns} turns, each of them first about as often as the others, on the
same input; their outputs were compared with ours before, as text, and are equal. Times are of a call, in processor time
of its thread. A ratio is the median of the turns' own, with the interval that holds it in 96 of 100 such measurements.

- **C**: one loop in C over the same Python objects, by CPython's own dicts and lists: the floor of what any engine for
  CPython can reach without keeping its data elsewhere ([floor.c](../../benches/rivals/floor.c)).
- **Rust, plain**: the algorithm of the original, written again: it looks through lists
  ([rival.rs](../../benches/rivals/rival.rs)).
- **Rust, hashed**: maps, queues and counting, the stronger rival. Both are of the standard library alone, on Rust's own
  data: they make no Python objects, so nobody in Python gets these times.

"""
_FOOT = """
The aim was 1.5 times the floor, or ahead of the original's algorithm.

- Within 1.5 times of the floor: {near}
- Ahead of the plain Rust: {ahead}
- Neither: {neither}

Where ours stands far from the floor, each enqueue, dequeue, commit or merge is a call of a function in Python, which
the loop in C does not make. `enqueue_all` and `drain` do the same in two calls. Reads and commits are one algorithm in
both columns of Rust.
"""


def render(record: Record) -> str:
    """Write the page."""
    head = _HEAD.format(
        date=record.date,
        machine=record.machine,
        before=record.load[0],
        after=record.load[1],
        tools=", ".join(f"{name} {version}" for name, version in record.tools.items()),
        turns=record.turns,
    )
    rivals = [name for name in (FLOOR, PLAIN, HASHED) if name in record.rows[0].times]
    table = [
        f"| row | ours | {' | '.join(rivals)} | {' | '.join(f'ours / {name}' for name in rivals)} |",
        f"|---|{'---:|' * (1 + 2 * len(rivals))}",
    ]
    for one in record.rows:
        times = " | ".join(_us(one.median(name)) for name in (OURS, *rivals))
        ratios = " | ".join("{:.2f} ({:.2f} .. {:.2f})".format(*one.ratio(name)) for name in rivals)
        table.append(f"| `{one.row}` | {times} | {ratios} |")
    near = [one.row for one in record.rows if one.ratio(FLOOR)[2] <= _NEAR]
    ahead = [one.row for one in record.rows if PLAIN in one.times and one.ratio(PLAIN)[2] < 1]
    neither = [one.row for one in record.rows if one.row not in {*near, *ahead}]
    foot = _FOOT.format(near=_named(near), ahead=_named(ahead), neither=_named(neither))
    return head + "\n".join(table) + "\n" + foot


def _named(rows: Sequence[str]) -> str:
    return ", ".join(f"`{row}`" for row in rows) or "none"


def _us(nanoseconds: float) -> str:
    return f"{nanoseconds / 1000:.3g} µs"
