"""Packs and configurations refuse what cannot be composed."""

from __future__ import annotations

from typing import Any

import pytest

from hivemind.queen import ConstraintError, HiveConfiguration, Pack, PackError, Resolution, Strategy

A = Pack(name="a")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"name": ""}, "pack name is empty"),
        ({"name": "a\x1b[31m"}, r"'a\\x1b\[31m' holds '\\x1b' at position 1"),
        ({"name": "a", "classes": frozenset({"Per\nson"})}, r"pack 'a': class 'Per\\nson'"),
        ({"name": "a", "classes": frozenset({"Per\u202eson"})}, r"\\u202e"),
        *(
            ({"name": "a", "classes": frozenset({f"Per{letter}son"})}, "position 3, which does not show; remove it")
            for letter in "\u2003\u3000\xad\u2060\u061c\U000e0041\u115f\u2800\ufe0f"
        ),
        ({"name": "a", "properties": {"cafe\u0301": ()}}, r"normal form C; write 'caf\\xe9'"),
        ({"name": "a", "license": "\u061cMIT"}, r"licence '\\u061cMIT' holds the control character"),
        ({"name": "a", "properties": {"x" * 600: ()}}, "has 600 characters; at most 512"),
        ({"name": "a", "properties": {"p": ("a b",)}}, "value type of property p"),
        ({"name": "a", "namespace": "urn:\x00"}, "namespace"),
        ({"name": "a", "source": "here\x07"}, "source"),
        ({"name": "a", "requires": {"a": "^1"}}, "requires itself"),
    ],
)
def test_a_pack_refuses_names_that_could_not_be_shown(content: dict[str, Any], told: str) -> None:
    """The error names the pack and shows the name escaped."""
    with pytest.raises(PackError, match=told) as raised:
        Pack(**content)
    assert raised.value.args[0].isprintable()


@pytest.mark.parametrize("content", [{"version": "soon"}, {"version": ">2,<1"}, {"requires": {"b": "^^"}}])
def test_a_pack_refuses_constraints_that_nothing_satisfies(content: dict[str, Any]) -> None:
    """The error names the pack."""
    with pytest.raises(ConstraintError, match="pack 'shop'"):
        Pack(name="shop", **content)


def test_value_types_are_a_set() -> None:
    """Order and repetition of value types make no difference."""
    first = Pack(name="a", properties={"p": ("x", "y", "x")})
    assert first == Pack(name="a", properties={"p": ("y", "x")})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"packs": ()}, "names no pack"),
        ({"packs": (A,), "quorum": 0}, "quorum is 0"),
        ({"packs": (A,), "quorum": 1.5}, "quorum is 1.5"),
        ({"packs": (A,), "quorum": float("nan")}, "quorum is nan"),
        ({"packs": (A,), "rules": {"a": Resolution.MERGE}}, "rules need the strategy custom"),
        (
            {"packs": (A,), "rules": {"b": Resolution.MERGE}, "strategy": Strategy.CUSTOM},
            "names the pack 'b'; the packs are a",
        ),
    ],
)
def test_a_configuration_refuses_what_cannot_be_composed(content: dict[str, Any], told: str) -> None:
    """Empty, impossible and contradicting settings are told apart."""
    with pytest.raises(PackError, match=told):
        HiveConfiguration(**content)


def test_priority_orders_packs_and_keeps_the_order_of_equals() -> None:
    """Only the strategy priority moves packs."""
    packs = (Pack(name="a"), Pack(name="b", priority=2), Pack(name="c"), Pack(name="d", priority=2))
    ordered = HiveConfiguration(packs=packs, strategy=Strategy.PRIORITY).ordered()
    assert [pack.name for pack in ordered] == ["b", "d", "a", "c"]
    assert HiveConfiguration(packs=packs).ordered() == packs
