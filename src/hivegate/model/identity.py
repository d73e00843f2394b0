"""Benchmark ids and the selectors that match them."""

import functools
import re

from hivegate.errors import UsageError


def benchmark_id(node_id: str, roots: tuple[str, ...] = ()) -> str:
    """Name a benchmark by its pytest node id: ``[folder/]suite/[Class.]name[params]``.

    The suite is the file's stem without ``bench_`` or ``test_``, the name is the function's without the same; the
    folder is relative to the first of `roots` (posix paths) that holds the file. Only the node id is looked at, so
    a result file and a run of the same suite agree.
    """
    bracket = node_id.find("[")
    head, parameters = (node_id, "") if bracket < 0 else (node_id[:bracket], node_id[bracket:])
    path, *names = head.replace("\\", "/").split("::")
    folder, _, file = _below_roots(path, roots).rpartition("/")
    suite = _without_prefix(file.removesuffix(".py")).removesuffix("_test")
    if not names:
        return f"{folder}/{suite}{parameters}" if folder else f"{suite}{parameters}"
    name = ".".join([*names[:-1], _without_prefix(names[-1])])
    return "/".join(part for part in (folder, suite, f"{name}{parameters}") if part)


def matches(selector: str, benchmark: str) -> bool:
    """Tell whether a selector names a benchmark; ``*`` and ``?`` are wild, brackets are themselves."""
    return _pattern(selector).fullmatch(benchmark) is not None


def select(selectors: tuple[str, ...], benchmarks: list[str]) -> list[str]:
    """Keep the benchmarks that any selector matches, in their order.

    Raises `UsageError` for a selector that matches nothing: a typing error must not shrink what is measured.
    """
    for selector in selectors:
        if not any(matches(selector, benchmark) for benchmark in benchmarks):
            near = closest(selector, benchmarks)
            hint = f"did you mean {near}?" if near else "see the ids with: hivegate run --collect-only"
            raise UsageError(f"the selector {selector!r} matches none of {len(benchmarks)} benchmarks", hint=hint)
    return [one for one in benchmarks if any(matches(selector, one) for selector in selectors)]


def closest(name: str, candidates: list[str]) -> str | None:
    """Find the candidate that a misspelt name most likely meant."""
    import difflib  # noqa: PLC0415  only an error needs it

    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return found[0] if found else None


def rewritten(selector: str, benchmark: str, template: str) -> str:
    """Fill the wild parts of `template`, in order, with what those of `selector` stand for in `benchmark`.

    So ``detection[*]`` relative to ``detection_pairwise[*]`` pairs equal sizes.
    """
    found = _pattern(selector).fullmatch(benchmark)
    stands_for = iter(found.groups() if found else ())
    return re.sub(r"[*?]", lambda wild: next(stands_for, wild[0]), template)


@functools.lru_cache(maxsize=4096)
def _pattern(selector: str) -> re.Pattern[str]:
    wild = {"*": "(.*)", "?": "(.)"}
    return re.compile("".join(wild.get(char) or re.escape(char) for char in selector), re.DOTALL)


def _without_prefix(name: str) -> str:
    for prefix in ("bench_", "test_"):
        if name.startswith(prefix) and name != prefix:
            return name.removeprefix(prefix)
    return name


def _below_roots(path: str, roots: tuple[str, ...]) -> str:
    for root in roots:
        prefix = root.strip("/") + "/"
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path
