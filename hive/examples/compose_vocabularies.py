"""Compose two vocabularies: find their conflicts, let agents vote on them, write the lock file."""

from hivemind.packs import HiveConfiguration, Pack
from hivemind.queen import HiveQueen, render_lock

people = Pack(name="people", classes=frozenset({"Person"}), properties={"age": ("xsd:integer",)})
shop = Pack(name="shop", classes=frozenset({"Person", "Order"}), properties={"age": ("xsd:string",)})

composition = HiveQueen().compose(HiveConfiguration(packs=(people, shop)))

for decision in composition.decisions:
    print(f"{decision.topic.subject}: {decision.choice}, agreed by {decision.agreement:.0%}")
assert {decision.topic.subject for decision in composition.decisions} == {"Person", "age"}
assert set(composition.resolved.classes) == {"Person", "Order"}
assert '"Order"' in render_lock(composition)
