"""Parts of a suite spread over workers: one at a time on each machine, and what a lost worker had is begun again."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hivegate.cluster import remote
from hivegate.cluster.connection import reached
from hivegate.errors import MeasureError
from hivegate.model.events import Advanced, Noted, Started
from hivegate.model.record import environment_key, environment_title
from hivegate.system.process import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hivegate.cluster.connection import Future
    from hivegate.cluster.team import Member, Team
    from hivegate.model.events import ProgressCallback

    Work: TypeAlias = Callable[[str, bytes], dict[str, Any]]

_LOOK = 0.5  # seconds between looks at who is there
_ALONE = 180.0  # seconds without any worker; a nanny starts a new one in two, on a contended machine in sixty
_MOST_LOSSES = 10  # of one part: then it is the part that kills workers
_ANSWERING = 30.0  # seconds that a document may take from its worker to here
_ENDING = 20.0  # seconds that a part may take to end when it is cancelled


class PartDocument(NamedTuple):
    """A part as a worker measured it: the document that was written, and who wrote it in which checkout."""

    document: bytes
    member: Member
    checkout: str


def spread(
    team: Team,
    orders: Sequence[bytes],
    on_progress: ProgressCallback,
    *,
    alike: bool = False,
    work: Work = remote.measure,
    done: dict[int, PartDocument] | None = None,
) -> tuple[PartDocument, ...]:
    """Have each order carried out by one of the team's workers; returns what they measured, in the orders' order.

    With `alike` only machines of one kind take part, that of which there are most. `done` is filled as parts come in,
    for who is interrupted. On every way out all that is still
    measured is cancelled, and waited for. Raises `MeasureError` where a part fails by itself, where it takes its worker
    with it again and again, and where no worker is left.
    """
    crew = _Crew(team, on_progress, alike=alike)
    return _Spread(crew, orders, on_progress, work, {} if done is None else done).run()


class _Crew:
    """Those of a team that measure: prepared, and where asked for of one kind of machine."""

    def __init__(self, team: Team, on_progress: ProgressCallback, *, alike: bool) -> None:
        self.team = team
        self._on_progress = on_progress
        self._alike = alike
        self._kind: str | None = None
        self._prepared: set[str] = set()
        self._left_out: set[str] = set()
        self._alone = deadline(_ALONE)

    def present(self) -> dict[str, Member]:
        """List who is there and ready, by address; waits a while for the first, and for another where all are lost."""
        told = False
        while not (found := {one.address: one for one in self._of_a_kind(self.team.members())}):
            if not told:
                self._on_progress(Noted(message="waiting for a worker"))
                told = True
            if self._alone():
                raise MeasureError(
                    f"no worker has been connected for {_ALONE:.0f} s", hint="start workers: dask worker HOST:PORT"
                )
            time.sleep(_LOOK)
        self._alone = deadline(_ALONE)
        fresh = [one for address, one in found.items() if address not in self._prepared]
        if fresh:
            self.team.prepare(fresh)
        self._prepared = set(found)
        return found

    def _of_a_kind(self, members: Sequence[Member]) -> Iterator[Member]:
        kinds = {one.address: environment_key(one.environment) for one in members}
        if self._kind is None:
            machines = Counter(kind for _, kind in {(one.machine, kinds[one.address]) for one in members})
            workers = Counter(kinds.values())
            self._kind = max(sorted(machines), key=lambda kind: (machines[kind], workers[kind]), default=None)
        for one in members:
            if not self._alike or kinds[one.address] == self._kind:
                yield one
            elif one.address not in self._left_out:
                self._left_out.add(one.address)
                environment = environment_title(one.environment)
                message = f"{one.name} is not used: it has {environment}, unlike most workers"
                self._on_progress(Noted(message=message))


class _Spread:
    """Parts that wait, that are measured, and that are done."""

    def __init__(
        self,
        crew: _Crew,
        orders: Sequence[bytes],
        on_progress: ProgressCallback,
        work: Work,
        done: dict[int, PartDocument],
    ) -> None:
        self._crew = crew
        self._client = crew.team.client
        self._orders = orders
        self._on_progress = on_progress
        self._work = work
        self._waiting = deque(range(len(orders)))
        self._running: dict[Future, tuple[int, Member]] = {}
        self._done = done
        self._losses: Counter[int] = Counter()
        self._turns: Counter[str] = Counter()  # parts that each worker was given: those of a machine take turns

    def run(self) -> tuple[PartDocument, ...]:
        """Go on until every part is done."""
        members = self._crew.present()
        machines = len({one.machine for one in members.values()})
        told = f"measuring on {_counted(len(members), 'worker')} of {_counted(machines, 'machine')}, one at a time each"
        self._on_progress(Started(stage=told, steps=len(self._orders), unit="part"))
        try:
            while len(self._done) < len(self._orders):
                self._start(members)
                self._wait()
                members = self._crew.present()
                self._collect(members)
        finally:
            self._cancel()
        return tuple(self._done[part] for part in range(len(self._orders)))

    def _start(self, members: dict[str, Member]) -> None:
        busy = {member.machine for _, member in self._running.values()}
        for machine in sorted({one.machine for one in members.values()} - busy):
            if not self._waiting:
                return
            there = (one for one in members.values() if one.machine == machine)
            member = min(there, key=lambda one: (self._turns[one.address], one.address))
            self._turns[member.address] += 1
            part = self._waiting.popleft()
            with reached(self._client):
                future = self._client.submit(
                    self._work,
                    self._crew.team.name,
                    self._orders[part],
                    workers=[member.address],
                    resources={"hivegate": 1} if member.offered else None,
                    pure=False,
                )
            self._running[future] = part, member

    def _wait(self) -> None:
        import distributed  # noqa: PLC0415  an extra, loaded by now

        wait: Any = distributed.wait
        with reached(self._client), self._client.as_current():
            try:
                wait(list(self._running), timeout=_LOOK, return_when="FIRST_COMPLETED")
            except TimeoutError:
                return

    def _collect(self, members: dict[str, Member]) -> None:
        for future, (part, member) in list(self._running.items()):
            if future.status == "finished" and (told := self._answer(future)) is not None:
                self._take(part, member, told)
            elif future.status == "error" and not _is_loss(future):
                raise MeasureError(f"part {part + 1} failed: {future.exception()!r}", where=member.name)
            elif member.address in members and future.status == "pending":
                continue
            else:
                self._lose(part, member, future)
            del self._running[future]

    def _answer(self, future: Future) -> dict[str, Any] | None:
        """Fetch what a worker answered; None where it left meanwhile, with its answer."""
        with reached(self._client), contextlib.suppress(TimeoutError):
            return dict(future.result(timeout=_ANSWERING))
        return None

    def _take(self, part: int, member: Member, told: dict[str, Any]) -> None:
        document = told["document"]
        if isinstance(document, bytes):
            self._done[part] = PartDocument(document, member, str(told["checkout"]))
            by = f"part {part + 1} was measured by process {told['pid']}, {member.name}, in {told['checkout']}"
            self._on_progress(Noted(message=by))
            self._on_progress(Advanced(what=member.name))
        elif told["pid"] != member.pid or not told["prepared"] or not told["wanted"]:
            # Another process took its place and has no checkout, or it is just being closed.
            self._lose(part, member, None)
        else:
            raise MeasureError(
                f"part {part + 1} of {len(self._orders)} {told['ended']}",
                where=member.name,
                hint=str(told["output"]).strip().replace("\n", "\n  ") or "it printed no output",
            )

    def _lose(self, part: int, member: Member, future: Future | None) -> None:
        self._losses[part] += 1
        if self._losses[part] > _MOST_LOSSES:
            raise MeasureError(
                f"part {part + 1} was lost {self._losses[part]} times, each time with its worker",
                hint="one of its benchmarks may kill the worker: look for one that uses all memory",
            )
        if future is not None:
            future.cancel()
        self._waiting.append(part)  # last: one that ends every worker keeps none from the others
        self._on_progress(Noted(message=f"{member.name} was lost. Part {part + 1} is measured again by another worker"))

    def _cancel(self) -> None:
        """Have what is still measured ended, and wait until it has."""
        if not self._running:
            return
        late = deadline(_ENDING)
        for future in self._running:
            future.cancel(force=True)
        while self._crew.team.is_measuring() and not late():
            time.sleep(_LOOK)


def _is_loss(future: Future) -> bool:
    from distributed import KilledWorker  # noqa: PLC0415  an extra, loaded by now

    return isinstance(future.exception(), KilledWorker)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
