"""The workers of a cluster: who they are, that they run what we run, and that each has its own checkouts."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.cluster import remote
from hivegate.cluster.connection import connected, reached
from hivegate.errors import MeasureError
from hivegate.model.run import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hivegate.cluster.connection import Client
    from hivegate.cluster.places import Place
    from hivegate.model.events import ProgressCallback

# Versions that must be the client's: what is measured, and what is said between us.
_ALIKE = ("hivegate", "python", "distributed")
_UNLIKE = "install the same versions on every worker and on the client: pip install 'hivegate[dask]'"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A worker: its address and process, its machine and what kind that is of.

    `offered` is how much of the resource `hivegate` it offers, None where it says nothing of it.
    """

    address: str
    pid: int
    host: str
    machine: str
    environment: Environment
    offered: float | None = None

    @property
    def name(self) -> str:
        """How a reader knows it."""
        return f"{self.address} on {self.host}"


class Team:
    """The workers that measure; those that join later are looked at, and given the checkouts, when they are seen."""

    def __init__(self, client: Client, packed: bytes) -> None:
        self.client = client
        self.name = hashlib.sha256(packed).hexdigest()[:16]
        self._packed = packed
        self._known: dict[str, Member] = {}

    def members(self) -> tuple[Member, ...]:
        """List the workers that are there now and may measure.

        Where any offers the resource ``hivegate``, only those that do. Raises `MeasureError` for one that runs other
        versions than this client, and for a scheduler that is gone.
        """
        with reached(self.client):
            present = set(self.client.nthreads())
            self._known = {address: one for address, one in self._known.items() if address in present}
            fresh = sorted(present - self._known.keys())
            if fresh:
                self._refuse_unlike(fresh)
                self._known |= {one.address: one for one in self._asked(fresh)}
        there = tuple(self._known[address] for address in sorted(self._known))
        offering = tuple(one for one in there if one.offered)
        return offering or there

    def prepare(self, members: Sequence[Member]) -> None:
        """Have workers make their checkouts, where they have none yet."""
        addresses = [one.address for one in members]
        with reached(self.client):
            told = self._run(remote.receive, self.name, self._packed, addresses=addresses)
        for address, fault in told.items():
            if isinstance(fault, str) and fault:
                raise MeasureError(f"cannot check the project out: {fault}", where=address)

    def disband(self) -> None:
        """Have the checkouts removed; what cannot be reached removes them itself, with its own folder."""
        with contextlib.suppress(MeasureError), reached(self.client):
            self._run(remote.forget, self.name, addresses=list(self._known))

    def is_measuring(self) -> bool:
        """Return whether a worker still measures for us."""
        with contextlib.suppress(MeasureError), reached(self.client):
            return any(one is True for one in self._run(remote.measuring, self.name, addresses=[]).values())
        return False

    def _asked(self, addresses: list[str]) -> Iterator[Member]:
        for address, told in self._run(remote.describe, addresses=addresses).items():
            if isinstance(told, dict):
                yield msgspec.convert({"address": address, **told}, Member)
            elif isinstance(told, ImportError | AttributeError):  # else it has left
                raise MeasureError(f"cannot report its versions: {told!r}", where=f"the worker {address}", hint=_UNLIKE)

    def _run(self, function: Any, *given: object, addresses: list[str]) -> dict[str, object]:  # noqa: ANN401  of Dask
        """Call a function on workers (none: all of them); one that has just left answers with an exception."""
        return dict(self.client.run(function, *given, workers=addresses or None, on_error="return"))

    def _refuse_unlike(self, addresses: list[str]) -> None:
        told = self.client.get_versions(packages=["hivegate"])
        here: dict[str, Any] = told["client"]["packages"]
        for address in addresses:
            there: dict[str, Any] = (told["workers"].get(address) or {}).get("packages") or {}  # it may have left
            for package in _ALIKE if there else ():
                if there.get(package) != here[package]:
                    has, ours = _spelled(package, there.get(package)), _spelled(package, here[package])
                    raise MeasureError(
                        f"has {has}, but this client has {ours}",
                        where=f"the worker {address}",
                        hint=_UNLIKE,
                    )


@contextlib.contextmanager
def gather(place: Place, packed: bytes, on_progress: ProgressCallback) -> Iterator[Team]:
    """Connect to a cluster, or start one of processes here, and gather who can measure; it is left as it was found.

    Raises `UsageError` without the extra ``dask``, `MeasureError` for a scheduler that is not there.
    """
    with connected(place, on_progress) as client:
        team = Team(client, packed)
        try:
            yield team
        finally:
            team.disband()


def _spelled(package: str, version: str | None) -> str:
    if version is None:
        return f"no {package}"
    name = "Python" if package == "python" else package
    return f"{name} {version.removesuffix('.final.0') if package == 'python' else version}"
