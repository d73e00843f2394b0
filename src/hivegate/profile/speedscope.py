"""Speedscope's file format: read as py-spy writes it, written trimmed (https://www.speedscope.app/file-format-schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import ProfilerError
from hivegate.profile.flame import Flame, Frame, Sampled, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


class _RawFrame(msgspec.Struct, frozen=True):
    name: str
    file: str | None = None
    line: int | None = None


class _RawProfile(msgspec.Struct, frozen=True):
    name: str
    samples: list[list[int]] = []


class _Shared(msgspec.Struct, frozen=True):
    frames: list[_RawFrame]


class _Document(msgspec.Struct, frozen=True):
    shared: _Shared
    profiles: list[_RawProfile]


def read_speedscope(data: bytes, *, where: str) -> Iterator[Sampled]:
    """Read the samples of all threads; raises `ProfilerError` for what is not such a file."""
    document = decode_json(data, _Document, where=where, error=ProfilerError)
    frames = [Frame(one.name, one.file or "", one.line or 0) for one in document.shared.frames]
    for profile in document.profiles:
        for sample in profile.samples:
            try:
                yield Sampled(tuple(frames[index] for index in sample), profile.name)
            except IndexError as fault:
                raise ProfilerError(f"refers to a frame beyond its {len(frames)} frames", where=where) from fault


def speedscope_text(flame: Flame) -> bytes:
    """Write the trimmed stacks, weighted with the seconds of one call; one profile a root."""
    index: dict[Frame, int] = {}
    profiles = []
    for root in dict.fromkeys(
        stack[0] for stack in sorted(flame.stacks, key=lambda one: one[0].name != flame.benchmark)
    ):
        stacks = sorted((item for item in flame.stacks.items() if item[0][0] == root), key=lambda item: item[0])
        weights = [count * flame.per_sample for _, count in stacks]
        profiles.append(
            {
                "type": "sampled",
                "name": root.name,
                "unit": "seconds",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": [_numbered(stack, index) for stack, _ in stacks],
                "weights": weights,
            }
        )
    frames = [{"name": one.name, **({"file": one.file, "line": one.line} if one.file else {})} for one in index]
    return msgspec.json.encode(
        {
            "$schema": _SCHEMA,
            "exporter": "hivegate",
            "name": flame.benchmark,
            "activeProfileIndex": 0,
            "shared": {"frames": frames},
            "profiles": profiles,
        }
    )


def _numbered(stack: Stack, index: dict[Frame, int]) -> list[int]:
    return [index.setdefault(frame, len(index)) for frame in stack]
