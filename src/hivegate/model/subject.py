"""What was measured: which files of the project each side loaded, and why a verdict on it would not be earned."""

from __future__ import annotations

import msgspec


class LoadedFiles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of the project one side loaded, after its benchmarks ran; the suite itself is left out.

    `sources` counts the Python files of its tree, `compiled` maps what was compiled to a digest of its content, and
    `copies` counts the files of an installed copy, which `origin` names.
    """

    sources: int = 0
    compiled: dict[str, str] = {}
    copies: int = 0
    origin: str = ""


class SubjectDoubt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why no benchmark can pass, and what to do about it.

    `spares_slower` where a slowdown is real all the same; `spares_external` where a benchmark that says that it
    measures what is not the project's is not concerned.
    """

    text: str
    hint: str
    spares_slower: bool = False
    spares_external: bool = False
