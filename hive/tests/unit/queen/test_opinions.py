"""Each role weighs its own evidence."""

from __future__ import annotations

import pytest

from hivemind.queen import Brief, Opinion, Pack, Resolution, Role, StandardAgent, Strategy, find_conflicts

FIRST, SECOND, MERGE, _ = Resolution


def asked(role: Role, *packs: Pack, strategy: Strategy = Strategy.UNION) -> Opinion:
    """Return a role's opinion on the last conflict of packs."""
    brief = Brief(packs=packs, topics=find_conflicts(packs), strategy=strategy)
    return StandardAgent(role, "x").vote(brief)[-1]


def owner(name: str, *others: str, namespace: str = "") -> Pack:
    """Return a pack with the class Person and others."""
    return Pack(name=name, namespace=namespace, classes=frozenset({"Person", *others}))


@pytest.mark.parametrize(
    ("others", "choice"), [((), MERGE), (("A", "B", "C"), MERGE), (("A", "B", "C", "D", "E"), FIRST)]
)
def test_the_analyzer_asks_how_much_the_packs_have_in_common(others: tuple[str, ...], choice: Resolution) -> None:
    """A fifth of the smaller pack's terms is enough to call them related."""
    rivals = [f"{other}2" for other in others]
    assert asked(Role.ANALYZER, owner("a", *others), owner("b", *rivals)).choice is choice


@pytest.mark.parametrize(("first", "second", "choice"), [("^1", "^2", SECOND), ("^2", "^1", FIRST)])
def test_the_version_resolver_wants_the_newer_version(first: str, second: str, choice: Resolution) -> None:
    """Whatever the strategy prefers."""
    packs = (Pack(name="a", version=first), Pack(name="b", requires={"a": second}))
    assert asked(Role.VERSION_RESOLVER, *packs, strategy=Strategy.PRIORITY).choice is choice


def test_the_conflict_detector_asks_whether_namespaces_keep_names_apart() -> None:
    """Without one for each, the first claimant should own the name."""
    apart = owner("a", namespace="urn:a"), owner("b", namespace="urn:b")
    assert asked(Role.CONFLICT_DETECTOR, *apart).choice is MERGE
    assert asked(Role.CONFLICT_DETECTOR, apart[0], owner("b")).choice is FIRST


@pytest.mark.parametrize(
    ("first", "second", "choice"),
    [("xsd:string", "schema:Text", MERGE), ("xsd:string", "a:Name", FIRST), ("a:Name", "b:Name", MERGE)],
)
def test_the_validator_refuses_literals_mixed_with_things(first: str, second: str, choice: Resolution) -> None:
    """Two kinds of literal, or two classes, may be merged."""
    packs = [Pack(name=name, properties={"p": (value,)}) for name, value in (("a", first), ("b", second))]
    assert asked(Role.VALIDATOR, *packs).choice is choice


def test_the_optimizer_prefers_fewer_types_and_the_performance_manager_the_larger_pack() -> None:
    """Two reasons, two outcomes."""
    wide = Pack(name="a", classes=frozenset("ABC"), properties={"p": ("x", "y")})
    narrow = Pack(name="b", properties={"p": ("x",)})
    assert asked(Role.OPTIMIZER, wide, narrow).choice is SECOND
    assert asked(Role.OPTIMIZER, narrow, wide).choice is FIRST
    assert asked(Role.PERFORMANCE_MANAGER, wide, narrow).choice is FIRST
    assert asked(Role.PERFORMANCE_MANAGER, narrow, wide).choice is SECOND
