"""The evidence of what a shared history bears, for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from tests.load import Load, Seen, quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_ADD, _TREND = 0.5, 0.3  # seconds that 99 of 100 must not exceed
_HEAD = """\
# A shared history under load

Written by `nox -s proofs -- load`; do not edit. {runners} runners, each a process, add a run of {benchmarks} benchmarks
every {adds:g} seconds, at any moment of them ({rate:,.0f} estimates a second in all), every fifth time one that they
added before. {readers} readers ask for the trend of one benchmark on one of {machines} machines every {asks:g} seconds.
The runners' role may only add, the readers' only read. Every run connects anew, as `hivegate history add` does; an add
is timed from before the connection until it is kept, a trend until its change points are found. The start of the
interpreter and its imports are not in it.

PostgreSQL, the runners and the readers ran on the same machine of two cores, all at the usual priority, **beside other
work** that took its share: the load below counts all processes that wanted a core, ours included. The server's settings
are its own but for {settings}.

"""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one size; `size` in bytes."""

    rows: int
    fill_seconds: float
    seconds: float
    load: float
    size: int
    seen: Seen
    kept: int
    twice: int
    halves: int


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
    return head + "\n".join(_table(found)) + "\n" + "".join(_faults(found))


def _table(found: Sequence[Size]) -> Iterator[str]:
    yield f"| estimates there before | asked for | {' | '.join(f'{one.rows:,}' for one in found)} |"
    yield f"|---|---:|{'---:|' * len(found)}"
    for what, asked, spell in _rows():
        yield f"| {what} | {asked} | {' | '.join(spell(one) for one in found)} |"


def _rows() -> Iterator[tuple[str, str, Callable[[Size], str]]]:
    yield "seconds of load", "", lambda one: f"{one.seconds:.0f}"
    yield "adds", "", lambda one: f"{len(one.seen.adds):,}"
    for share in (50, 90, 99):
        asked = f"{1000 * _ADD:.0f} ms" if share == 99 else ""
        yield f"an add, p{share}", asked, lambda one, share=share: _spelled(one.seen.adds, share)  # type: ignore[misc]
    yield "trends", "", lambda one: f"{len(one.seen.trends):,}"
    for share in (50, 90, 99):
        asked = f"{1000 * _TREND:.0f} ms" if share == 99 else ""
        yield f"a trend, p{share}", asked, lambda one, share=share: _spelled(one.seen.trends, share)  # type: ignore[misc]
    yield "new runs that runners were told are kept", "", lambda one: f"{one.seen.said:,}"
    yield "of them there", "all", lambda one: f"{one.kept:,}"
    yield "there twice; not whole", "0; 0", lambda one: f"{one.twice}; {one.halves}"
    yield "repeated adds that were told as kept already", "", lambda one: f"{one.seen.repeated:,}"
    yield "adds and trends that failed", "0", lambda one: f"{len(one.seen.failed)}"
    yield "the database afterwards", "", lambda one: f"{one.size / 2**20:,.0f} MiB"
    yield "seconds to fill it to there", "", lambda one: f"{one.fill_seconds:,.0f}"
    yield "processes that wanted the two cores (load)", "", lambda one: f"{one.load:.1f}"


def _spelled(times: tuple[float, ...], share: int) -> str:
    return f"{1000 * quantile(times, share / 100):,.0f} ms" if times else "none"


def _faults(found: Sequence[Size]) -> Iterator[str]:
    kinds = sorted({one.splitlines()[0] for size in found for one in size.seen.failed})
    if kinds:
        yield "\nWhat failed:\n\n" + "".join(f"- {one}\n" for one in kinds[:10])
