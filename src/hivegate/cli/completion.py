"""Completion in the shell: ids of benchmarks from the latest results, and bash's quotes around them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from hivegate.errors import HivegateError, ResultsError
from hivegate.flows.project import find_project
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    import click

_LARGEST = 32 * MEBIBYTE
_PLAIN = re.compile(r"[\w@%+./-]+", re.ASCII)  # what no shell changes
_SPECIAL = {quote: re.compile(one) for quote, one in {"": "'", "'": "'", '"': r"""["$`\\!]"""}.items()}  # even so


class _Verdict(msgspec.Struct, frozen=True):
    benchmark: str


class _Result(msgspec.Struct, frozen=True):
    """Of a result only what names benchmarks: the rest is not decoded."""

    verdicts: tuple[_Verdict, ...]
    not_selected: tuple[str, ...] = ()


def complete(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Find the benchmarks of the latest results that begin so; none where no result can be read."""
    return [CompletionItem(one) for one in _known(ctx) if one.startswith(incomplete)]


def _known(ctx: click.Context) -> list[str]:
    """Read the ids; one that cannot stand in a line of a terminal is none."""
    found: set[str] = set()
    try:
        start = Path(ctx.find_root().params.get("folder") or "").resolve()
        latest = find_project(start).folder / ".hivegate" / "latest"
    except (HivegateError, OSError):
        return []
    for name in ("bench.json", "compare.json"):
        try:
            data = read_bytes(latest / name, limit=_LARGEST, error=ResultsError)
            result = msgspec.json.decode(data, type=_Result)
        except (HivegateError, msgspec.MsgspecError, RecursionError):
            continue
        found |= {*(one.benchmark for one in result.verdicts), *result.not_selected}
    return sorted(one for one in found if one.isprintable())


class _QuotingBash(BashComplete):
    """Put what bash would read otherwise between quotes, which zsh and fish do themselves.

    Bash takes an answer as it is: a name such as ``$(reboot)`` from a stranger's result would be run. All answers are
    quoted where one must be, for bash writes what they begin with alike; a quote that was typed stays where it is.
    """

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        quote = _typed_quote()
        special = _SPECIAL[quote]
        found = [one for one in super().get_completions(args, incomplete) if not special.search(str(one.value))]
        if not quote and all(_PLAIN.fullmatch(str(one.value)) for one in found if one.type == "plain"):
            return found
        begin, end = ("", quote) if quote else ("'", "'")
        return [
            CompletionItem(f"{begin}{one.value}{end}", type=one.type) if one.type == "plain" else one for one in found
        ]


def _typed_quote() -> str:
    """Tell the quote that the word begins with which is being written, if any."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    number = os.environ.get("COMP_CWORD", "")
    word = words[int(number)] if number.isdecimal() and int(number) < len(words) else ""
    return word[:1] if word[:1] in _SPECIAL else ""


add_completion_class(_QuotingBash)
