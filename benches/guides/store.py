"""Keep the guides in the project's store, under the keys that the seed names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from guides.measured import GUIDES
from hivegate.flows.history.store import new_store
from hivegate.history import documents
from hivegate.model.document import Draft

if TYPE_CHECKING:
    from hivegate.flows.project import Project
    from hivegate.model.document import Entry

_GUIDES = {"results": "BENCHMARK_RESULTS.md", "optimizations": "OPTIMIZATION_RECOMMENDATIONS.md"}


def store(project: Project) -> tuple[Entry, ...]:
    """Keep both guides as the next versions of their keys."""
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    drafts = [
        Draft(
            key=f"{project.key_prefix}/{name}",
            content=(GUIDES / guide).read_text(encoding="utf-8"),
            media_type="text/markdown",
            created=created,
        )
        for name, guide in _GUIDES.items()
    ]
    return documents.put(new_store(project), drafts)
