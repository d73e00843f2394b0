"""Swarms and the pool that reuses them."""

import asyncio

import pytest

from hivemind.swarm import PipelineError, Stage, StageContext, Swarm, SwarmPool
from hivemind.swarm.testing import ManualLoop


async def work(context: StageContext) -> object:
    """Take a second."""
    await asyncio.sleep(1)
    return context.data


def build() -> Swarm:
    """Return a swarm of one stage."""
    return Swarm([Stage(name="a", run=work)])


def test_a_swarm_that_was_given_back_is_lent_again() -> None:
    """Only as many are built as are in use at once."""
    pool = SwarmPool(build)
    with pool.lease() as first, pool.lease() as second:
        assert first is not second
    for _ in range(10):
        with pool.lease() as again:
            assert again in (first, second)
    assert (pool.built, len(pool)) == (2, 2)


def test_a_pooled_swarm_carries_nothing_over_from_one_run_to_the_next() -> None:
    """Data and results are those of the run."""
    pool, loop = SwarmPool(build), ManualLoop()
    for data in ("x", "y"):
        with pool.lease() as swarm:
            assert loop.run_until_complete(swarm.run(data)).result("a", str) == data
    assert pool.built == 1


def test_a_swarm_goes_back_when_the_body_raises() -> None:
    """An exception loses no swarm."""
    pool = SwarmPool(build)
    with pytest.raises(RuntimeError), pool.lease():
        raise RuntimeError
    assert len(pool) == 1


def test_no_more_than_the_allowed_number_is_kept() -> None:
    """What is above it is dropped."""
    pool = SwarmPool(build, keep=1)
    with pool.lease(), pool.lease():
        pass
    assert len(pool) == 1


def test_giving_back_twice_or_too_early_is_refused() -> None:
    """Otherwise two borrowers would share one."""
    pool, loop = SwarmPool(build), ManualLoop()
    swarm = pool.take()
    task = loop.create_task(swarm.run())
    loop.advance(0.5)
    with pytest.raises(PipelineError, match="while its stages run"):
        pool.give_back(swarm)
    loop.finish(task)
    pool.give_back(swarm)
    with pytest.raises(PipelineError, match="twice"):
        pool.give_back(swarm)


def test_a_pool_that_keeps_nothing_is_refused() -> None:
    """It would only cost."""
    with pytest.raises(PipelineError, match="keep is 0"):
        SwarmPool(build, keep=0)
