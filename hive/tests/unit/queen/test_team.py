"""Standard teams and the pool that lends them."""

from __future__ import annotations

import pytest

from hivemind.queen import ALL_ROLES, CORE_ROLES, AgentPool, Role, roles_for, standard_team


def test_larger_configurations_deserve_more_roles() -> None:
    """Optimizer and performance manager join from six packs up."""
    assert roles_for(5) == CORE_ROLES
    assert set(roles_for(6)) - set(CORE_ROLES) == {Role.OPTIMIZER, Role.PERFORMANCE_MANAGER}


def test_agents_of_one_role_are_told_apart() -> None:
    """The second is numbered; weights go by role."""
    team = standard_team((Role.ANALYZER, Role.VALIDATOR, Role.ANALYZER), {Role.ANALYZER: 2.0})
    assert [(voter.name, voter.weight) for voter in team.voters] == [
        ("analyzer", 2.0),
        ("validator", 1.0),
        ("analyzer-2", 2.0),
    ]


def test_a_returned_team_is_lent_again_and_a_lent_one_is_not() -> None:
    """Two borrowers at the same time never share a team."""
    pool = AgentPool()
    with pool.lease(CORE_ROLES) as first, pool.lease(CORE_ROLES) as second:
        assert first is not second
        assert pool.idle == 0
    assert pool.idle == 2 * len(CORE_ROLES)
    with pool.lease(CORE_ROLES) as again, pool.lease(CORE_ROLES) as other_again:
        assert {id(again), id(other_again)} == {id(first), id(second)}
        assert pool.idle == 0
    with pool.lease(ALL_ROLES) as other:
        assert len(other.agents) == len(ALL_ROLES)


def test_a_team_comes_back_after_a_failure() -> None:
    """A borrower that raises loses no agents."""
    pool = AgentPool()
    with pytest.raises(KeyError), pool.lease(CORE_ROLES):
        raise KeyError
    assert pool.idle == len(CORE_ROLES)


def test_the_pool_keeps_no_more_than_its_capacity() -> None:
    """What comes back beyond it is dropped."""
    pool = AgentPool(capacity=1)
    with pool.lease(CORE_ROLES), pool.lease(CORE_ROLES):
        pass
    assert pool.idle == len(CORE_ROLES)


def test_wrong_weights_are_refused_when_the_pool_is_made() -> None:
    """Not when the first team is lent."""
    with pytest.raises(ValueError, match="has the weight -1"):
        AgentPool(weights={Role.VALIDATOR: -1})
