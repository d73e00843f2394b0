"""Input of the hive's suites: generated packs with realistic overlap, and the real vocabularies."""

from functools import lru_cache
from itertools import combinations
from pathlib import Path
from random import Random

from hivemind.queen import HiveConfiguration, Pack, Strategy, read_pack

SEED = 20_26
FOLDER = Path(__file__).parent / "vocabularies"
TEN = ("schema", "foaf", "dcterms", "skos", "prov", "org", "vcard", "sioc", "doap", "gr")
VALUE_TYPES = ("xsd:string", "xsd:integer", "xsd:dateTime", "xsd:anyURI", "rdfs:Literal")


def real_packs() -> tuple[Pack, ...]:
    """Return ten real vocabularies."""
    return tuple(read_pack(FOLDER / f"{name}.json") for name in TEN)


@lru_cache
def generated_packs(count: int, seed: int = SEED, reach: int | None = None) -> tuple[Pack, ...]:
    """Return packs of 40 to 80 terms, of which every second pair shares a namespace, a class or a property.

    With a reach only pairs at most that far apart share, so that the overlap of a pack does not grow with their
    number. Of the shared properties a quarter agree on their types. Every fifth pack requires the one before it, every
    second of those in a version that the pack does not have.
    """
    random = Random(seed)  # noqa: S311 -- reproducible input, no secret
    drafts = [_draft(index, random) for index in range(count)]
    near = [
        (first, second) for first, second in combinations(range(count), 2) if reach is None or second - first <= reach
    ]
    for first, second in near[::2]:
        _share(drafts[first], drafts[second], f"{first}_{second}", random)
    return tuple(draft.pack(random) for draft in drafts)


def generated(count: int, strategy: Strategy = Strategy.UNION) -> HiveConfiguration:
    """Return a configuration of generated packs."""
    return HiveConfiguration(packs=generated_packs(count), strategy=strategy)


class _Draft:
    """A pack in the making: the terms that it shares come first, its own fill it up to its size."""

    def __init__(self, index: int, size: int, requires: dict[str, str]) -> None:
        self.name = f"pack{index}"
        self.namespace = f"https://example.org/{index}#"
        self.size = size
        self.requires = requires
        self.classes: set[str] = set()
        self.properties: dict[str, tuple[str, ...]] = {}

    def pack(self, random: Random) -> Pack:
        for number in range(self.size - len(self.classes) - len(self.properties)):
            if number % 3 == 0:
                self.classes.add(f"{self.name.title()}Class{number}")
            else:
                self.properties[f"{self.name}Property{number}"] = (random.choice(VALUE_TYPES),)
        return Pack(
            name=self.name,
            version="^1.0",
            namespace=self.namespace,
            classes=frozenset(self.classes),
            properties=self.properties,
            requires=self.requires,
        )


def _draft(index: int, random: Random) -> _Draft:
    requires = {}
    if index % 5 == 4:
        requires = {f"pack{index - 1}": "^2.0" if index % 10 == 9 else "~1.2"}
    return _Draft(index, random.randint(40, 80), requires)


def _share(first: _Draft, second: _Draft, label: str, random: Random) -> None:
    kind = random.randrange(10)
    if kind == 0 and second.namespace == f"https://example.org/{second.name[4:]}#":
        second.namespace = first.namespace
    elif kind < 6:
        first.classes.add(f"Shared{label}")
        second.classes.add(f"Shared{label}")
    else:
        types = random.sample(VALUE_TYPES, 2)
        first.properties[f"shared{label}"] = (types[0],)
        second.properties[f"shared{label}"] = (
            types[0] if kind == 9 else f"{second.name}:Thing" if kind == 8 else types[1],
        )
