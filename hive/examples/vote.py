"""Vote on a question of any kind, and see it refused where too few agents know an answer."""

import asyncio

from hivemind.queen import Brief, HiveQueen, Opinion, Role, Topic, UnresolvedError


class Undecided:
    """Abstains."""

    name, role, weight = "undecided", Role.ANALYZER, 1.0

    def vote(self, brief: Brief) -> list[Opinion]:
        """Have no opinion: confidence 0."""
        return [Opinion(topic.options[0], 0.0, "who knows") for topic in brief.topics]


lunch = Topic(question="Where do we eat?", options=("canteen", "market", "bench"), evidence=(3.0, 8.0, 1.0))

(decision,) = asyncio.run(HiveQueen().vote([lunch]))
print(f"{decision.choice}, with {decision.agreement:.0%} of the votes' weight and a turnout of {decision.turnout:.0%}")
assert decision.choice == "market"

try:
    asyncio.run(HiveQueen(agents=[Undecided()]).vote([lunch]))
except UnresolvedError as error:
    print(error)
else:
    raise AssertionError("nobody voted, and yet it was decided")
