"""What was measured: which files of the project each side loaded, and why a verdict on it would not be earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


class LoadedFiles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of the project one side loaded, after its benchmarks ran; the suite itself is left out.

    `sources` counts the Python files of its tree, `compiled` maps what was compiled to a digest of its content, and
    `copies` counts the files of an installed copy, which `origin` names.
    """

    sources: int = 0
    compiled: dict[str, str] = {}
    copies: int = 0
    origin: str = ""


def joined_files(sides: Iterable[LoadedFiles]) -> LoadedFiles:
    """Join what several machines loaded of one project: the most files, and whatever was compiled."""
    known = tuple(sides)
    return LoadedFiles(
        sources=max((one.sources for one in known), default=0),
        compiled={name: content for one in known for name, content in one.compiled.items()},
        copies=max((one.copies for one in known), default=0),
        origin=next((one.origin for one in known if one.origin), ""),
    )


class SubjectDoubt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why no benchmark can pass, and what to do about it.

    `spares_slower` where a slowdown is real all the same; `spares_external` where a benchmark that says that it
    measures what is not the project's is not concerned.
    """

    text: str
    hint: str
    spares_slower: bool = False
    spares_external: bool = False
