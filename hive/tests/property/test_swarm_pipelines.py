"""Laws of runs, over random pipelines, orders and moments of cancellation."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hivemind.swarm import Coordinator, Execution, Pipeline, PipelineFailedError, Retry, Stage, StageContext, State
from hivemind.swarm.testing import ManualLoop

PIPELINES = 10_000
MOST = 8


class Plan:
    """A random pipeline, decoded from bytes so that ten thousand of them are drawn and shrunk quickly."""

    def __init__(self, choices: bytes) -> None:
        self._choices = iter(choices)
        self.inside = 0
        self.most_inside = 0
        self.started: list[str] = []
        self.permits = 1 + self.draw(4)
        self.seed = self.draw(256)
        self.cancel_after = self.draw(40) if self.draw(3) == 0 else None
        self.fates: dict[str, int] = {}
        self.stages = [self._stage(number) for number in range(1 + self.draw(MOST))]

    def draw(self, below: int) -> int:
        """Return the next choice."""
        return next(self._choices, 0) % below

    def _stage(self, number: int) -> Stage:
        name = f"s{number}"
        self.fates[name] = self.draw(8)
        mask = self.draw(256) & self.draw(256)
        return Stage(
            name=name,
            run=self.work,
            after=tuple(f"s{each}" for each in range(number) if mask >> each & 1),
            timeout=(None, 2.0, 0.5)[self.draw(3)],
            retry=Retry(attempts=1 + self.draw(3), delay=self.draw(3)),
        )

    async def work(self, context: StageContext) -> str:
        """Do what fate has in store: succeed at once or later, fail at once or later or the first time, swallow."""
        fate = self.fates[context.stage]
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.started.append(context.stage)
        try:
            if fate in (1, 2, 3):
                await asyncio.sleep(fate)
            if fate == 4 or (fate == 5 and context.attempt == 1):
                raise ValueError(context.stage)
            if fate == 6:
                await asyncio.sleep(1)
                raise OSError(context.stage)
            if fate == 7:
                try:
                    await asyncio.sleep(9)
                except asyncio.CancelledError:
                    await asyncio.sleep(1)
            return context.stage
        finally:
            self.inside -= 1


def execute(plan: Plan) -> tuple[Execution, asyncio.Task[object], ManualLoop, Coordinator]:
    """Run a plan to its end or cancel it at its moment, and wait for what follows."""
    loop, coordinator = ManualLoop(plan.seed), Coordinator(max_concurrency=plan.permits)
    execution = coordinator.execution(Pipeline(plan.stages))
    task: asyncio.Task[object] = loop.create_task(execution.run())
    if plan.cancel_after is not None:
        for _ in range(1 + plan.cancel_after):
            if not task.done():
                loop.step()
        task.cancel()
    loop.finish(task)
    return execution, task, loop, coordinator


@settings(max_examples=PIPELINES, deadline=None)
@given(choices=st.binary(max_size=64))
@pytest.mark.slow
def test_every_stage_ends_in_a_valid_state_and_nothing_runs_on(choices: bytes) -> None:
    """Whatever the shape, the order, the faults and the cancellation; and the error names the stages at fault."""
    plan = Plan(choices)
    execution, task, loop, coordinator = execute(plan)
    outcomes = {outcome.stage: outcome for outcome in execution.report().outcomes}

    assert plan.inside == 0
    assert coordinator.running == 0
    assert loop.idle
    assert asyncio.all_tasks(loop) == set()
    assert plan.most_inside <= plan.permits
    assert outcomes.keys() == plan.fates.keys()
    for stage in plan.stages:
        outcome = outcomes[stage.name]
        needed = {outcomes[name].state for name in stage.after}
        assert outcome.attempts == plan.started.count(stage.name) or outcome.state is State.CANCELLED
        assert outcome.attempts <= stage.retry.attempts
        match outcome.state:
            case State.SUCCEEDED:
                assert needed <= {State.SUCCEEDED}
                assert outcome.value == stage.name
            case State.FAILED | State.TIMED_OUT:
                assert needed <= {State.SUCCEEDED}
                assert outcome.error is not None
                # After its last attempt, unless the run was cancelled before the next.
                assert outcome.attempts == stage.retry.attempts or plan.cancel_after is not None
            case State.SKIPPED:
                assert needed & {State.FAILED, State.TIMED_OUT, State.SKIPPED}
                assert outcome.attempts == 0
            case State.CANCELLED:
                assert plan.cancel_after is not None

    if task.cancelled():
        return
    error = task.exception()
    faults = [outcome.stage for outcome in outcomes.values() if outcome.state in (State.FAILED, State.TIMED_OUT)]
    assert isinstance(error, PipelineFailedError) == bool(faults)
    assert all(f"'{name}' " in str(error) for name in faults)


@settings(max_examples=300, deadline=None)
@given(choices=st.binary(max_size=64), seeds=st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)))
def test_with_permits_for_all_the_order_of_the_loop_changes_no_outcome(choices: bytes, seeds: tuple[int, int]) -> None:
    """States, values and attempts depend on the pipeline alone."""
    results = []
    for seed in seeds:
        plan = Plan(choices)
        plan.seed, plan.permits, plan.cancel_after = seed, MOST, None
        # Durations that meet a time-out exactly are a tie, which the order may decide.
        plan.fates = {name: 0 if fate == 2 else fate for name, fate in plan.fates.items()}
        execution, *_ = execute(plan)
        results.append([(each.stage, each.state, each.value, each.attempts) for each in execution.report().outcomes])
    assert results[0] == results[1]
