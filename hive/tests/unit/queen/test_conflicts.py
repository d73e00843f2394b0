"""Each kind of conflict, and what is none."""

from __future__ import annotations

from hivemind.queen import Conflict, ConflictKind, Pack, find_conflicts

VERSION = ConflictKind.VERSION_MISMATCH
NAMESPACE = ConflictKind.NAMESPACE_CONFLICT
CLASS = ConflictKind.CLASS_COLLISION
PROPERTY = ConflictKind.PROPERTY_TYPE_MISMATCH


def test_overlapping_constraints_are_no_conflict() -> None:
    """`^1.0.0` against `~1.0.0` leaves versions that satisfy both."""
    assert find_conflicts([Pack(name="a", version="^1.0.0"), Pack(name="a", version="~1.0.0")]) == ()


def test_a_version_mismatch_names_those_whose_constraints_exclude_each_other() -> None:
    """A requirement counts as a constraint; who agrees with everyone is no claimant."""
    packs = [
        Pack(name="skos", version="^1.0"),
        Pack(name="b", requires={"skos": "*"}),
        Pack(name="c", requires={"skos": "^2.0"}),
    ]
    assert find_conflicts(packs) == (Conflict(VERSION, "skos", (0, 2)),)


def test_unions_without_a_common_version_are_a_mismatch_of_all() -> None:
    """Three unions that overlap two by two still leave no version."""
    packs = [
        Pack(name="a", version="^1 || ^3"),
        Pack(name="b", requires={"a": "^1 || ^2"}),
        Pack(name="c", requires={"a": "^2 || ^3"}),
    ]
    assert find_conflicts(packs) == (Conflict(VERSION, "a", (0, 1, 2)),)


def test_a_namespace_belongs_to_one_pack_and_a_pack_has_one_namespace() -> None:
    """Both ways of sharing are conflicts: two packs in one namespace, one pack in two."""
    packs = [
        Pack(name="a", namespace="urn:x#"),
        Pack(name="b", namespace="urn:x#"),
        Pack(name="c", namespace="urn:y#"),
        Pack(name="c", namespace="urn:z#"),
        Pack(name="d"),
        Pack(name="d", namespace="urn:d#"),
    ]
    assert find_conflicts(packs) == (Conflict(NAMESPACE, "c", (2, 3)), Conflict(NAMESPACE, "urn:x#", (0, 1)))


def test_a_class_of_two_packs_collides_but_not_with_itself() -> None:
    """Parts of one pack may declare the same class."""
    packs = [Pack(name=name, classes=frozenset({"Person", name})) for name in ("a", "b", "a")]
    assert find_conflicts(packs) == (Conflict(CLASS, "Person", (0, 1, 2)),)
    assert find_conflicts([packs[0], packs[2]]) == ()


def test_a_property_with_unlike_types_mismatches_and_unknown_types_agree() -> None:
    """A pack that does not know the types of a property makes no claim."""
    packs = [
        Pack(name="a", properties={"name": ("x",), "same": ("x", "y"), "open": ()}),
        Pack(name="b", properties={"name": (), "same": ("y", "x"), "open": ("x",)}),
        Pack(name="c", properties={"name": ("x", "y")}),
    ]
    assert find_conflicts(packs) == (Conflict(PROPERTY, "name", (0, 2)),)


def test_conflicts_come_ordered_by_kind_and_subject() -> None:
    """The order does not depend on how sets are laid out."""
    terms = frozenset({"Zebra", "Ant", "Mole"})
    packs = [Pack(name=name, namespace="urn:x", classes=terms) for name in "ab"]
    subjects = [(conflict.kind, conflict.subject) for conflict in find_conflicts(packs)]
    assert subjects == [(NAMESPACE, "urn:x"), (CLASS, "Ant"), (CLASS, "Mole"), (CLASS, "Zebra")]
