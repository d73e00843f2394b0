"""Names of verdicts within a page, for links that still hold in the next report."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.verdict import Verdict

_LONGEST = 60


def anchors(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Name each verdict by its key: a slug to be read, and a hash that keeps apart what the slug cannot.

    Those that differ in their place in targets.yaml alone are numbered in their order.
    """
    seen: Counter[str] = Counter()
    found = []
    for verdict in verdicts:
        name = _name(verdict)
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return tuple(found)


def _name(verdict: Verdict) -> str:
    key = verdict.key  # without its place: lines of targets.yaml move, and a link is to hold
    parts = (key.kind.value, key.benchmark, key.metric, str(key.per_operation), key.relative_to)
    digest = hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", f"{verdict.benchmark[:200]} {verdict.metric or ''}".lower()).strip("-")
    return f"{slug[:_LONGEST].rstrip('-')}-{digest}" if slug else f"v-{digest}"
