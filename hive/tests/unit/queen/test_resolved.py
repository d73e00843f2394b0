"""What becomes of packs as decided: each resolution on each kind of conflict, each strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hivemind.queen import (
    CompositionError,
    Conflict,
    ConflictKind,
    HiveConfiguration,
    HiveQueen,
    Opinion,
    Pack,
    Resolution,
    Resolved,
    Role,
    Strategy,
    UnresolvedError,
)

if TYPE_CHECKING:
    from hivemind.queen.ballot import Brief

FIRST, SECOND, MERGE, EXCLUDE = Resolution

A = Pack(
    name="a", version="^1.0", namespace="urn:a#", classes=frozenset({"Person", "Only"}), properties={"name": ("x",)}
)
B = Pack(name="b", namespace="urn:a#", classes=frozenset({"Person"}), properties={"name": ("y",)})
C = Pack(name="c", classes=frozenset({"Person"}), properties={"name": ()}, requires={"a": "^2.0"})


class Always:
    """An agent of one mind."""

    name = "always"
    role = Role.VALIDATOR
    weight = 1.0

    def __init__(self, choice: Resolution, on_versions: Resolution = FIRST) -> None:
        self._choices = dict.fromkeys(ConflictKind, choice) | {ConflictKind.VERSION_MISMATCH: on_versions}

    def vote(self, brief: Brief) -> list[Opinion]:
        """Choose the same everywhere."""
        return [
            Opinion(self._choices[topic.kind], 1.0, "always") for topic in brief.topics if isinstance(topic, Conflict)
        ]


def composed(
    *packs: Pack, choice: Resolution, on_versions: Resolution = FIRST, strategy: Strategy = Strategy.UNION
) -> Resolved:
    """Return packs composed as one agent wants."""
    queen = HiveQueen(agents=[Always(choice, on_versions)])
    return queen.compose(HiveConfiguration(packs=packs, strategy=strategy)).resolved


@pytest.mark.parametrize(
    ("choice", "owners"), [(FIRST, ("a",)), (SECOND, ("b",)), (MERGE, ("a", "b")), (EXCLUDE, None)]
)
def test_a_class_goes_to_who_was_chosen(choice: Resolution, owners: tuple[str, ...] | None) -> None:
    """What nobody disputes stays."""
    resolved = composed(A, B, choice=choice)
    assert resolved.classes.get("Person") == owners
    assert resolved.classes["Only"] == ("a",)


@pytest.mark.parametrize(("choice", "types"), [(FIRST, ("x",)), (SECOND, ("y",)), (MERGE, ("x", "y")), (EXCLUDE, None)])
def test_a_property_has_the_types_that_were_chosen(choice: Resolution, types: tuple[str, ...] | None) -> None:
    """An excluded property is gone with its owners."""
    resolved = composed(A, B, choice=choice)
    assert resolved.types.get("name") == types
    assert ("name" in resolved.properties) is (types is not None)


@pytest.mark.parametrize(
    ("choice", "namespaces"),
    [(FIRST, [("urn:a#",), ()]), (SECOND, [(), ("urn:a#",)]), (MERGE, [("urn:a#",)] * 2), (EXCLUDE, [(), ()])],
)
def test_a_namespace_stays_with_who_was_chosen(choice: Resolution, namespaces: list[tuple[str, ...]]) -> None:
    """The others have none."""
    assert [pack.namespaces for pack in composed(A, B, choice=choice).packs] == namespaces


@pytest.mark.parametrize(("on_versions", "version"), [(FIRST, ">=1.0,<2.0"), (SECOND, ">=2.0,<3.0")])
def test_the_chosen_constraint_holds(on_versions: Resolution, version: str) -> None:
    """A requirement can overrule the configuration's own constraint."""
    resolved = composed(A, C, choice=MERGE, on_versions=on_versions)
    assert resolved.packs[0].version == version


def test_agreeing_constraints_narrow_each_other() -> None:
    """All of them hold together."""
    assert composed(A, Pack(name="d", requires={"a": "~1.4"}), choice=MERGE).packs[0].version == ">=1.4,<1.5"


def test_merged_versions_cannot_be_carried_out() -> None:
    """The error says who states which version."""
    with pytest.raises(CompositionError, match=r"no version of a .*a states \^1.0, c states \^2.0"):
        composed(A, C, choice=MERGE, on_versions=MERGE)


def test_an_excluded_pack_takes_its_terms_along() -> None:
    """Its claims count for nothing; who requires it cannot stay."""
    parts = (A, Pack(name="a", version="^3.0"), B)
    resolved = composed(*parts, choice=FIRST, on_versions=EXCLUDE)
    assert [pack.name for pack in resolved.packs] == ["b"]
    assert resolved.classes == {"Person": ("b",)}
    assert resolved.types == {"name": ("y",)}
    with pytest.raises(CompositionError, match="pack c requires a, which was excluded"):
        composed(A, C, choice=FIRST, on_versions=EXCLUDE)


def test_a_missing_requirement_is_an_error() -> None:
    """The message says what to add."""
    with pytest.raises(CompositionError, match=r"pack c requires a '\^2.0', which is not in the configuration"):
        composed(C, choice=MERGE)


def test_who_knows_no_types_owns_the_merged_property_too() -> None:
    """An untyped property contributes its owner and no type."""
    resolved = composed(A, B, Pack(name="d", properties={"name": ()}), choice=MERGE)
    assert (resolved.properties["name"], resolved.types["name"]) == (("a", "b", "d"), ("x", "y"))
    agreed = composed(Pack(name="d", properties={"name": ()}), A, choice=MERGE)
    assert (agreed.properties["name"], agreed.types["name"]) == (("d", "a"), ("x",))


def test_intersection_keeps_what_all_packs_share() -> None:
    """Merged types are then the common ones, and a property without any is dropped."""
    packs = (
        Pack(name="a", classes=frozenset({"P", "Q"}), properties={"n": ("x", "y"), "m": ("x",), "o": ("x",)}),
        Pack(name="b", classes=frozenset({"P"}), properties={"n": ("y", "z"), "m": ("y",)}),
    )
    resolved = composed(*packs, choice=MERGE, strategy=Strategy.INTERSECTION)
    assert resolved.classes == {"P": ("a", "b")}
    assert (resolved.properties, resolved.types) == ({"n": ("a", "b")}, {"n": ("y",)})


def test_priority_decides_who_is_first() -> None:
    """The standard team leans towards the pack of higher priority."""
    packs = (A, B, Pack(name="z", priority=9, classes=frozenset({"Person"})))
    resolved = HiveQueen().compose(HiveConfiguration(packs=packs, strategy=Strategy.PRIORITY)).resolved
    assert resolved.classes["Person"] == ("z",)


def test_rules_decide_without_a_vote() -> None:
    """Strategy custom: agents are asked only about what no rule covers."""
    configuration = HiveConfiguration(packs=(A, B, C), strategy=Strategy.CUSTOM, rules={"b": SECOND})
    composition = HiveQueen().compose(configuration)
    ruled = {decision.topic.subject: bool(decision.rule) for decision in composition.decisions}
    assert ruled == {"a": False, "urn:a#": True, "Person": True, "name": True}
    assert composition.resolved.classes["Person"] == ("c",)


def test_changing_one_agents_weight_changes_the_outcome() -> None:
    """Agents really differ: a heavier conflict detector takes the class from the merge."""
    plain = Pack(name="d", classes=frozenset({"Person", "U", "V", "W"}))
    rival = Pack(name="e", classes=frozenset({"Person", "U", "X", "Y"}))
    configuration = HiveConfiguration(packs=(plain, rival))
    assert HiveQueen().compose(configuration).resolved.classes["Person"] == ("d", "e")
    heavier = HiveQueen(weights={Role.CONFLICT_DETECTOR: 4.0})
    assert heavier.compose(configuration).resolved.classes["Person"] == ("d",)


def test_the_version_resolver_can_overrule_priority() -> None:
    """With enough weight the newer constraint wins although the older comes first."""
    configuration = HiveConfiguration(packs=(A, C), strategy=Strategy.PRIORITY)
    assert HiveQueen().compose(configuration).resolved.packs[0].version == ">=1.0,<2.0"
    heavier = HiveQueen(weights={Role.VERSION_RESOLVER: 9.0})
    assert heavier.compose(configuration).resolved.packs[0].version == ">=2.0,<3.0"


def test_below_the_quorum_orchestration_fails_with_packs_and_votes() -> None:
    """The error names every unresolved topic, whose it is, and how each agent voted."""
    configuration = HiveConfiguration(packs=(A, B), quorum=0.95)
    with pytest.raises(UnresolvedError) as raised:
        HiveQueen().compose(configuration)
    assert len(raised.value.topics) == 2
    for told in ("quorum of 95%", "class_collision Person of a, b", "validator merge (1 x 0.6)"):
        assert told in str(raised.value)
