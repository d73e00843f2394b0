"""Benchmark ids and the selectors that match them."""

import functools
import re

_SEPARATOR = re.compile(r"\\(?!ud[89a-f][0-9a-f]{2})")  # of Windows, and no escape of a byte that nobody can decode
_WILD = re.compile(r"[*?]")
_LONGEST_COMPARED = 200  # characters; longer names have no likely meaning, and comparing them takes long


def benchmark_id(node_id: str, roots: tuple[str, ...] = ()) -> str:
    """Name a benchmark by its pytest node id: ``[folder/]suite/[Class.]name[params]``.

    The suite is the file's stem without ``bench_`` or ``test_``, the name is the function's without the same; the
    folder is relative to the first of `roots` (posix paths) that holds the file. Only the node id is looked at, so
    a result file and a run of the same suite agree.
    """
    path, names, parameters = _split(node_id)
    folder, _, file = _below_roots(_SEPARATOR.sub("/", path), roots).rpartition("/")
    stem = file.removesuffix(".py")
    suite = _without_prefix(stem)
    if suite == stem and stem != "_test":
        suite = stem.removesuffix("_test")
    if not names:
        return f"{folder}/{suite}{parameters}" if folder else f"{suite}{parameters}"
    name = ".".join([*names[:-1], _without_prefix(names[-1])])
    return "/".join(part for part in (folder, suite, f"{name}{parameters}") if part)


def matches(selector: str, benchmark: str) -> bool:
    """Tell whether a selector names a benchmark; ``*`` and ``?`` are wild, brackets are themselves.

    Takes at most the product of the two lengths, whatever the selector.
    """
    if not is_wild(selector):
        return selector == benchmark
    return _pattern(selector).fullmatch(benchmark) is not None


def is_wild(selector: str) -> bool:
    """Tell whether a selector may name more than one benchmark."""
    return "*" in selector or "?" in selector


def wild_parts(selector: str) -> int:
    """Count the wildcards of a selector."""
    return selector.count("*") + selector.count("?")


def closest(name: str, candidates: list[str]) -> str | None:
    """Find the candidate that a misspelt name most likely meant."""
    import difflib  # noqa: PLC0415  only an error needs it

    if len(name) > _LONGEST_COMPARED:
        return None
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return found[0] if found else None


def rewritten(selector: str, benchmark: str, template: str) -> str:
    """Fill the wild parts of `template`, in order, with what those of `selector` stand for in `benchmark`.

    So ``detection[*]`` relative to ``detection_pairwise[*]`` pairs equal sizes. Where a benchmark can be read in
    several ways, each ``*`` but the last stands for as little as it can.
    """
    found = _pattern(selector).fullmatch(benchmark)
    stands_for = iter(found.groups() if found else ())
    return _WILD.sub(lambda wild: next(stands_for, wild[0]), template)


@functools.lru_cache(maxsize=4096)
def _pattern(selector: str) -> re.Pattern[str]:
    """Compile a selector; each wild character is a group.

    What stands between two stars has a fixed length, so its first place is as good as any later one: the atomic
    groups never look for another, and no selector backtracks beyond its last star.
    """
    first, *others = (
        "".join("(.)" if char == "?" else re.escape(char) for char in part) for part in selector.split("*")
    )
    if not others:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>(.*?){part})" for part in others[:-1])
    return re.compile(f"{first}{middle}(.*){others[-1]}", re.DOTALL)


def _split(node_id: str) -> tuple[str, list[str], str]:
    """Split a node id into its path, its names, and its parameters with their brackets, which may hold anything."""
    end = _end_of_path(node_id)
    if end is None:
        head, bracket, rest = node_id.partition("[")
        return head, [], f"{bracket}{rest}"
    names, bracket, rest = node_id[end + 2 :].partition("[")
    return node_id[:end], [name for name in names.split("::") if name != "()"], f"{bracket}{rest}"


def _end_of_path(node_id: str) -> int | None:
    """Find the ``::`` behind the path, in which folders may have brackets; None where a name stands alone."""
    end = node_id.find("::")
    if end < 0 or node_id.count("[", 0, end) == node_id.count("]", 0, end):
        return None if end < 0 else end
    suffix = node_id.find(".py::")  # the first :: stands inside brackets: of the parameters, or of a folder's name
    if suffix < 0:
        return None
    opened, closed = (node_id.find(bracket, suffix) for bracket in "[]")
    inside_parameters = closed >= 0 and (opened < 0 or closed < opened)
    return None if inside_parameters else suffix + len(".py")


def _without_prefix(name: str) -> str:
    for prefix in ("bench_", "test_"):
        if name.startswith(prefix) and name != prefix:
            return name.removeprefix(prefix)
    return name


def _below_roots(path: str, roots: tuple[str, ...]) -> str:
    path = path.removeprefix("./")
    for root in roots:
        folder = root.replace("\\", "/").removeprefix("./").strip("/")
        if folder in {"", "."}:
            return path
        if path.startswith(f"{folder}/"):
            return path.removeprefix(f"{folder}/")
    return path
