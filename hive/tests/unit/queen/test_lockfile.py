"""The lock file: sorted, complete, and bound to its input."""

from __future__ import annotations

import json

from hivemind.queen import HiveConfiguration, HiveQueen, Pack, Strategy, render_lock
from hivemind.queen.lockfile import digest

PACKS = tuple(
    Pack(name=name, classes=frozenset(map(chr, range(65, 91))), properties={"p": (f"{name}:T",), "o": ()})
    for name in ("a", "b")
)


def test_terms_are_sorted_and_the_text_ends_with_a_line_end() -> None:
    """A lock file can be compared line by line."""
    text = render_lock(HiveQueen().compose(HiveConfiguration(packs=PACKS)))
    lock = json.loads(text)
    assert text.endswith("}\n")
    for terms in (lock["classes"], lock["properties"]):
        assert list(terms) == sorted(terms)


def test_a_decision_carries_its_votes_or_its_rule() -> None:
    """Nobody needs to ask why."""
    custom = HiveConfiguration(packs=PACKS, strategy=Strategy.CUSTOM, rules={"b": "merge"})  # type: ignore[dict-item]  # equal to the enumeration's member
    ruled = json.loads(render_lock(HiveQueen().compose(custom)))["decisions"]
    voted = json.loads(render_lock(HiveQueen().compose(HiveConfiguration(packs=PACKS))))["decisions"]
    assert {decision["rule"] for decision in ruled} == {"b"}
    assert {vote["agent"] for vote in voted[-1]["votes"]} == {
        "analyzer",
        "version_resolver",
        "conflict_detector",
        "validator",
    }
    assert all(vote["reasoning"] for decision in voted for vote in decision["votes"])


def test_the_digest_is_of_the_content() -> None:
    """Not of the order in which a file lists it; any other change shows."""
    pack = Pack(name="a", properties={"p": ("x", "y"), "q": ()}, classes=frozenset({"A", "B"}))
    again = Pack(name="a", properties={"q": (), "p": ("y", "x")}, classes=frozenset({"B", "A"}))
    assert digest(pack) == digest(again)
    assert digest(pack) != digest(Pack(name="a", properties={"p": ("x",), "q": ()}, classes=pack.classes))
