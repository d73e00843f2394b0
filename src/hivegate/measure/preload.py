"""What the parent of a pair imports before it forks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hivegate.measure.collect import Collection

# Of the interpreter and of ourselves; everything else that a suite imports and that is not the project is shared.
_NEVER = ("__main__", "__mp_main__", "_hivegate_worker", "conftest")


def modules_to_share(collection: Collection, repository: Path) -> tuple[str, ...]:
    """Choose, of the modules that collecting the suite loaded, those that are not the repository's, in their order.

    The repository's own modules differ between the revisions; an environment inside it (.venv) is not its own.
    """
    return tuple(
        name
        for name, file in collection.modules
        if name.partition(".")[0] not in _NEVER and file is not None and not is_own(Path(file), repository)
    )


def is_own(file: Path, repository: Path) -> bool:
    """Tell whether a module's file is the repository's, and not installed into an environment that lies in it."""
    return file.is_relative_to(repository) and "site-packages" not in file.parts
