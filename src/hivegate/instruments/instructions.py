"""Instructions of one call, which valgrind counts: alike on a busy machine, and blind for what is not executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hivegate.instruments.base import Definition, ExactInstrument, Mode
from hivegate.model.estimate import NoEstimate
from hivegate.model.metric import Dimension, Metric
from hivegate.model.reason import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.pairs import InstructionPair
    from hivegate.model.run import Benchmark, InstructionSample

INSTRUCTIONS = Metric(name="instructions", dimension=Dimension.COUNT, readings="instructions")
_MOST_NAMED = 5
_UNSEEN = (
    "instructions are what a benchmark's own process executes: caches, input and output, locks, waiting, other "
    "processes and time in the kernel are not among them"
)


class Instructions(ExactInstrument):
    """What a call executes in its own process."""

    name = "instructions"
    mode = Mode.INSTRUCTIONS
    absent = NoEstimate(
        code=ReasonCode.METRIC_NOT_MEASURED,
        reason="its instructions were not counted",
        missing=True,
        hint="Install valgrind: apt-get install valgrind",
    )
    definitions: ClassVar[tuple[Definition, ...]] = (
        Definition(
            metric=INSTRUCTIONS,
            meaning="of one call, counted by valgrind; what that cannot see, the report says",
            divisible=True,
            kept=True,
        ),
    )

    def value(self, sample: InstructionSample, _metric: Metric, _benchmark: Benchmark) -> float | NoEstimate:
        """Read the count of a process."""
        return sample.instructions or NoEstimate(
            code=ReasonCode.METRIC_NOT_MEASURED, reason="has no counted instructions", missing=True
        )

    def readings_of(self, pair: InstructionPair, side: str, _metric: Metric) -> Sequence[float]:
        """List a side's counts."""
        return pair.base if side == "base" else pair.head

    def remedy(self, _metric: Metric) -> str:
        """Say what counts instructions."""
        return "Install valgrind: apt-get install valgrind"

    def blind_spots(self, waiting: Sequence[str]) -> str:
        """Say what instructions do not tell, and which benchmarks waited for something while they were counted."""
        if not waiting:
            return _UNSEEN
        more = f" and {len(waiting) - _MOST_NAMED} more" if len(waiting) > _MOST_NAMED else ""
        return f"{_UNSEEN}; waited all the same: {', '.join(waiting[:_MOST_NAMED])}{more}"
