"""The evidence of what a shared history bears, for a reader."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec
from tests.load import Load, Seen, Took, quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_ADD, _READ = 0.5, 0.3  # seconds that 99 of 100 must not exceed
_HEAD = """\
# A shared history under load

Written by `nox -s proofs -- load`; do not edit. {runners} runners, each a process, add a run of {benchmarks} benchmarks
every {adds:g} seconds, at any moment of them ({rate:,.0f} estimates a second in all), every fifth time one that they
added before. {readers} readers ask for one benchmark on one of {machines} machines every {asks:g} seconds, in turns for
its numbers (which a chart needs) and for its trend (for which others' are read too, and whose change points the
reader's own process computes). The runners' role may only add, the readers' only read. Every add and every read
opens a new connection, as a command does, and is timed from before the connection until everything is stored or found;
the start of the interpreter and the calls of git about a change are not included.

PostgreSQL, the runners and the readers ran on the same machine of two cores, all at the usual priority, **together with
other work**: the load below counts all processes that wanted a core, ours included. The server's settings are its
defaults except for {settings}.

"""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one size; `size` in bytes, `server` its processor's seconds."""

    rows: int
    fill_seconds: float
    seconds: float
    load: float
    size: int
    server: float
    seen: Seen
    kept: int
    twice: int
    halves: int


_LIMITED: tuple[tuple[str, float, Callable[[Size], tuple[Took, ...]]], ...] = (
    ("an add", _ADD, lambda one: one.seen.adds),
    ("reading a series", _READ, lambda one: one.seen.reads),
    ("a trend", _READ, lambda one: one.seen.trends),
)


def render(load: Load, settings: Mapping[str, str], found: Sequence[Size]) -> str:
    """Spell the page."""
    head = _HEAD.format(
        runners=load.runners,
        benchmarks=load.benchmarks,
        adds=load.adds_every,
        rate=load.runners * load.benchmarks / load.adds_every,
        readers=load.readers,
        machines=load.machines,
        asks=load.asks_every,
        settings=", ".join(f"`{name} = {value}`" for name, value in settings.items()),
    )
    return head + "\n".join(_table(found)) + "\n" + "".join([*_missed(found), *_faults(found)])


def _table(found: Sequence[Size]) -> Iterator[str]:
    yield f"| estimates before | asked for | {' | '.join(f'{one.rows:,}' for one in found)} |"
    yield f"|---|---:|{'---:|' * len(found)}"
    for what, asked, spell in _rows():
        yield f"| {what} | {asked} | {' | '.join(spell(one) for one in found)} |"


def _rows() -> Iterator[tuple[str, str, Callable[[Size], str]]]:
    yield "seconds of load", "", lambda one: f"{one.seconds:.0f}"
    for limited in _LIMITED:
        yield from _quantiles(*limited)
    yield "new runs that were reported as stored", "", lambda one: f"{one.seen.said:,}"
    yield "of them found", "all", lambda one: f"{one.kept:,}"
    yield "found twice; incomplete", "0; 0", lambda one: f"{one.twice}; {one.halves}"
    yield "repeated adds that were reported as already stored", "", lambda one: f"{one.seen.repeated:,}"
    yield "adds and reads that failed", "0", lambda one: f"{len(one.seen.failed)}"
    yield "CPU, of 200 %: the clients; the server", "", _busy
    yield "processes that wanted the two cores (load)", "", lambda one: f"{one.load:.1f}"
    yield "the database afterwards", "", lambda one: f"{one.size / 2**20:,.0f} MiB"
    yield "seconds to fill it from the previous size", "", lambda one: f"{one.fill_seconds:,.0f}"


def _quantiles(
    what: str, most: float, times: Callable[[Size], tuple[Took, ...]]
) -> Iterator[tuple[str, str, Callable[[Size], str]]]:
    yield f"{what}: how often", "", lambda one: f"{len(times(one)):,}"
    yield "its CPU time, p50", "", lambda one: _spelled([took.processor for took in times(one)], 50)
    for share, asked in ((50, ""), (90, ""), (99, f"{1000 * most:.0f} ms")):
        yield f"p{share}", asked, functools.partial(_wall, times, share)


def _wall(times: Callable[[Size], tuple[Took, ...]], share: int, one: Size) -> str:
    return _spelled([took.wall for took in times(one)], share)


def _spelled(seconds: Sequence[float], share: int) -> str:
    return f"{1000 * quantile(seconds, share / 100):,.0f} ms" if seconds else "none"


def _busy(one: Size) -> str:
    return "; ".join(f"{100 * used / one.seconds:.0f} %" for used in (one.seen.processor, one.server))


def _missed(found: Sequence[Size]) -> Iterator[str]:
    """Say which limits were not held, and where."""
    for what, most, times in _LIMITED:
        over = [f"{one.rows:,}" for one in found if quantile([took.wall for took in times(one)] or [0.0], 0.99) > most]
        if over:
            yield f"\nUnder this load the p99 of {what} is above its limit at {', '.join(over)} estimates.\n"


def _faults(found: Sequence[Size]) -> Iterator[str]:
    kinds = sorted({one.splitlines()[0] for size in found for one in size.seen.failed})
    if kinds:
        yield "\nWhat failed:\n\n" + "".join(f"- {one}\n" for one in kinds[:10])
