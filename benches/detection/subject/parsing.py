"""Reading lines of a log: strings, splits and numbers."""

from .doses import PARSE

_LINE = "2026-11-23T11:54:39 worker-17 INFO fetched size=4096 seconds=0.25 path=/hive/cells/12"


def parse() -> float:
    """Parse so many lines and add their seconds up."""
    total = 0.0
    for _ in range(PARSE):
        total += float(_fields(_LINE)["seconds"])
    return total


def _fields(line: str) -> dict[str, str]:
    when, who, level, what, *rest = line.split()
    found = {"when": when, "who": who.partition("-")[2], "level": level.lower(), "what": what}
    for one in rest:
        name, _, value = one.partition("=")
        found[name] = value
    return found
