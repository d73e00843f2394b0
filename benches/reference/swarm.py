"""Textbook swarms: what a competent engineer writes first. Comparison partners of the suite, oracles of the tests."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from hivemind.swarm import Artifact, ArtifactError, ArtifactKind, Coordinator, Pipeline, Stage, StageContext


def order_of(stages: Sequence[Stage]) -> list[str]:
    """Return stage names in an order in which each comes after what it needs, by repeated passes over what is left."""
    done: list[str] = []
    left = list(stages)
    while left:
        ready = [stage for stage in left if set(stage.after) <= set(done)]
        if not ready:
            raise ValueError(f"circle or missing stage among {[stage.name for stage in left]}")
        done += [stage.name for stage in ready]
        left = [stage for stage in left if stage not in ready]
    return done


async def run_sequentially(stages: Sequence[Stage], data: object = None) -> dict[str, object]:
    """Run resolved stages one after the other and return their results by name."""
    results: dict[str, object] = {}
    for stage in stages:
        needed = {name: results[name] for name in stage.after}
        value = stage.run(StageContext(stage=stage.name, data=data, results=needed))
        results[stage.name] = await value if hasattr(value, "__await__") else value
    return results


async def run_gathered(stages: Sequence[Stage], permits: int) -> list[object]:
    """Run independent stages with `gather` and a semaphore, one task for each from the start."""
    semaphore = asyncio.Semaphore(permits)

    async def bounded(stage: Stage) -> object:
        async with semaphore:
            value = stage.run(StageContext(stage=stage.name, data=None, results={}))
            return await value if hasattr(value, "__await__") else value

    return await asyncio.gather(*map(bounded, stages))


async def run_in_turn(makes: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[object]:
    """Await what each function makes, one after the other."""
    return [await make() for make in makes]


def artifacts_to_json(artifacts: Sequence[Artifact]) -> str:
    """Return artifacts as JSON by way of dictionaries."""
    return json.dumps(
        [
            {
                "name": artifact.name,
                "kind": artifact.kind.value,
                "producer": artifact.producer,
                "content": artifact.content,
                "attributes": artifact.attributes,
            }
            for artifact in artifacts
        ],
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )


def artifacts_from_json(text: str) -> tuple[Artifact, ...]:
    """Return the artifacts in a JSON text by way of dictionaries, checked as they are built."""
    return tuple(_artifact(fields) for fields in json.loads(text))


def _artifact(fields: dict[str, Any]) -> Artifact:
    if fields.keys() - {"name", "kind", "producer", "content", "attributes"}:
        raise ArtifactError(f"unknown fields in {fields!a}")
    for name in ("name", "kind", "producer", "content"):
        if not isinstance(fields[name], str):
            raise ArtifactError(f"{name} is no text")
    for value in fields["attributes"].values():
        if not isinstance(value, str | int | float | bool | None):
            raise ArtifactError(f"{value!a} is no attribute")
    return Artifact(**(fields | {"kind": ArtifactKind(fields["kind"])}))


async def run_unpooled(build: Callable[[], Sequence[Stage]], count: int) -> list[object]:
    """Build that many swarms from nothing, let each run once, and drop them."""
    pipelines = [Pipeline(build()) for _ in range(count)]
    coordinators = [Coordinator() for _ in range(count)]
    return list(await asyncio.gather(*(each.run(made) for each, made in zip(coordinators, pipelines, strict=True))))
