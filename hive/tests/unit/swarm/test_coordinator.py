"""Running pipelines: start, bound, time-outs, retries, skipping, errors."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from hivemind.swarm import (
    AdaptiveTimeout,
    Coordinator,
    Pipeline,
    PipelineError,
    PipelineFailedError,
    Report,
    Retry,
    Stage,
    StageContext,
    StageError,
    StageTimeoutError,
    State,
)
from hivemind.swarm.testing import ManualLoop

Work = Callable[[StageContext], Awaitable[object]]


def lasting(seconds: float, log: list[tuple[float, str]] | None = None) -> Work:
    """Return work that lasts so many seconds and logs when it began."""

    async def run(context: StageContext) -> str:
        if log is not None:
            log.append((asyncio.get_running_loop().time(), context.stage))
        await asyncio.sleep(seconds)
        return context.stage

    return run


async def broken(context: StageContext) -> None:
    """Fail after a second."""
    await asyncio.sleep(1)
    raise ValueError(f"no luck in attempt {context.attempt}")


def run(stages: list[Stage], data: object = None, *, permits: int = 64, loop: ManualLoop | None = None) -> Report:
    """Run stages on a manual loop."""
    return (loop or ManualLoop()).run_until_complete(Coordinator(max_concurrency=permits).run(Pipeline(stages), data))


def failing(stages: list[Stage], loop: ManualLoop | None = None) -> PipelineFailedError:
    """Run stages of which some must fail, and return the error."""
    with pytest.raises(PipelineFailedError) as caught:
        run(stages, loop=loop)
    return caught.value


def test_a_stage_starts_when_its_own_dependencies_are_done() -> None:
    """The quick branch does not wait for the slow one: starts are those of the longest path, not of levels."""
    log: list[tuple[float, str]] = []
    run(
        [
            Stage(name="slow", run=lasting(10, log)),
            Stage(name="quick", run=lasting(1, log)),
            Stage(name="after quick", run=lasting(1, log), after=("quick",)),
            Stage(name="both", run=lasting(1, log), after=("slow", "after quick")),
        ]
    )
    assert log == [(0, "slow"), (0, "quick"), (1, "after quick"), (10, "both")]


def test_a_stage_gets_the_results_of_its_dependencies_the_data_and_nothing_else() -> None:
    """Results are by name; a stage it does not come after is out of reach, and asking for it says so."""

    def join(context: StageContext) -> str:
        assert set(context.results) == {"a", "b"}
        return f"{context.result('a', str)}{context.result('b', str)}{context.given(int)}"

    stages = [Stage(name=name, run=lasting(1)) for name in "abc"]
    report = run([*stages, Stage(name="join", run=join, after=("a", "b"))], 7)
    assert report.result("join", str) == "ab7"
    for ask, message in (
        (lambda context: context.result("c", str), "'nosy' asks for the result of 'c'.*name it under after"),
        (lambda context: context.result("a", int), "needs the result of 'a' to be int, but it is str"),
        (lambda context: context.given(bytes), "needs the run's data to be bytes, but it is NoneType"),
    ):
        error = failing([*stages, Stage(name="nosy", run=ask, after=("a",))])
        assert isinstance(error.__cause__, StageError)
        with pytest.raises(StageError, match=message):
            raise error.__cause__


@pytest.mark.parametrize("permits", [1, 2, 3, 10])
def test_at_most_the_permitted_number_runs_at_once_over_all_runs(permits: int) -> None:
    """The bound holds over two runs of one coordinator, is used to the full, and then is free again."""
    coordinator = Coordinator(max_concurrency=permits)
    seen = []

    async def work(_: StageContext) -> None:
        seen.append(coordinator.running)
        await asyncio.sleep(1)
        seen.append(coordinator.running)

    pipeline = Pipeline([Stage(name=f"{number}", run=work) for number in range(6)])

    async def both() -> None:
        await asyncio.gather(coordinator.run(pipeline), coordinator.run(pipeline))

    loop = ManualLoop()
    loop.run_until_complete(both())
    assert max(seen) == permits == coordinator.max_concurrency
    assert loop.time() == -(-12 // permits)
    assert coordinator.running == 0


def test_a_stage_that_takes_too_long_is_cancelled_and_named() -> None:
    """The error names the stage and its budget; its clean-up ran; what does not need it ran to its end."""
    cleaned = []

    async def hang(_: StageContext) -> None:
        try:
            await asyncio.sleep(1e6)
        finally:
            cleaned.append(asyncio.get_running_loop().time())

    loop = ManualLoop()
    error = failing([Stage(name="hang", run=hang, timeout=2), Stage(name="other", run=lasting(5))], loop)
    assert "'hang' timed out: it took longer than its 2 s" in str(error)
    assert cleaned == [2]
    assert loop.time() == 5
    assert isinstance(error.__cause__, StageTimeoutError)
    assert error.__cause__.stage == "hang"
    assert error.report["hang"].state is State.TIMED_OUT
    assert error.report["other"].state is State.SUCCEEDED


def test_a_stage_that_ignores_its_cancellation_is_late_all_the_same() -> None:
    """Swallowing the cancellation gains no success."""

    async def stubborn(_: StageContext) -> str:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await asyncio.sleep(1)
        return "done"

    error = failing([Stage(name="stubborn", run=stubborn, timeout=2)])
    assert error.report["stubborn"].state is State.TIMED_OUT
    assert error.report["stubborn"].seconds == 3


def test_a_time_out_of_the_stages_own_is_a_failure_and_not_its_budget() -> None:
    """A TimeoutError raised inside is told apart from the time-out around."""

    async def own(_: StageContext) -> None:
        raise TimeoutError("the server was silent")

    error = failing([Stage(name="own", run=own, timeout=2)])
    assert error.report["own"].state is State.FAILED
    assert "TimeoutError: the server was silent" in str(error)


def test_retries_wait_longer_each_time_and_tell_the_attempt() -> None:
    """Three attempts of 1 s with waits of 1 s and 3 s end after 7 s; the last error counts."""
    loop = ManualLoop()
    retry = Retry(attempts=3, delay=1, factor=3)
    error = failing([Stage(name="broken", run=broken, retry=retry)], loop)
    assert loop.time() == 1 + 1 + 1 + 3 + 1
    assert "'broken' failed (attempt 3): ValueError: no luck in attempt 3" in str(error)
    assert error.report["broken"].attempts == 3


def test_a_retry_that_works_counts_and_dependants_go_on() -> None:
    """Success in the second attempt is success."""

    async def flaky(context: StageContext) -> int:
        if context.attempt < 2:
            await asyncio.sleep(9)
        return context.attempt

    report = run(
        [
            Stage(name="flaky", run=flaky, timeout=1, retry=Retry(attempts=2, on=())),
            Stage(name="next", run=lasting(1), after=("flaky",)),
        ]
    )
    assert report.result("flaky", int) == 2
    assert report.succeeded


def test_only_the_named_errors_are_tried_again() -> None:
    """Another error fails at once."""
    error = failing([Stage(name="broken", run=broken, retry=Retry(attempts=3, on=(OSError,)))])
    assert error.report["broken"].attempts == 1


def test_a_waiting_retry_holds_no_permit() -> None:
    """With one permit, another stage runs during the back-off."""
    log: list[tuple[float, str]] = []
    stages = [
        Stage(name="broken", run=broken, retry=Retry(attempts=2, delay=100, longest=100)),
        Stage(name="other", run=lasting(1, log)),
    ]
    with pytest.raises(PipelineFailedError):
        run(stages, permits=1)
    assert log == [(1, "other")]


def test_what_needs_a_failed_stage_is_skipped_with_the_reason_and_the_rest_runs() -> None:
    """Skipping is transitive and names the stage at fault; two faults are both named."""
    error = failing(
        [
            Stage(name="bad", run=broken),
            Stage(name="late", run=lasting(9), timeout=1),
            Stage(name="fine", run=lasting(1)),
            Stage(name="child", run=lasting(1), after=("bad", "fine")),
            Stage(name="grandchild", run=lasting(1), after=("child",)),
            Stage(name="free", run=lasting(1), after=("fine",)),
        ]
    )
    states = {outcome.stage: outcome.state for outcome in error.report.outcomes}
    assert states == {
        "bad": State.FAILED,
        "late": State.TIMED_OUT,
        "fine": State.SUCCEEDED,
        "child": State.SKIPPED,
        "grandchild": State.SKIPPED,
        "free": State.SUCCEEDED,
    }
    assert error.report["grandchild"].reason == "it needs 'bad', which failed"
    assert "2 of 6 stages failed: 'bad' failed: ValueError" in str(error)
    assert "'late' timed out" in str(error)
    assert "2 more did not run" in str(error)
    with pytest.raises(StageError, match="'child' has no result: it skipped: it needs 'bad'"):
        error.report.result("child", str)


def test_a_stage_that_raises_cancelled_error_itself_has_failed() -> None:
    """A cancellation that nobody asked for does not look like one."""

    async def odd(_: StageContext) -> None:
        raise asyncio.CancelledError

    error = failing([Stage(name="odd", run=odd)])
    assert error.report["odd"].state is State.FAILED
    assert "nobody cancelled" in str(error)


def test_a_stage_whose_task_is_cancelled_from_outside_is_cancelled_and_the_error_names_it() -> None:
    """Whoever cancels a stage's task cancels that stage only."""

    async def scenario() -> None:
        running = asyncio.ensure_future(
            Coordinator().run(Pipeline([Stage(name="a", run=lasting(5)), Stage(name="b", run=lasting(9))]))
        )
        await asyncio.sleep(1)
        next(task for task in asyncio.all_tasks() if task.get_name() == "stage a").cancel()
        await running

    loop = ManualLoop()
    with pytest.raises(PipelineFailedError, match="'a' cancelled") as caught:
        loop.run_until_complete(scenario())
    assert caught.value.report["b"].state is State.SUCCEEDED


def test_what_ends_the_program_ends_the_run() -> None:
    """SystemExit in a stage is not kept as its outcome: it goes out, and the rest is cancelled."""

    def leave(_: StageContext) -> None:
        raise SystemExit(3)

    loop = ManualLoop()
    coordinator = Coordinator()
    pipeline = Pipeline([Stage(name="leave", run=leave), Stage(name="other", run=lasting(9))])
    task = loop.create_task(coordinator.run(pipeline))
    with pytest.raises(SystemExit):  # out of the stage
        loop.finish(task)
    with pytest.raises(SystemExit):  # out of the run, once the other stage has ended; asyncio.TaskGroup does the same
        loop.finish(task)
    assert asyncio.all_tasks(loop) == set()
    assert coordinator.running == 0


def test_an_adaptive_time_out_learns_from_the_runs() -> None:
    """The budget falls from the first guess to near what the stage takes, and a hang is then noticed soon."""
    timeout = AdaptiveTimeout(60.0)
    pace = [0.1]

    async def paced(_: StageContext) -> None:
        await asyncio.sleep(pace[0])

    pipeline = Pipeline([Stage(name="paced", run=paced, timeout=timeout)])
    loop = ManualLoop()
    for _ in range(300):
        loop.run_until_complete(Coordinator().run(pipeline))
    assert timeout.observations == 300
    assert 0.1 < timeout.seconds < 0.2
    pace[0] = 1e6
    began = loop.time()
    with pytest.raises(PipelineFailedError, match="'paced' timed out"):
        loop.run_until_complete(Coordinator().run(pipeline))
    assert loop.time() - began < 0.2


def test_a_report_can_be_read_while_the_run_goes_on() -> None:
    """An execution shows the outcomes so far."""
    pipeline = Pipeline([Stage(name="a", run=lasting(1)), Stage(name="b", run=lasting(1), after=("a",))])
    execution = Coordinator().execution(pipeline)
    loop = ManualLoop()
    task = loop.create_task(execution.run())
    loop.advance(1.5)
    assert [outcome.stage for outcome in execution.report().outcomes] == ["a"]
    loop.finish(task)
    assert execution.report() == task.result()


def test_an_execution_runs_once() -> None:
    """A second run would mix two; it is refused."""
    execution = Coordinator().execution(Pipeline([Stage(name="a", run=lasting(1))]))
    loop = ManualLoop()
    loop.run_until_complete(execution.run())
    with pytest.raises(PipelineError, match="was run already"):
        loop.run_until_complete(execution.run())


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "4"])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    """The message says what is allowed."""
    with pytest.raises(PipelineError, match=r"max_concurrency is .* whole number from 1"):
        Coordinator(max_concurrency=limit)


def test_many_failing_roots_cost_as_much_more_as_there_are_more_of_them(
    steps_of: Callable[[Callable[[], object]], int],
) -> None:
    """Four times as many that fail above a chain of as many are four times the work, and so is reading the report."""

    def run_and_read(size: int) -> None:
        roots = [Stage(name=f"root {number}", run=broken) for number in range(size)]
        chain = [
            Stage(name=f"{number}", run=broken, after=(f"root {number}", *([f"{number - 1}"] if number else [])))
            for number in range(size)
        ]
        report = failing([*roots, *chain]).report
        assert all(report[f"{number}"].state is State.SKIPPED for number in range(size))

    few, many = (steps_of(partial(run_and_read, size)) for size in (40, 160))
    assert many < 5 * few


def test_what_ran_on_a_loop_that_was_closed_is_forgotten() -> None:
    """Its stages will never end; their permits are free for the next run, and nothing that waited starts late."""
    coordinator = Coordinator(max_concurrency=1)
    started: list[tuple[float, str]] = []
    loop = ManualLoop()
    task = loop.create_task(coordinator.run(Pipeline([Stage(name=name, run=lasting(9, started)) for name in "ab"])))
    loop.advance(1)
    assert coordinator.running == 1
    loop.close()
    assert run_on(coordinator, [Stage(name="c", run=lasting(1, started))]).succeeded
    assert [stage for _, stage in started] == ["a", "c"]
    assert coordinator.running == 0
    del task


def test_a_second_loop_beside_running_stages_is_refused() -> None:
    """Neither could tell the other that a permit is free; once they ended, any loop may go on."""
    coordinator = Coordinator(max_concurrency=1)
    loop = ManualLoop()
    task = loop.create_task(coordinator.run(Pipeline([Stage(name="a", run=lasting(9))])))
    loop.advance(1)
    with pytest.raises(PipelineError, match="run on another event loop; use one coordinator for each loop"):
        run_on(coordinator, [Stage(name="b", run=lasting(1))])
    loop.finish(task)
    assert run_on(coordinator, [Stage(name="b", run=lasting(1))]).succeeded


def run_on(coordinator: Coordinator, stages: list[Stage]) -> Report:
    """Run stages on a loop of their own."""
    return ManualLoop().run_until_complete(coordinator.run(Pipeline(stages)))


@pytest.mark.parametrize("permits", [1, 5])
def test_a_run_inside_a_stage_of_its_own_coordinator_is_refused(permits: int) -> None:
    """It would wait for the permit that its own stage holds; one between the two changes nothing, another is free."""
    outer, between, other = Coordinator(max_concurrency=permits), Coordinator(), Coordinator()
    leaf = Pipeline([Stage(name="leaf", run=lasting(1))])

    async def nested(_: StageContext) -> object:
        return await outer.run(leaf)

    async def further(_: StageContext) -> object:
        return await between.run(Pipeline([Stage(name="nested", run=nested)]))

    for work in (nested, further):
        with pytest.raises(PipelineFailedError, match="give it another Coordinator"):
            run_on(outer, [Stage(name="outer", run=work)])

    async def beside(_: StageContext) -> Report:
        return await other.run(leaf)

    assert run_on(outer, [Stage(name="outer", run=beside)]).result("outer", Report).succeeded


def test_a_hostile_message_cannot_forge_lines() -> None:
    """Control characters of a stage's error are escaped in ours."""

    def hostile(_: StageContext) -> None:
        raise ValueError("x\n\x1b[2Jall stages succeeded")

    assert "\n" not in str(failing([Stage(name="hostile", run=hostile)]))


def test_it_runs_on_the_event_loops_of_asyncio() -> None:
    """Nothing depends on the manual loop."""
    pipeline = Pipeline(
        [
            Stage(name="a", run=lasting(0.001), timeout=60),
            Stage(name="b", run=lasting(0), after=("a",)),
        ]
    )
    assert asyncio.run(Coordinator().run(pipeline)).result("b", str) == "b"
