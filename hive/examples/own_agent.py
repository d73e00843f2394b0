"""Let an agent of your own vote beside the standard ones."""

from hivemind.packs import HiveConfiguration, Pack
from hivemind.queen import Agent, Brief, Conflict, HiveQueen, Opinion, Role, StandardAgent


class Librarian:
    """Keeps what the library's own pack says, and leaves the rest to others."""

    name, role, weight = "librarian", Role.VALIDATOR, 5.0

    def vote(self, brief: Brief) -> list[Opinion]:
        """Give one opinion for each topic; confidence 0 abstains."""
        opinions = []
        for topic in brief.topics:
            ours = isinstance(topic, Conflict) and "library" in topic.names(brief.packs)
            opinions.append(Opinion(topic.options[0], 1.0 if ours else 0.0, "ours came first"))
        return opinions


packs = (
    Pack(name="library", properties={"title": ("xsd:string",)}),
    Pack(name="museum", properties={"title": ("rdf:langString",)}),
)
team: list[Agent] = [Librarian(), StandardAgent(name="analyzer", role=Role.ANALYZER)]
composition = HiveQueen(agents=team).compose(HiveConfiguration(packs=packs))

(decision,) = composition.decisions
print(f"{decision.topic.subject}: {decision.choice}; " + ", ".join(voter.name for voter in decision.voters))
assert [voter.name for voter in decision.voters] == ["librarian", "analyzer"]
assert decision.choice == decision.topic.options[0]
