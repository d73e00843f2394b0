"""Time budgets of stages: a fixed number of seconds, or one that learns from what it observes."""

from __future__ import annotations

import math

from hivemind.swarm.checks import check_number
from hivemind.swarm.errors import PipelineError


class AdaptiveTimeout:
    """Learn a stage's time budget from the durations of its attempts.

    The estimator is that of TCP's retransmission timer (Jacobson and Karels 1988, RFC 6298): a smoothed duration plus
    `deviations` times its smoothed mean deviation. It differs in three ways, each chosen by simulation:

    - It works on logarithms. Durations are heavy-tailed and load multiplies them: a deviation is then a factor, and
      one slow attempt cannot inflate the budget for long.
    - The deviation follows slowly (`spread_gain`), the level faster (`gain`). It is multiplied, and so is its error.
    - A time-out is learned from: as a duration of at least the budget. Otherwise only short durations are seen, and
      twice as many attempts run out of time. From the second in a row on it also doubles the budget, as in RFC 6298
      5.5; the next duration then is the new level.

    At equal mean time to notice a hang it has fewer false time-outs than one fixed time-out where stages differ or load
    drifts; among equal stages under constant load there is nothing to learn, and the best fixed one is better.
    A window with exact quantiles was rejected: at the tail in question it needs hundreds of durations.

    All times are seconds. The budget is `initial` before anything completed and always within `floor` and `ceiling`.
    Time and memory: O(1) an observation.
    """

    __slots__ = (
        "_deviation",
        "_level",
        "_missed",
        "_seen",
        "ceiling",
        "deviations",
        "floor",
        "gain",
        "initial",
        "spread_gain",
    )

    def __init__(
        self,
        initial: float,
        *,
        floor: float = 0.001,
        ceiling: float = 3600.0,
        deviations: float = 4.0,
        gain: float = 1 / 32,
        spread_gain: float = 1 / 256,
    ) -> None:
        if not 0 < floor <= initial <= ceiling < math.inf:
            raise PipelineError(
                f"time-outs must rise from floor to initial to ceiling, all above 0 and finite; "
                f"got floor {floor:g}, initial {initial:g}, ceiling {ceiling:g}"
            )
        if not 0 < deviations < math.inf or not 0 < gain <= 1 or not 0 < spread_gain <= 1:
            raise PipelineError(
                f"deviations must be above 0 and the gains in (0, 1]; got {deviations:g}, {gain:g} and {spread_gain:g}"
            )
        self.initial = initial
        self.floor = floor
        self.ceiling = ceiling
        self.deviations = deviations
        self.gain = gain
        self.spread_gain = spread_gain
        self._seen = 0
        self._missed = 0
        self._level = 0.0
        self._deviation = 0.0

    def __repr__(self) -> str:
        """Show the budget and how much it rests on."""
        return f"<AdaptiveTimeout {self.seconds:g} s after {self._seen} durations>"

    @property
    def observations(self) -> int:
        """Return from how many attempts it has learned."""
        return self._seen

    @property
    def seconds(self) -> float:
        """Return the budget of the next attempt."""
        budget = self._level + self.deviations * self._deviation if self._seen else math.log(self.initial)
        # The exponent is bounded, so that nothing overflows; the ceiling cuts it anyway.
        budget = math.exp(min(budget + self._backed_off() * math.log(2), 700.0))
        return min(max(budget, self.floor), self.ceiling)

    def completed(self, duration: float) -> None:
        """Learn that an attempt completed after `duration` seconds; raises PipelineError for NaN and the like.

        One of these would stay in the budget for ever.
        """
        check_number(duration, least=0, where="a duration")
        # Clocks tick: a duration of zero is one below the clock's resolution.
        logarithm = math.log(max(duration, 1e-9))
        if self._seen and self._backed_off():
            self._level = logarithm
        else:
            self._learn(logarithm)
        self._missed = 0

    def expired(self) -> None:
        """Learn that an attempt ran out of its budget."""
        budget = self.seconds
        if self._seen:
            self._learn(math.log(budget))
        if budget < self.ceiling:
            self._missed += 1

    def _backed_off(self) -> int:
        return max(self._missed - 1, 0)

    def _learn(self, logarithm: float) -> None:
        self._seen += 1
        if self._seen == 1:
            # RFC 6298 2.2 starts with half the first duration as deviation: in logarithms, a factor of two.
            self._level, self._deviation = logarithm, math.log(2)
            return
        # Plain means first, so that the first duration does not linger; then the exponential ones.
        error = logarithm - self._level
        self._deviation += max(self.spread_gain, 1 / self._seen) * (abs(error) - self._deviation)
        self._level += max(self.gain, 1 / self._seen) * error
