"""What a pipeline is made of: a named piece of work, what it needs first, and how long and how often it may try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from hivemind.swarm.checks import check_count, check_kind, check_name, check_number, check_seconds
from hivemind.swarm.errors import PipelineError, StageError
from hivemind.swarm.timeouts import AdaptiveTimeout

T = TypeVar("T")


class StageContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage is given: its name, the run's `data`, the results of the stages it comes after, and the attempt."""

    stage: str
    data: object
    results: Mapping[str, object]
    attempt: int = 1

    def result(self, stage: str, kind: type[T]) -> T:
        """Return the result of a stage that this one comes after; raises StageError unless it is a `kind`."""
        if stage not in self.results:
            raise StageError(
                f"stage {self.stage!a} asks for the result of {stage!a}, which it does not come after; "
                f"name it under after (now: {', '.join(map(ascii, self.results)) or 'nothing'})",
                stage=self.stage,
            )
        return self._checked(self.results[stage], kind, f"the result of {stage!a}")

    def given(self, kind: type[T]) -> T:
        """Return the run's data; raises StageError unless it is a `kind`."""
        return self._checked(self.data, kind, "the run's data")

    def _checked(self, value: object, kind: type[T], what: str) -> T:
        if isinstance(value, kind):
            return value
        raise StageError(
            f"stage {self.stage!a} needs {what} to be {kind.__name__}, but it is {type(value).__name__}",
            stage=self.stage,
        )


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often a stage is tried and how long it waits in between.

    The wait before attempt n + 1 is `delay * factor ** (n - 1)` seconds, at most `longest`. Time-outs and
    exceptions that are a `on` are tried again; others fail at once. A waiting stage holds no permit.
    """

    attempts: int = 1
    delay: float = 0.1
    factor: float = 2.0
    longest: float = 60.0
    on: tuple[type[Exception], ...] = (Exception,)

    def __post_init__(self) -> None:
        """Refuse what could never end or run backwards."""
        check_count(self.attempts, where="Retry.attempts")
        check_number(self.delay, least=0, where="Retry.delay")
        check_number(self.factor, least=1, where="Retry.factor")
        check_number(self.longest, least=0, where="Retry.longest")
        check_kind(self.on, tuple, where="Retry.on", allowed="a tuple of exception types")
        for kind in self.on:
            check_kind(kind, type, where="an item of Retry.on", allowed="an exception type")

    def wait(self, attempt: int) -> float:
        """Return the seconds between attempt `attempt`, counted from 1, and the next."""
        try:
            return min(self.delay * self.factor ** (attempt - 1), self.longest)
        except OverflowError:
            return self.longest

    def again(self, attempt: int, error: BaseException) -> bool:
        """Tell whether `error` in attempt `attempt` is worth another."""
        return attempt < self.attempts and isinstance(error, (*self.on, TimeoutError))


ONCE = Retry()


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A named piece of work.

    `run` is a coroutine function, or a plain function that is quick; hand one that computes or blocks to
    `on_executor`. `after` names the stages whose results it needs; they are done when it starts. `timeout` bounds
    one attempt, in seconds; a plain function cannot be interrupted and so has none.
    """

    name: str
    run: Callable[[StageContext], Awaitable[object] | object]
    after: tuple[str, ...] = ()
    timeout: float | AdaptiveTimeout | None = None
    retry: Retry = ONCE

    def __post_init__(self) -> None:
        """Refuse what no pipeline could run."""
        check_name(self.name)
        where = f"stage {self.name!a}: "
        if not callable(self.run):
            raise PipelineError(f"{where}run is {self.run!a}; give a function of the StageContext")
        check_kind(self.after, tuple, where=f"{where}after", allowed="a tuple of stage names")
        for needed in self.after:
            check_kind(needed, str, where=f"{where}an item of after", allowed="the name of a stage")
        check_kind(self.retry, Retry, where=f"{where}retry", allowed="a Retry")
        if self.timeout is not None and not isinstance(self.timeout, AdaptiveTimeout):
            check_seconds(self.timeout, where=f"{where}timeout")
