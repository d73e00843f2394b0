"""Complexity: the exponent of the time of a call over the size of its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from hivegate.instruments.base import Definition, Instrument, Mode
from hivegate.instruments.time import P50, TIMER
from hivegate.model.estimate import NoEstimate, SizeValues
from hivegate.model.metric import Dimension, Metric
from hivegate.model.reason import ReasonCode
from hivegate.model.target_estimate import TargetEstimate
from hivegate.stats.complexity import estimate_complexity, exponents_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hivegate.instruments.readings import RunReadings
    from hivegate.model.run import Benchmark
    from hivegate.model.targets import Target

COMPLEXITY = Metric(name="complexity", dimension=Dimension.NUMBER, readings="sizes")


class Sizes(Instrument):
    """The times of one benchmark at several sizes of its input."""

    name = "sizes"
    mode = Mode.TIME
    groups = True
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(
            metric=COMPLEXITY,
            meaning="exponent of `p50` over `size`; three sizes or more",
            divisible=True,
            alone="cannot be used with complexity, which is an exponent",
            kept=True,
        ),
    )

    def estimates(self, target: Target, named: Sequence[Benchmark], readings: RunReadings) -> Iterable[TargetEstimate]:
        """Fit one exponent for each function among the benchmarks; none where a selection left a size out."""
        if readings.left_out(target.benchmark):
            return
        groups: dict[str, list[Benchmark]] = {}
        for benchmark in named:
            groups.setdefault(benchmark.id.partition("[")[0], []).append(benchmark)
        parameters = target.benchmark.partition("[")[2] or "*]"
        for name, members in groups.items():
            yield _fitted(target, f"{name}[{parameters}", members, readings)


def _fitted(target: Target, name: str, members: Sequence[Benchmark], readings: RunReadings) -> TargetEstimate:
    covers = tuple(member.id for member in members)
    node_id = max(members, key=lambda member: member.size or 0.0).node_id
    by_pass = _by_pass(target, members, readings)
    if isinstance(by_pass, NoEstimate):
        return TargetEstimate(target=target, benchmark=name, found=by_pass, covers=covers, node_id=node_id)
    passes, sizes = list(by_pass.values()), frozenset(member.size for member in members if member.size is not None)
    found = estimate_complexity(
        passes, sizes, confidence=readings.confidence(len(passes)), assumed_spread=readings.assumed_spread
    )
    return TargetEstimate(
        target=target,
        benchmark=name,
        found=found,
        covers=covers,
        node_id=node_id,
        values=() if isinstance(found, NoEstimate) else tuple(exponents_of(passes, sizes)),
        sizes=tuple(
            SizeValues(size=size, values=tuple(values[size] for values in passes if size in values))
            for size in sorted(sizes)
        ),
    )


def _by_pass(
    target: Target, members: Sequence[Benchmark], readings: RunReadings
) -> dict[int, dict[float, float]] | NoEstimate:
    """Look up the p50 of every size, by pass; the benchmarks of a complexity must each have their own size."""
    by_pass: dict[int, dict[float, float]] = {}
    by_size: dict[float, str] = {}
    for member in sorted(members, key=lambda member: member.id):
        size = member.size
        if size is None:
            return NoEstimate(
                code=ReasonCode.UNUSABLE_SIZES,
                reason=f"{member.id} declares no size",
                hint='Set benchmark.extra_info["size"], or parametrize it by one number.',
            )
        if size in by_size:
            return NoEstimate(
                code=ReasonCode.UNUSABLE_SIZES,
                reason=f"{by_size[size]} and {member.id} have the same size, {size:g}, which mixes two things",
                hint="Select one kind in the target, as in name[*-kind].",
            )
        by_size[size] = member.id
        values = readings.values(TIMER, member, P50, per_operation=target.per_operation)
        if isinstance(values, NoEstimate):
            return msgspec.structs.replace(values, reason=f"{member.id}: {values.reason}")
        for index, value in values.items():
            by_pass.setdefault(index, {})[size] = value
    return by_pass
