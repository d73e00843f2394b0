"""Input of the swarm's suite: pipelines of a fixed shape, artifacts, a vocabulary with changes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import msgspec

from hivemind.queen import read_pack
from hivemind.swarm import (
    AdaptiveTimeout,
    Artifact,
    ArtifactKind,
    Change,
    Report,
    Stage,
    StageContext,
    SwarmPool,
)

SEED = 20_26
WAIT = 0.001
FOLDER = Path(__file__).parent.parent / "vocabularies"

Work = Callable[[StageContext], Awaitable[object]]


async def nothing(_: StageContext) -> None:
    """Do nothing."""


async def turn(_: StageContext) -> None:
    """Let the event loop turn once."""
    await asyncio.sleep(0)


async def wait(_: StageContext) -> None:
    """Wait for a millisecond, as for a quick answer of another machine."""
    await asyncio.sleep(WAIT)


async def hang(_: StageContext) -> None:
    """Wait for what never comes."""
    await asyncio.Event().wait()


def braided(count: int, run: Work, timeout: float | None = None) -> list[Stage]:
    """Return stages of which one starts, one ends, and two at a time stand between: three stages are a chain.

    Each needs all of the layer before. A pipeline of n stages is about n / 2 deep, a modest concurrency.
    """
    layers = [["start"]]
    middle = [f"stage {number}" for number in range(count - 2)]
    layers += [middle[at : at + 2] for at in range(0, len(middle), 2)]
    layers.append(["end"])
    return [
        Stage(name=name, run=run, after=tuple(layers[depth - 1]) if depth else (), timeout=timeout)
        for depth, layer in enumerate(layers)
        for name in layer
    ]


def layered(depth: int, width: int = 4) -> list[Stage]:
    """Return stages in `depth` layers, each stage needing two of the layer before."""
    return [
        Stage(
            name=f"{layer}/{place}",
            run=nothing,
            after=(f"{layer - 1}/{place}", f"{layer - 1}/{(place + 1) % width}") if layer else (),
        )
        for layer in range(depth)
        for place in range(width)
    ]


def independent(count: int, run: Work) -> list[Stage]:
    """Return stages that need nothing."""
    return [Stage(name=f"stage {number}", run=run) for number in range(count)]


def learning(count: int, run: Work) -> list[Stage]:
    """Return braided stages with time-outs that learn."""
    return [msgspec.structs.replace(stage, timeout=AdaptiveTimeout(60.0)) for stage in braided(count, run)]


async def run_pooled(pool: SwarmPool, count: int) -> list[Report]:
    """Borrow that many swarms at once, let each run once, and give them back."""
    swarms = [pool.take() for _ in range(count)]
    try:
        return await asyncio.gather(*(swarm.run() for swarm in swarms))
    finally:
        for swarm in swarms:
            pool.give_back(swarm)


def artifacts(count: int, seed: int = SEED) -> list[Artifact]:
    """Return generated artifacts as the default pipeline makes them: a class's source text and some facts about it."""
    random = Random(seed)  # noqa: S311  the same artifacts every time
    made = []
    for number in range(count):
        fields = [f"    term_{random.randrange(10**6)}: tuple[str, ...] = ()\n" for _ in range(random.randint(3, 12))]
        made.append(
            Artifact(
                name=f"class/Term{number}",
                kind=random.choice(tuple(ArtifactKind)),
                producer="code-generation",
                content=f'@dataclass\nclass Term{number}:\n    """Be a term{"é" * (number % 2)}."""\n\n'
                + "".join(fields),
                attributes={
                    "class": f"Term{number}",
                    "properties": len(fields),
                    "score": random.random(),
                    "reviewed": number % 3 == 0,
                    "parent": None,
                },
            )
        )
    return made


def growth(name: str) -> str:
    """Return two changes to a real vocabulary, and a third that adds the class which Dublin Core names but has not."""
    log = (
        '{"event":"class_added","sequence":1,"name":"HiveDrone"}\n'
        '{"event":"property_added","sequence":2,"name":"hiveSerial","types":["xsd:integer"],"domains":["HiveDrone"]}\n'
    )
    return log + '{"event":"class_added","sequence":3,"name":"Extent"}\n' * (name == "dcterms")


def change() -> Change:
    """Return FOAF and three changes to it."""
    log = (
        '{"event":"class_added","sequence":1,"name":"Robot","parent":"Agent"}\n'
        '{"event":"property_added","sequence":2,"name":"serial","types":["xsd:integer"],"domains":["Robot"]}\n'
        '{"event":"property_changed","sequence":3,"name":"age","types":["xsd:nonNegativeInteger"]}\n'
    )
    return Change(vocabulary=read_pack(FOLDER / "foaf.json"), log=log)
