"""Time budgets of stages: a fixed number of seconds, or one that learns from what it observes."""

from __future__ import annotations

import math

from hivegate.hive.swarm.errors import PipelineError


class AdaptiveTimeout:
    """Learn a stage's time budget from the durations of its attempts.

    The estimator is that of TCP's retransmission timer (Jacobson and Karels 1988, RFC 6298): a smoothed duration plus
    `deviations` times its smoothed mean deviation, doubled after every time-out until an attempt completes. It works on
    logarithms, because durations are heavy-tailed and load multiplies them: a deviation is then a factor, and one
    slow attempt cannot inflate the budget for long. A window with exact quantiles was rejected: at the tail
    quantiles in question it needs hundreds of samples and so follows a change of load too late.

    All times are seconds. The budget is `initial` before anything completed and always within `floor` and `ceiling`.
    Time and memory: O(1) an observation.
    """

    __slots__ = ("_backoff", "_deviation", "_location", "_seen", "ceiling", "deviations", "floor", "gain", "initial")

    def __init__(
        self,
        initial: float,
        *,
        floor: float = 0.001,
        ceiling: float = 3600.0,
        deviations: float = 4.0,
        gain: float = 1 / 16,
    ) -> None:
        if not 0 < floor <= initial <= ceiling < math.inf:
            raise PipelineError(
                f"time-outs must rise from floor to initial to ceiling, all above 0 and finite; "
                f"got floor {floor:g}, initial {initial:g}, ceiling {ceiling:g}"
            )
        if not 0 < deviations < math.inf or not 0 < gain <= 1:
            raise PipelineError(f"deviations must be above 0 and gain in (0, 1]; got {deviations:g} and {gain:g}")
        self.initial = initial
        self.floor = floor
        self.ceiling = ceiling
        self.deviations = deviations
        self.gain = gain
        self._seen = 0
        self._location = math.log(initial)
        self._deviation = 0.0
        self._backoff = 1.0

    def __repr__(self) -> str:
        """Show the budget and how much it rests on."""
        return f"<AdaptiveTimeout {self.seconds:g} s after {self._seen} durations>"

    @property
    def observations(self) -> int:
        """Return how many attempts have completed."""
        return self._seen

    @property
    def seconds(self) -> float:
        """Return the budget of the next attempt."""
        if not self._seen:
            budget = self.initial
        else:
            # The exponent is bounded, so that no spread overflows; the ceiling cuts it anyway.
            budget = math.exp(min(self._location + self.deviations * self._deviation, 700.0))
        return min(max(budget * self._backoff, self.floor), self.ceiling)

    def completed(self, duration: float) -> None:
        """Learn that an attempt completed after `duration` seconds."""
        # Clocks tick: a duration of zero is one below the clock's resolution.
        logarithm = math.log(max(duration, 1e-9))
        self._seen += 1
        self._backoff = 1.0
        if self._seen == 1:
            # RFC 6298 2.2 starts with half the first duration as deviation: in logarithms, a factor of two.
            self._location, self._deviation = logarithm, math.log(2)
            return
        # A plain mean first, so that the first duration does not linger; then the exponential one.
        gain = max(self.gain, 1 / self._seen)
        error = logarithm - self._location
        self._deviation += gain * (abs(error) - self._deviation)
        self._location += gain * error

    def expired(self) -> None:
        """Learn that an attempt ran out of its budget: the next gets twice as much (RFC 6298 5.5)."""
        if self.seconds < self.ceiling:
            self._backoff *= 2.0
