"""The queen, end to end."""

from __future__ import annotations

import msgspec

from hivemind.queen import ConflictKind, HiveConfiguration, HiveQueen, Pack, render_lock

PEOPLE = Pack(
    name="people", version="^1.0", classes=frozenset({"Person", "Group"}), properties={"name": ("xsd:string",)}
)
STAFF = Pack(
    name="staff", version="2.1", classes=frozenset({"Person"}), properties={"name": ("people:Name",), "role": ()}
)


def test_packs_become_conflicts_votes_and_a_lock_file() -> None:
    """Two packs that share a class and differ on a property are voted on, composed and locked."""
    composition = HiveQueen().compose(HiveConfiguration(packs=(PEOPLE, STAFF)))

    assert [decision.topic.kind for decision in composition.decisions] == [
        ConflictKind.CLASS_COLLISION,
        ConflictKind.PROPERTY_TYPE_MISMATCH,
    ]
    assert all(len(decision.votes()) == 4 for decision in composition.decisions)
    lock = msgspec.json.decode(render_lock(composition))
    assert lock["classes"] == {"Group": ["people"], "Person": ["people", "staff"]}
    assert lock["properties"]["name"] == {"owners": ["people"], "types": ["xsd:string"]}
    assert [pack["version"] for pack in lock["packs"]] == [">=1.0,<2.0", "2.1"]
