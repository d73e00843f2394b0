"""Resolving a pipeline: order, levels, and errors that name the stage at fault."""

from typing import Any

import pytest

from hivemind.swarm import Pipeline, PipelineError, Retry, Stage, StageContext


def work(context: StageContext) -> str:
    """Return the stage's name."""
    return context.stage


def stage(name: str, *after: str) -> Stage:
    """Return a stage that does next to nothing."""
    return Stage(name=name, run=work, after=after)


def test_stages_come_after_what_they_need_and_otherwise_as_given() -> None:
    """Order and levels follow the dependencies, whatever order the stages are given in."""
    pipeline = Pipeline([stage("d", "b", "c"), stage("c", "a"), stage("b", "a"), stage("a"), stage("z")])
    assert pipeline.levels == (("a", "z"), ("c", "b"), ("d",))
    assert [each.name for each in pipeline.stages] == ["a", "z", "c", "b", "d"]
    assert len(pipeline) == 5


def test_a_dependency_named_twice_counts_once() -> None:
    """Naming a stage twice under after is one dependency."""
    assert Pipeline([stage("a"), stage("b", "a", "a")]).waits == (0, 1)


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([], "the pipeline has no stage"),
        ([stage("a"), stage("a")], "two stages are named 'a'"),
        ([stage("build"), stage("test", "biuld")], "'test' comes after 'biuld', .* did you mean 'build'"),
        ([stage("a"), stage("b", "zzz")], "the stages are 'a', 'b'"),
        ([stage("a", "a")], "in a circle: 'a' after 'a'"),
        ([stage("a", "c"), stage("b", "a"), stage("c", "b"), stage("d")], "circle: .*'a' after 'c'"),
        (["a"], "item 1 of the pipeline is 'a'"),
    ],
)
def test_a_pipeline_that_cannot_be_is_refused_by_name(stages: list[Stage], message: str) -> None:
    """Each fault is told with the stage, what was found, and the likely fix."""
    with pytest.raises(PipelineError, match=message):
        Pipeline(stages)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "not blank"),
        ({"name": "a\nb"}, "printable"),
        ({"name": "a\u3000b"}, "holds .* at position 1, which does not show"),
        ({"name": "\u3164"}, "does not show"),
        ({"name": "e\u0301"}, "normal form C; write "),
        ({"name": 3}, "printable"),
        ({"run": "work"}, "'a': run is 'work'"),
        ({"after": "b"}, "'a': after is 'b'; give a tuple"),
        ({"after": (1,)}, "'a': an item of after is 1"),
        ({"timeout": 0}, "'a': timeout is 0"),
        ({"timeout": float("nan")}, "'a': timeout is nan"),
        ({"timeout": True}, "'a': timeout is True"),
        ({"timeout": "1 s"}, "'a': timeout is '1 s'"),
        ({"retry": 3}, "'a': retry is 3; give a Retry"),
    ],
)
def test_a_stage_that_cannot_run_is_refused(fields: dict[str, Any], message: str) -> None:
    """A stage is checked when it is built, and the message says what is allowed."""
    wrong: dict[str, Any] = {"name": "a", "run": work} | fields
    with pytest.raises(PipelineError, match=message):
        Stage(**wrong)


@pytest.mark.parametrize(
    "fields",
    [{"attempts": 0}, {"attempts": 1.5}, {"delay": -1}, {"factor": 0.5}, {"longest": float("inf")}, {"on": (3,)}],
)
def test_a_retry_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    """Each field is checked, and the message names it."""
    with pytest.raises(PipelineError, match=f"Retry.{next(iter(fields))}"):
        Retry(**fields)


def test_waits_grow_by_the_factor_up_to_the_longest() -> None:
    """Back-off is exponential and bounded, also where the power overflows."""
    retry = Retry(attempts=2000, delay=1, factor=2, longest=10)
    assert [retry.wait(attempt) for attempt in (1, 2, 3, 4, 5, 1999)] == [1, 2, 4, 8, 10, 10]
